import type { JsonSchema } from "../../src/config/json-schema.ts";

type Fields = { readonly [key: string]: unknown };
type Check = (value: unknown, schema: JsonSchema, path: string) => readonly string[];

/** What is wrong with a value by a JSON Schema, one line each, by path. Throws on a keyword that is not known here, so that none is left out. */
export function jsonFaults(value: unknown, schema: JsonSchema | boolean, path = ""): readonly string[] {
  if (typeof schema === "boolean") return schema ? [] : [`${path}: not allowed`];
  return Object.keys(schema).flatMap((keyword) => {
    if (SILENT.has(keyword)) return [];
    const check = CHECKS.get(keyword);
    if (check === undefined) throw new Error(`The keyword ${keyword} is not known.`);
    return check(value, schema, path);
  });
}

const SILENT: ReadonlySet<string> = new Set(["$schema", "title", "description", "default", "format"]);

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    "type",
    (value, { type = [] }, path) =>
      says(
        [type].flat().some((one) => isOf(value, one)),
        `${path}: no ${String(type)}`,
      ),
  ],
  ["const", (value, schema, path) => says(value === schema["const"], `${path}: not ${String(schema["const"])}`)],
  [
    "enum",
    (value, { enum: values = [] }, path) =>
      says(
        values.some((one) => one === value),
        `${path}: none of its values`,
      ),
  ],
  ["pattern", text((value, { pattern = "" }) => new RegExp(pattern, "u").test(value))],
  ["minLength", text((value, { minLength = 0 }) => value.length >= minLength)],
  ["maxLength", text((value, { maxLength = 0 }) => value.length <= maxLength)],
  ["minimum", figure((value, { minimum = 0 }) => value >= minimum)],
  ["maximum", figure((value, { maximum = 0 }) => value <= maximum)],
  ["exclusiveMinimum", figure((value, { exclusiveMinimum }) => value > Number(exclusiveMinimum))],
  ["exclusiveMaximum", figure((value, { exclusiveMaximum }) => value < Number(exclusiveMaximum))],
  [
    "minItems",
    (value, { minItems = 0 }, path) => says(!Array.isArray(value) || value.length >= minItems, `${path}: too few`),
  ],
  [
    "maxItems",
    (value, { maxItems = 0 }, path) => says(!Array.isArray(value) || value.length <= maxItems, `${path}: too many`),
  ],
  [
    "minProperties",
    (value, schema, path) => says(sizeOf(value) >= Number(schema["minProperties"]), `${path}: too few keys`),
  ],
  [
    "maxProperties",
    (value, schema, path) => says(sizeOf(value) <= Number(schema["maxProperties"]), `${path}: too many keys`),
  ],
  [
    "required",
    (value, { required = [] }, path) =>
      isFields(value) ? required.filter((key) => !(key in value)).map((key) => `${path}.${key}: missing`) : [],
  ],
  [
    "properties",
    (value, { properties = {} }, path) =>
      isFields(value)
        ? Object.entries(properties).flatMap(([key, part]) =>
            key in value ? jsonFaults(value[key], part, `${path}.${key}`) : [],
          )
        : [],
  ],
  [
    "additionalProperties",
    (value, { properties = {}, additionalProperties = true }, path) =>
      isFields(value)
        ? Object.keys(value)
            .filter((key) => !Object.hasOwn(properties, key))
            .flatMap((key) => jsonFaults(value[key], additionalProperties, `${path}.${key}`))
        : [],
  ],
  [
    "propertyNames",
    (value, { propertyNames = true }, path) =>
      isFields(value) ? Object.keys(value).flatMap((key) => jsonFaults(key, propertyNames, `${path}.${key}`)) : [],
  ],
  [
    "items",
    (value, { items = true }, path) =>
      Array.isArray(value)
        ? value.flatMap((item, index) => {
            const part = Array.isArray(items) ? items[index] : items;
            return part === undefined ? [] : jsonFaults(item, part, `${path}[${index}]`);
          })
        : [],
  ],
  [
    "anyOf",
    (value, { anyOf = [] }, path) =>
      says(
        anyOf.some((part) => jsonFaults(value, part, path).length === 0),
        `${path}: none of its forms`,
      ),
  ],
]);

function says(isRight: boolean, fault: string): readonly string[] {
  return isRight ? [] : [fault];
}

function text(holds: (value: string, schema: JsonSchema) => boolean): Check {
  return (value, schema, path) => says(typeof value !== "string" || holds(value, schema), `${path}: ${String(value)}`);
}

function figure(holds: (value: number, schema: JsonSchema) => boolean): Check {
  return (value, schema, path) => says(typeof value !== "number" || holds(value, schema), `${path}: ${String(value)}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sizeOf(value: unknown): number {
  return isFields(value) ? Object.keys(value).length : 1;
}

function isOf(value: unknown, type: string): boolean {
  if (type === "object") return isFields(value);
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}
