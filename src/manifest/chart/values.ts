import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Result } from "../../core/result.ts";
import { dataOf, isMapping, type Values } from "../kustomize/value.ts";

/** The values of a file; none of an empty one. */
export function valuesIn(file: TextFile): Result<Values, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const [tree, second] = source.documents;
    if (second !== undefined) refuse(file, second, "a second document", "values are one");
    const data = tree === undefined ? {} : dataOf(source, tree);
    return data === null ? {} : isMapping(data) ? data : refuse(file, 0, "no mapping", "values are one");
  });
}

/** Values of which the last count most: mappings are merged, all else is replaced as a whole. */
export function mergedValues(parts: readonly Values[]): Values {
  return parts.reduce<Values>(over, {});
}

function over(below: Values, above: Values): Values {
  const own = Object.entries(above).map(([key, value]) => {
    const before = Object.hasOwn(below, key) ? below[key] : undefined;
    return [key, isMapping(value) && isMapping(before) ? over(before, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(own) };
}

/** A chart's own values with those that it is given, in which null takes a key of the chart's away. */
export function withDefaults(defaults: Values, given: Values): Values {
  const own = Object.entries(defaults).flatMap(([key, value]) => {
    if (!Object.hasOwn(given, key)) return [[key, value] as const];
    const said = given[key];
    if (said === null || said === undefined) return [];
    return [[key, isMapping(value) && isMapping(said) ? withDefaults(value, said) : said] as const];
  });
  const more = Object.entries(given).filter(([key]) => !Object.hasOwn(defaults, key));
  return Object.fromEntries([...own, ...more]);
}
