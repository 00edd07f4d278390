import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Data } from "../../src/manifest/data.ts";
import { edited, NO_EDIT } from "../../src/manifest/edit.ts";
import { insertItem, insertKey, type KeySlot } from "../../src/manifest/insert.ts";
import { removeItem, removeKey } from "../../src/manifest/remove.ts";
import type { YamlPath } from "../../src/yaml/look.ts";
import { attempt, refusalText, type Refusal } from "../../src/yaml/refusal.ts";
import { readSource } from "../../src/yaml/source.ts";
import { errorOf } from "./builders.ts";
import { hands, isCollection, isList, values, written } from "./written.ts";

const path = "apps/web.yaml";
const sourceOf = (text: string) => readSource({ path, text });
const parsed = (text: string): unknown => parseAllDocuments(text)[0]?.toJS();

function addKey(
  text: string,
  at: YamlPath,
  added: Readonly<Record<string, Data>>,
  slot: KeySlot = { kind: "last" },
): string {
  const source = sourceOf(text);
  const [key = "", value = null] = Object.entries(added)[0] ?? [];
  return edited(source, insertKey(source, NO_EDIT, { document: 0, path: at }, { key, value, slot }));
}

function takeKey(text: string, at: YamlPath, key: string): string {
  const source = sourceOf(text);
  return edited(source, removeKey(source, NO_EDIT, { document: 0, path: at }, key));
}

function addItem(text: string, at: YamlPath, item: Data, position?: number): string {
  const source = sourceOf(text);
  const piece = position === undefined ? { item } : { item, position };
  return edited(source, insertItem(source, NO_EDIT, { document: 0, path: at }, piece));
}

function takeItem(text: string, at: YamlPath, index: number): string {
  const source = sourceOf(text);
  return edited(source, removeItem(source, NO_EDIT, { document: 0, path: at }, index));
}

/** The paths of all collections of a value. */
function collections(value: Data, at: YamlPath = []): readonly { readonly at: YamlPath; readonly value: Data }[] {
  if (!isCollection(value)) return [];
  const children = isList(value) ? [...value.entries()] : Object.entries(value);
  return [{ at, value }, ...children.flatMap(([key, child]) => collections(child, [...at, key]))];
}

const NEW: readonly Data[] = [
  "1.10",
  "text",
  5,
  { name: "a", weight: 1 },
  ["a", { b: "yes" }],
  {},
  { deep: { list: [{ x: 1, y: [1] }] } },
];
const slots = fc.constantFrom<KeySlot>({ kind: "first" }, { kind: "last" }, { kind: "after", keys: ["name", "image"] });
const places = fc.record({
  value: values,
  hand: hands,
  pick: fc.nat(),
  data: fc.constantFrom(...NEW),
  slot: slots,
  position: fc.nat(4),
});

describe("what is inserted", () => {
  it("is all that the document says more, and goes again without a trace", () => {
    fc.assert(
      fc.property(places, ({ value, hand, pick, data, slot, position }) => {
        const text = written(value, hand);
        const all = collections(value);
        const spot = all[pick % all.length] ?? { at: [], value };
        if (isList(spot.value)) {
          const index = Math.min(position, spot.value.length);
          const after = addItem(text, spot.at, data, position);
          expect(parsed(after)).toEqual(changed(value, spot.at, (list) => (list as Data[]).toSpliced(index, 0, data)));
          expect(takeItem(after, spot.at, index)).toBe(text);
        } else {
          const after = addKey(text, spot.at, { added: data }, slot);
          expect(parsed(after)).toEqual(
            changed(value, spot.at, (mapping) => ({ ...(mapping as object), added: data })),
          );
          expect(takeKey(after, spot.at, "added")).toBe(text);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function changed(value: Data, [first, ...rest]: YamlPath, change: (at: Data) => Data): Data {
  if (first === undefined) return change(value);
  if (isList(value)) return value.map((item, index) => (index === first ? changed(item, rest, change) : item));
  if (!isCollection(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, key === first ? changed(child, rest, change) : child]),
  );
}

const ROUTE = `spec:
  # where it goes
  rules:
    # the stable one
    - name: stable # 95%
      weight: 95
    # the canary
    - name: canary
      weight: 5
      # nothing more of it

  hosts: [a.example, b.example] # both
  labels: { app: web }
`;

describe("an edit of a block", () => {
  const lines = (text: string) => text.split("\n");

  it("adds an item as its neighbours are, behind the comments of the one before it", () => {
    const after = addItem(ROUTE, ["spec", "rules"], { name: "preview", weight: 0 });
    expect(lines(after).slice(9, 13)).toEqual([
      "      # nothing more of it",
      "    - name: preview",
      "      weight: 0",
      "",
    ]);
  });

  it("takes an item away with the comments that are about it", () => {
    const after = takeItem(ROUTE, ["spec", "rules"], 0);
    expect(lines(after).slice(0, 5)).toEqual([
      "spec:",
      "  # where it goes",
      "  rules:",
      "    # the canary",
      "    - name: canary",
    ]);
  });

  it("takes a key away with its lines and its comments", () => {
    expect(takeKey(ROUTE, ["spec"], "rules")).toBe(
      "spec:\n  hosts: [a.example, b.example] # both\n  labels: { app: web }\n",
    );
  });

  it("moves the second key of an item up to the dash", () => {
    expect(takeKey("- name: a # one\n  weight: 1\n", [0], "name")).toBe("- weight: 1\n");
  });

  it("leaves comments above the first key where they are", () => {
    const after = addKey(ROUTE, ["spec"], { replicas: 2 }, { kind: "first" });
    expect(lines(after).slice(0, 4)).toEqual(["spec:", "  replicas: 2", "  # where it goes", "  rules:"]);
  });

  it.each<[string, string, Data, string]>([
    ["in brackets", "a: [x]\n", "z", "a: [x, z]\n"],
    ["in empty brackets", "a: []\n", "z", "a: [z]\n"],
    ["of mappings in braces", "a: [{id: x}]\n", { id: "z" }, "a: [{id: x}, {id: z}]\n"],
    ["in JSON", '{\n  "a": [\n    "x"\n  ]\n}\n', "z", '{\n  "a": [\n    "x", "z"\n  ]\n}\n'],
    ["of texts in single quotes", "a:\n- 'x'\n", "1.10", "a:\n- 'x'\n- '1.10'\n"],
    ["without a final line break", "a:\r\n  - x", "z", "a:\r\n  - x\r\n  - z"],
  ])("adds an item to a list %s", (_, text, item, after) => {
    expect(addItem(text, ["a"], item)).toBe(after);
  });
});

describe("an edit of a block is refused", () => {
  const refused = (work: () => string): Refusal => errorOf(attempt(work));
  it.each<[string, () => string, number, string]>([
    ["a key that is there", () => addKey(ROUTE, ["spec"], { rules: 1 }), 3, "the key rules"],
    ["a key that is not there", () => takeKey(ROUTE, ["spec"], "other"), 3, "nothing"],
    ["the only key of a mapping", () => takeKey("a:\n  b: 1\n", ["a"], "b"), 2, "the only one of its kind"],
    ["an item that is not there", () => takeItem(ROUTE, ["spec", "rules"], 7), 5, "nothing"],
    ["a mapping that is not there", () => addKey(ROUTE, ["spec", "none"], { a: 1 }), 1, "nothing"],
    ["something else than a list", () => addItem(ROUTE, ["spec"], 1), 3, "a list"],
    ["a mapping with an anchor", () => addKey("a: &x\n  b: 1\nc: *x\n", ["a"], { d: 1 }), 2, "an anchor"],
    ["a merge key's mapping", () => addKey("a: { <<: {}, b: 1 }\n", ["a"], { d: 1 }), 1, "a merge key"],
    ["a comment in brackets", () => addItem("a: [\n  x # one\n  ]\n", ["a"], "y"), 2, "a comment"],
    ["a comment between the dash's keys", () => takeKey("- a: 1\n  # of b\n  b: 2\n", [0], "a"), 1, "a comment"],
  ])("%s", (_, work, line, found) => {
    expect(refused(work)).toMatchObject({ path, line });
    expect(refusalText(refused(work))).toContain(found);
  });
});

it("edits at two places commute", () => {
  const twice = (first: (text: string) => string, second: (text: string) => string) => second(first(ROUTE));
  const edits = [
    (text: string) => addKey(text, ["spec", "labels"], { tier: "1" }),
    (text: string) => addItem(text, ["spec", "hosts"], "c.example"),
    (text: string) => takeKey(text, ["spec", "rules", 1], "weight"),
    (text: string) => addKey(text, ["spec", "rules", 0], { port: 80 }),
  ];
  for (const one of edits)
    for (const other of edits.filter((each) => each !== one)) expect(twice(one, other)).toBe(twice(other, one));
});
