/** What of the schema of a CustomResourceDefinition is held to here: structure, not patterns and formats. */
export type StructuralSchema = {
  readonly type?: string;
  readonly nullable?: boolean;
  readonly properties?: { readonly [key: string]: StructuralSchema };
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly oneOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly allOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
};

type Fields = { readonly [key: string]: unknown };

/** What is wrong with a value, one line each, by path; fields that the schema does not know are wrong, as with strict field validation. */
export function schemaFaults(value: unknown, schema: StructuralSchema, path = ""): readonly string[] {
  if (value === null) return schema.nullable === true ? [] : [`${path}: null`];
  if (!isOfType(value, schema)) return [`${path}: ${JSON.stringify(value)} is no ${schema.type}`];
  return [
    ...(schema.enum?.includes(value) === false ? [`${path}: ${JSON.stringify(value)} is none of its values`] : []),
    ...branchFaults(value, schema, path),
    ...(Array.isArray(value)
      ? itemFaults(value, schema, path)
      : isFields(value)
        ? fieldFaults(value, schema, path)
        : []),
  ];
}

function isOfType(value: unknown, schema: StructuralSchema): boolean {
  if (schema["x-kubernetes-int-or-string"] === true) return Number.isInteger(value) || typeof value === "string";
  switch (schema.type) {
    case undefined:
      return true;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isFields(value);
    default:
      return typeof value === schema.type;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function itemFaults(items: readonly unknown[], schema: StructuralSchema, path: string): readonly string[] {
  const { items: each } = schema;
  return each === undefined ? [] : items.flatMap((item, index) => schemaFaults(item, each, `${path}[${index}]`));
}

function fieldFaults(fields: Fields, schema: StructuralSchema, path: string): readonly string[] {
  const missing = (schema.required ?? []).filter((key) => !(key in fields)).map((key) => `${path}.${key}: missing`);
  const present = Object.entries(fields).flatMap(([key, value]) => {
    const own = schema.properties?.[key] ?? schema.additionalProperties;
    if (typeof own === "object") return schemaFaults(value, own, `${path}.${key}`);
    return own === true || schema["x-kubernetes-preserve-unknown-fields"] === true ? [] : [`${path}.${key}: unknown`];
  });
  return [...missing, ...present];
}

// What stands in a branch only restricts: fields that are unknown to it are judged outside of it.
function branchFaults(value: unknown, { oneOf, anyOf, allOf, not }: StructuralSchema, path: string): readonly string[] {
  const fits = (branch: StructuralSchema) => schemaFaults(value, widened(branch)).length === 0;
  return [
    ...(oneOf !== undefined && oneOf.filter(fits).length !== 1 ? [`${path}: not exactly one of its forms`] : []),
    ...(anyOf !== undefined && !anyOf.some(fits) ? [`${path}: none of its forms`] : []),
    ...(allOf !== undefined && !allOf.every(fits) ? [`${path}: not all of its forms`] : []),
    ...(not !== undefined && fits(not) ? [`${path}: the form that it must not have`] : []),
  ];
}

function widened({ properties, items, ...schema }: StructuralSchema): StructuralSchema {
  const inner = Object.entries(properties ?? {}).map(([key, each]) => [key, widened(each)] as const);
  const own = { ...schema, properties: Object.fromEntries(inner), "x-kubernetes-preserve-unknown-fields": true };
  return items === undefined ? own : { ...own, items: widened(items) };
}
