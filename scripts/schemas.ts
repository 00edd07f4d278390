import { FORMS } from "../src/adapters/metrics/providers/table.ts";
import { configSchema, gateSchema, jsonText, sharedSchema, stateSchema } from "../src/config/json-schema.ts";
import { templateSchema } from "../src/template/json-schema.ts";
import type { Page } from "./page.ts";

/** The JSON Schemas of the files that people and bots write, for editors. */
export function schemas(): readonly Page[] {
  return [
    { path: "schemas/tidegate.schema.json", text: jsonText(configSchema(FORMS)) },
    { path: "schemas/tidegate-org.schema.json", text: jsonText(sharedSchema(FORMS)) },
    { path: "schemas/state.schema.json", text: jsonText(stateSchema()) },
    { path: "schemas/gate.schema.json", text: jsonText(gateSchema()) },
    { path: "schemas/template.schema.json", text: jsonText(templateSchema()) },
  ];
}
