import fc from "fast-check";
import type { Result } from "../../src/core/result.ts";

export function valueOf<T, E>(result: Result<T, E>): T {
  if (result.kind === "ok") return result.value;
  throw new Error(`Expected a value, not ${JSON.stringify(result.error)}.`);
}

export function errorOf<T, E>(result: Result<T, E>): E {
  if (result.kind === "err") return result.error;
  throw new Error(`Expected an error, not ${JSON.stringify(result.value)}.`);
}

/** The lines that one text has and the other has not, in order. */
export function changedLines(before: string, after: string): readonly string[] {
  const old = new Set(before.split("\n"));
  return after.split("\n").filter((line) => !old.has(line));
}

const noise = fc.constantFrom("", " # a remark", "   # weight: 7", " # image: other:1");
const gap = fc.constantFrom("", "\n", "\n# at the margin\n", "\n\n");

/** Layouts of a file: everything that an edit must leave as it is. */
export type Layout = {
  readonly pad: string;
  readonly listPad: string;
  readonly quote: string;
  readonly noise: string;
  readonly gap: string;
  readonly isFlow: boolean;
  readonly isCrlf: boolean;
  readonly hasBom: boolean;
};

export const layouts: fc.Arbitrary<Layout> = fc.record({
  pad: fc.constantFrom("  ", "    ", "   "),
  listPad: fc.constantFrom("", "  ", "    "),
  quote: fc.constantFrom("", "'", '"'),
  noise,
  gap,
  isFlow: fc.boolean(),
  isCrlf: fc.boolean(),
  hasBom: fc.boolean(),
});

export function dressed(text: string, { isCrlf, hasBom }: Layout): string {
  const broken = isCrlf ? text.replaceAll("\n", "\r\n") : text;
  return hasBom ? `\u{FEFF}${broken}` : broken;
}

export function routeText(layout: Layout, total: number, canary: number, foreign: readonly number[]): string {
  const { pad, listPad, quote, noise: remark, gap: space, isFlow } = layout;
  const backend = (service: string, weight: number) =>
    isFlow
      ? [`- { name: ${quote}${service}${quote}, port: 80, weight: ${weight} }${remark}`]
      : [`- name: ${quote}${service}${quote}${remark}`, "  port: 80", `  weight: ${weight}${remark}`];
  const rule = [
    ...backend("checkout-stable", total - canary),
    ...foreign.flatMap((weight, index) => backend(`other-${index}`, weight)),
    ...backend("checkout-canary", canary),
  ];
  const at = `${pad}${pad}${listPad}${listPad}`;
  const refs = rule.map((line) => `${at}${line}`).join("\n");
  const one = (path: string) =>
    `${pad}${listPad}- matches: [{ path: { value: ${path} } }]\n${pad}${listPad}  backendRefs:\n${refs}\n`;
  return dressed(
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute${remark}\nmetadata:\n${pad}name: checkout\n${space}spec:\n${pad}rules:\n${one("/")}${space}${one("/v2")}${pad}${listPad}- backendRefs:\n${at}- name: checkout-stable\n`,
    layout,
  );
}

export function deploymentText(
  layout: Layout,
  { name: own, image, replicas, note }: { name: string; image: string; replicas: number | undefined; note?: string },
): string {
  const { pad, listPad, quote, noise: remark, gap: space, isFlow } = layout;
  const at = `${pad}${pad}${pad}${listPad}`;
  const container = isFlow
    ? [`- { name: checkout, image: ${quote || '"'}${image}${quote || '"'} }${remark}`]
    : [
        "- name: checkout",
        `  image: ${quote}${image}${quote}${remark}`,
        "  args:",
        `  - |`,
        `    first`,
        `      second # ${own === "" ? "" : "content"}`,
        "",
        "    # content as well",
      ];
  const lines = [
    "apiVersion: apps/v1",
    "kind: Deployment",
    "metadata:",
    `${pad}name: ${own}`,
    `${space}spec:`,
    ...(replicas === undefined ? [] : [`${pad}replicas: ${replicas}${remark}`]),
    `${pad}selector: { matchLabels: { arm: ${own} } }`,
    `${pad}template:${remark}`,
    `${pad}${pad}metadata:`,
    ...(note === undefined
      ? []
      : [`${pad}${pad}${pad}annotations:`, `${pad}${pad}${pad}${pad}note: ${quote}${note}${quote}${remark}`]),
    `${pad}${pad}${pad}labels: { arm: ${own} }`,
    `${pad}${pad}spec:${remark}`,
    `${pad}${pad}${pad}containers:`,
    ...container.map((line) => (line === "" ? "" : `${at}${line}`)),
    `${pad}${pad}${pad}# the end of the template`,
    `${pad}minReadySeconds: 5${remark}`,
    "",
  ];
  return dressed(lines.join("\n"), layout);
}
