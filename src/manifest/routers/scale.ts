import { lookCount, lookScalar, pathText, peekText, type YamlPath } from "../../yaml/look.ts";
import { quote, refuse } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";

/** In what the weights of a rule are counted: whole numbers, hundredths, thousandths. */
export type Scale = {
  /** What two arms add up to where they have no sum of their own, in counts. */
  readonly whole: number;
  /** The highest weight of one backend, in counts. */
  readonly most: number;
  /** The count at a path; undefined where nothing is written. Throws Refused. */
  readonly read: (source: Source, tree: Tree, path: YamlPath) => number | undefined;
  /** A count as it is written. */
  readonly print: (count: number) => number | string;
};

const HUNDRED = 100;
const THOUSAND = 1000;
// The Gateway API's own bound, and one of ours for kinds that have none: far below where the proxies' sum of 32 bits ends.
const MOST = 1_000_000;

/** Whole numbers up to the highest that a kind allows. */
export function counts(most: number): Scale {
  return {
    whole: HUNDRED,
    most,
    read: (source, tree, path) => lookCount(source, tree, path, most),
    print: (count) => count,
  };
}

/** Whole numbers, as many kinds have them. */
export const COUNTS: Scale = counts(MOST);

/** Per cent with up to two decimals. */
export const HUNDREDTHS: Scale = {
  whole: HUNDRED * HUNDRED,
  most: HUNDRED * HUNDRED,
  read: (source, tree, path) => {
    const node = lookScalar(source, tree, path);
    if (node === undefined) return undefined;
    const { value, style, source: written } = node;
    const isPlain =
      typeof value === "number" && style === "plain" && /^(?:0|[1-9]\d{0,2})(?:\.\d{1,2})?$/.test(written);
    if (isPlain && value <= HUNDRED) return Math.round(value * HUNDRED);
    return refuse(
      source,
      node,
      quote(written),
      `${pathText(path)} is a number from 0 to 100, with at most two decimals`,
    );
  },
  print: (count) => count / HUNDRED,
};

/** The quantities of Kubernetes, `500m` or `1`: thousandths where one of some paths has them, else whole numbers. */
export function quantities(tree: Tree, paths: readonly YamlPath[]): Scale {
  const isMilli = paths.some((path) => peekText(tree, path)?.endsWith("m"));
  const scale = { most: MOST, read: quantityReader(isMilli ? THOUSAND : 1) };
  return isMilli
    ? { ...scale, whole: THOUSAND, print: (count) => `${count}m` }
    : { ...scale, whole: HUNDRED, print: (count) => count };
}

function quantityReader(unit: number): Scale["read"] {
  return (source, tree, path) => {
    const node = lookScalar(source, tree, path);
    if (node === undefined) return undefined;
    const [, digits, milli] = /^(0|[1-9]\d*)(m?)$/.exec(String(node.value ?? "")) ?? [];
    const count = digits === undefined ? Number.NaN : Number(digits) * (milli === "m" ? 1 : unit);
    if (count <= MOST) return count;
    return refuse(source, node, quote(node.source), `${pathText(path)} is a quantity such as 500m or 1`);
  };
}
