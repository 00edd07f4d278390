import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { name } from "../../src/core/names.ts";
import { readWorkload } from "../../src/manifest/deployment.ts";
import { copyTemplate } from "../../src/manifest/pod-template.ts";
import { refusalText } from "../../src/yaml/refusal.ts";
import { deploymentText, errorOf, layouts, type Layout, valueOf } from "./builders.ts";

const GOLDEN = new URL("../golden/deployment-template/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, GOLDEN), "utf8");
const OF = { service: name("checkout"), namespace: name("shop") };
const at = (path: string, text: string, of = OF) => ({ file: { path, text }, of });
const copy = (from: string, to: string, of = OF) =>
  copyTemplate(at("canary.yaml", from, of), at("stable.yaml", to, of));
const digest = (text: string, of = OF) => valueOf(readWorkload({ path: "a.yaml", text }, of)).template;

describe("a pod template copied, as documented shapes are edited", () => {
  it.each(readdirSync(GOLDEN))("%s", (folder) => {
    const of = { ...OF, service: name(/"service": "(.*?)"/.exec(read(`${folder}/edit.json`))?.[1] ?? "") };
    const [from, before, after] = ["from", "before", "after"].map((file) => read(`${folder}/${file}.yaml`));
    const copied = valueOf(copy(from ?? "", before ?? "", of));
    expect(copied).toBe(after);
    expect(digest(copied, of)).toBe(digest(from ?? "", of));
    expect(valueOf(copy(from ?? "", copied, of))).toBe(copied);
  });
});

type Side = { readonly layout: Layout; readonly image: string; readonly replicas: number; readonly note?: string };

const textOf = ({ layout, ...rest }: Side, own: string) => deploymentText(layout, { name: own, ...rest });

describe("a pod template copied", () => {
  const notes = fc.option(fc.constantFrom("one", "two words", "x: y"), { nil: undefined });
  const sides = fc
    .record({ layout: layouts, note: notes, tag: fc.constantFrom("1", "2") })
    .map(({ layout, note, tag }) => ({
      // Without quotes this note would be a mapping.
      layout: { ...layout, quote: layout.quote === "" && note === "x: y" ? '"' : layout.quote },
      ...(note === undefined ? {} : { note }),
      image: `checkout:${tag}`,
      replicas: 3,
    }));

  it("says what the other says, keeps everything else, and does it once", () => {
    fc.assert(
      fc.property(sides, sides, (canary, stable) => {
        const [from, to] = [textOf(canary, "checkout-canary"), textOf(stable, "checkout-stable")];
        const copied = valueOf(copy(from, to));
        expect(digest(copied)).toBe(digest(from));
        expect(restOf(copied)).toEqual(restOf(to));
        expect(valueOf(copy(from, copied))).toBe(copied);
        expect(copied === to).toBe(digest(from) === digest(to));
      }),
    );
  });

  it("can be taken back: what differs at all is written again as it was", () => {
    fc.assert(
      fc.property(sides, (stable: Side) => {
        const to = textOf(stable, "checkout-stable");
        const canary = { ...stable, image: "checkout:3", note: "three" };
        const promoted = valueOf(copy(textOf(canary, "checkout-canary"), to));
        const back = valueOf(copy(to, promoted));
        expect(digest(back)).toBe(digest(to));
        expect(back).toBe(to);
      }),
    );
  });
});

type Rest = { spec: { template: { metadata: { annotations?: unknown }; spec?: unknown } } };

/** The documents without what is copied. */
function restOf(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => {
    const rest = document.toJS() as Rest;
    delete rest.spec.template.spec;
    delete rest.spec.template.metadata.annotations;
    return rest;
  });
}

const STABLE = `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout-stable }
spec:
  template:
    metadata:
      labels: { app: checkout }
    spec:
      containers:
        - { name: checkout, image: "checkout:1" }
`;

describe("a copy that is refused", () => {
  it.each([
    [
      "the target in braces",
      STABLE.replaceAll("1", "2"),
      STABLE.replace(
        /template:[^]*/,
        `template: { spec: { containers: [{ name: checkout, image: "checkout:1" }] } }\n`,
      ),
      "stable.yaml:5: found spec in braces",
    ],
    [
      "the source in braces",
      STABLE.replace(
        /template:[^]*/,
        `template: { spec: { containers: [{ name: checkout, image: "checkout:2" }] } }\n`,
      ),
      STABLE,
      "canary.yaml:5: found spec in braces",
    ],
    [
      "nowhere to put annotations",
      STABLE.replace("labels: { app: checkout }", "annotations: { a: b }"),
      STABLE.replace(/ {4}metadata:\n.*\n/, ""),
      "stable.yaml:1: found a pod template without labels",
    ],
    [
      "labels in braces, and annotations to come",
      STABLE.replace("labels: { app: checkout }", "annotations: { a: b }"),
      STABLE.replace(/ {4}metadata:\n.*\n/, "    metadata: { labels: { app: checkout } }\n"),
      "stable.yaml:6: found annotations in braces",
    ],
    [
      "a key set apart by a question mark",
      STABLE.replace("checkout:1", "checkout:2"),
      STABLE.replace("    spec:\n      containers:\n        -", "    ? spec\n    : containers:\n        -"),
      "stable.yaml:8: found what",
    ],
    [
      "an alias",
      STABLE.replace('"checkout:1"', '"checkout:2", x: *l').replace("labels: {", "labels: &l {"),
      STABLE,
      "canary.yaml:10: found an alias",
    ],
  ])("%s", (_, from, to, why) => {
    expect(refusalText(errorOf(copy(from, to)))).toContain(why);
  });

  it("needs no braces undone for what is equal", () => {
    const inBraces = STABLE.replace(/ {4}metadata:\n.*\n/, "    metadata: { labels: { app: checkout } }\n");
    expect(valueOf(copy(STABLE.replace("checkout:1", "checkout:2"), inBraces))).toBe(
      inBraces.replace("checkout:1", "checkout:2"),
    );
  });
});

describe("blocks of text in a copy", () => {
  it("whose blank lines are longer than the target's indentation", () => {
    const wide = STABLE.replace(/^( {2,})/gm, "$1$1$1$1").replace(
      /^( *)labels:/m,
      (labels, pad: string) =>
        `${pad}annotations:\n${pad}        a: |\n${pad}          b\n${" ".repeat(pad.length - 1)}\n${pad}          c\n${labels}`,
    );
    expect(digest(valueOf(copy(wide, STABLE)))).toBe(digest(wide));
  });

  const block = (header: string, lines: string) =>
    `${STABLE.replace(/ {8}- .*/, `        - name: checkout\n          image: checkout:2`)}          text: ${header}\n${lines}`;

  it.each([
    ["blank lines kept at the end", "|+", "            a\n\n\n"],
    ["blanks kept on a blank line", "|", "            a\n              \n            b\n"],
    ["a blank line of few blanks", "|", "            a\n   \n            b\n"],
    ["content that looks like YAML", "|", "            ---\n            a: 1\n            # no comment\n"],
    ["stripped", ">-", "            a\n            b\n"],
  ])("%s", (_, header, lines) => {
    const from = block(header, lines);
    for (const to of [
      STABLE,
      STABLE.replace(/^( {2,})/gm, "$1$1"),
      STABLE.replace(/^( {2,})/gm, (pad) => " ".repeat(pad.length / 2)),
    ]) {
      const copied = valueOf(copy(from, `${to}---\nkind: Other\n`));
      expect(digest(copied)).toBe(digest(from));
      expect(copied).toMatch(/\n---\nkind: Other\n$/);
    }
  });
});
