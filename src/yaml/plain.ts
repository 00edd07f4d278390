type Value = string | number | boolean | null;

const NUMBER =
  /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\da-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;

/** What unquoted text means: YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema). */
export function plainValue(source: string): Value {
  const first = source.charCodeAt(0);
  if (first <= 57) return NUMBER.test(source) ? numberOf(source) : source;
  switch (source) {
    case "true":
    case "True":
    case "TRUE":
      return true;
    case "false":
    case "False":
    case "FALSE":
      return false;
    case "null":
    case "Null":
    case "NULL":
    case "~":
      return null;
    default:
      return source;
  }
}

function numberOf(source: string): number {
  if (source.startsWith("0o")) return Number.parseInt(source.slice(2), 8);
  if (source.startsWith("0x")) return Number.parseInt(source.slice(2), 16);
  if (/^[-+]?\d+$/.test(source)) return Number.parseInt(source, 10);
  if (/nan$/i.test(source)) return Number.NaN;
  if (/inf$/i.test(source)) return source.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number.parseFloat(source);
}
