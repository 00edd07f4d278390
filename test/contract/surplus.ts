import type { dereference, Schema } from "@cfworker/json-schema";

type Lookup = ReturnType<typeof dereference>;
type Fields = { readonly [key: string]: unknown };

/** The paths of what a value has and no part of its schema names: GitHub's schemas are open, and what is invented would pass them. */
export function surplus(value: unknown, schema: Schema | boolean, lookup: Lookup, path = "#"): readonly string[] {
  const parts = partsOf(schema, lookup);
  if (Array.isArray(value)) {
    const items = { anyOf: parts.flatMap((part) => (isSchema(part.items) ? [part.items] : [])) };
    return value.flatMap((item, index) => surplus(item, items, lookup, `${path}/${index}`));
  }
  if (!isFields(value) || parts.some(isOpen)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const named = parts.flatMap((part) => part.properties?.[key] ?? []);
    const anyOf = named.filter(isSchema);
    return named.length === 0 ? [`${path}/${key}`] : surplus(item, { anyOf }, lookup, `${path}/${key}`);
  });
}

/** A schema and all that it is made of. */
function partsOf(schema: Schema | boolean, lookup: Lookup): readonly Schema[] {
  if (!isSchema(schema)) return [];
  const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema;
  const referred = $ref === undefined ? [] : [lookup[$ref] ?? false];
  return [schema, ...[...referred, ...allOf, ...anyOf, ...oneOf].flatMap((part) => partsOf(part, lookup))];
}

// one that says only that it is an object, or that says what else may be there
function isOpen(part: Schema): boolean {
  const { type, properties, additionalProperties } = part;
  if (additionalProperties !== undefined) return additionalProperties !== false;
  const isObject = [type].flat().includes("object");
  return Object.keys(part).length === 0 || (isObject && properties === undefined && !isCombined(part));
}

function isCombined({ $ref, allOf, anyOf, oneOf }: Schema): boolean {
  return [$ref, allOf, anyOf, oneOf].some((part) => part !== undefined);
}

function isSchema(value: unknown): value is Schema {
  return isFields(value) && !Array.isArray(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
