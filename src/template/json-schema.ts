import { written, type JsonSchema } from "../config/json-schema.ts";
import { TemplateFile } from "./schema.ts";

/** What editors are told of a `template.yaml`. One that extends another may leave out whatever that one says, so that this asks for little. */
export function templateSchema(): JsonSchema {
  const { properties, ...schema } = written(TemplateFile);
  const { version = true, title = true, summary = true, parameters, objects, ...others } = properties ?? {};
  const extended: JsonSchema = { type: "string", description: "The template that this one is laid over, by its name." };
  return {
    ...schema,
    title: "Template of Tidegate, template.yaml",
    properties: {
      version,
      title,
      summary,
      extends: extended,
      parameters: eachOf(parameters, partly),
      objects: eachOf(objects, (one) => ({ anyOf: [partly(one), { type: "null", description: "Taken away." }] })),
      ...others,
    },
    required: ["version", "title", "summary"],
  };
}

type Part = JsonSchema | boolean | undefined;

function eachOf(part: Part, change: (one: JsonSchema) => JsonSchema): JsonSchema {
  if (typeof part !== "object" || typeof part.additionalProperties !== "object") return {};
  return { ...part, additionalProperties: change(part.additionalProperties) };
}

function partly({ required: _required, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
