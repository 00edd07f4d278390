import { z } from "zod";
import { DATA_PLANES } from "../core/data-planes.ts";
import type { ProviderForm, ProviderForms } from "../core/provider-form.ts";
import { GateFile } from "./gate-file.ts";
import { meaningOf } from "./meanings.ts";
import { Counted } from "./providers.ts";
import { RepoConfig } from "./repo-config.ts";
import { SharedConfig } from "./shared-config.ts";
import { StateFile } from "./state-schema.ts";

/** A JSON Schema, draft 7: the one that editors know best. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;
type Part = JsonSchema | boolean;

/** What editors are told of `.github/tidegate.yml`: its form. What does not go together is for `tidegate config check`. */
export function configSchema(forms: ProviderForms): JsonSchema {
  const schema = written(RepoConfig);
  const properties = { ...schema.properties, metrics: withForms(schema.properties?.["metrics"], forms) };
  // What it extends may say where metrics are read from.
  const required = (schema.required ?? []).filter((key) => key !== "metrics");
  return {
    title: "Configuration of Tidegate, .github/tidegate.yml",
    ...described({ ...schema, properties, required }, ""),
  };
}

/** The form of `.github/tidegate-org.yml`, which several repositories extend. */
export function sharedSchema(forms: ProviderForms): JsonSchema {
  const schema = written(SharedConfig);
  const { metrics, enforced, ...others } = schema.properties ?? {};
  const bounds = typeof enforced === "object" ? enforced : {};
  const held = { ...bounds.properties, metrics: withForms(bounds.properties?.["metrics"], forms) };
  const properties = { ...others, metrics: withForms(metrics, forms), enforced: { ...bounds, properties: held } };
  return {
    title: "What repositories under Tidegate extend, .github/tidegate-org.yml",
    ...described({ ...schema, properties }, ""),
  };
}

/** The form of `.tidegate/services/<service>.yaml`, which the bot writes and people seldom. */
export function stateSchema(): JsonSchema {
  return { title: "State of a service under Tidegate, .tidegate/services/<service>.yaml", ...written(StateFile) };
}

/** The form of a file of windows, as `tidegate gate --windows` reads it. */
export function gateSchema(): JsonSchema {
  return { title: "Windows for tidegate gate --windows", ...written(GateFile) };
}

/** What may be written, by the schema of a file. */
export function written(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    // JSON has no word for what YAML writes as .inf: it is left at being a number.
    override: ({ jsonSchema }) => {
      if (jsonSchema.enum?.some((one) => typeof one === "number" && !Number.isFinite(one))) delete jsonSchema.enum;
    },
  });
}

/** Each entry of `metrics` is one provider: that of Prometheus, or one by a form. */
function withForms(metrics: Part | undefined, forms: ProviderForms): Part {
  if (typeof metrics !== "object" || typeof metrics.additionalProperties !== "object") return true;
  const { properties = {}, ...entry } = metrics.additionalProperties;
  const counted = Object.entries(forms).map(([by, form]) => [by, formSchema(form)] as const);
  const one = { minProperties: 1, maxProperties: 1, additionalProperties: false };
  return {
    ...metrics,
    minProperties: 1,
    additionalProperties: { ...entry, ...one, properties: { ...properties, ...Object.fromEntries(counted) } },
  };
}

function formSchema({ url, secrets, options }: ProviderForm): JsonSchema {
  const { properties = {}, ...schema } = written(Counted);
  const { secrets: named, ...others } = properties;
  const secret = typeof named === "object" ? (named.additionalProperties ?? true) : true;
  const needed = Object.keys(secrets).filter((key) => secrets[key] === "needed");
  const unsaid = Object.keys(options).filter((key) => options[key]?.otherwise === undefined);
  const texts = Object.keys(options).map((key): [string, JsonSchema] => [key, { type: ["string", "number"] }]);
  const names = {
    type: "object" as const,
    properties: Object.fromEntries(Object.keys(secrets).map((key): [string, Part] => [key, secret])),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
  const must = ["counts", ...(url === undefined ? ["url"] : []), ...(needed.length > 0 ? ["secrets"] : []), ...unsaid];
  return {
    ...schema,
    properties: { ...others, secrets: names, ...Object.fromEntries(texts) },
    required: must,
    additionalProperties: false,
  };
}

const PLANE = "metrics.*.prometheus.requests.dataPlane";

/** The schema with what its keys mean, below a path. */
function described(schema: JsonSchema, path: string): JsonSchema {
  const { properties, items, additionalProperties, anyOf } = schema;
  const below = (part: Part, at: string): Part => (typeof part === "object" ? described(part, at) : part);
  const meaning = meaningOf(path);
  return {
    ...schema,
    ...(meaning !== undefined && { description: meaning }),
    ...(path === PLANE && { enum: Object.keys(DATA_PLANES) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, part]) => [key, below(part, path === "" ? key : `${path}.${key}`)]),
      ),
    }),
    ...(items !== undefined && !Array.isArray(items) && { items: below(items, `${path}[]`) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: below(additionalProperties, `${path}.*`) }),
    ...(anyOf && { anyOf: anyOf.map((part) => described(part, path)) }),
  };
}

const WIDTH = 120;

/** A JSON value as text, laid out as the formatter of this repository would. */
export function jsonText(value: unknown): string {
  return `${laidOut(value, 0, 0)}\n`;
}

/** `used`: columns that are taken on its first line, and by what follows it there. */
function laidOut(value: unknown, depth: number, used: number): string {
  const [inner, outer] = ["  ".repeat(depth + 1), "  ".repeat(depth)];
  if (Array.isArray(value)) {
    const flat = `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
    const isShort = used + flat.length <= WIDTH && value.every((one) => typeof one !== "object");
    const lines = value.map((one) => `${inner}${laidOut(one, depth + 1, inner.length + 1)}`);
    return isShort ? flat : `[\n${lines.join(",\n")}\n${outer}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const lines = Object.entries(value).map(([key, one]) => {
    const head = `${inner}${JSON.stringify(key)}: `;
    return `${head}${laidOut(one, depth + 1, head.length + 1)}`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${outer}}`;
}
