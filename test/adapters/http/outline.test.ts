import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outliner, type Shape } from "../../../src/adapters/http/outline.ts";

const SHAPE: Shape = {
  action: "whole",
  repository: { id: "whole", full_name: "whole" },
  issue: { pull_request: "whole", a: { b: "whole" } },
  '\\-"': "whole",
};
const outlineOf = outliner(SHAPE);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same by the long way. */
function projected(value: unknown, shape: Shape | "whole"): unknown {
  if (shape === "whole" || !isObject(value)) return value;
  const named = Object.keys(value).filter((key) => Object.hasOwn(shape, key));
  return Object.fromEntries(named.map((key) => [key, projected(value[key], shape[key] ?? "whole")]));
}

const NAMES = [
  "action",
  "repository",
  "issue",
  "id",
  "full_name",
  "pull_request",
  "a",
  "b",
  '\\-"',
  '","repository":{',
  "x",
];
// What JSON is made of, and what stands beside it.
const PUNCTUATION = fc.string({
  unit: fc.constantFrom("{", "}", "[", "]", '"', ",", ":", "\\", " ", "a", "0", "\n"),
  maxLength: 12,
});
const TEXTS = fc.oneof(
  fc.string({ unit: "binary" }),
  PUNCTUATION,
  fc.constantFrom(...NAMES, '"', "\\", '\\"', "{[", ',"repository":', "}]"),
);
const LEAF = fc.oneof(
  TEXTS,
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
);
const { nest } = fc.letrec<{ nest: unknown; object: object }>((tie) => ({
  nest: fc.oneof({ maxDepth: 4 }, LEAF, tie("object"), fc.array(tie("nest"), { maxLength: 3 })),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), TEXTS), tie("nest"), { maxKeys: 6, noNullPrototype: true }),
}));
const OBJECTS = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), TEXTS), nest, { maxKeys: 8, noNullPrototype: true });

/** Members around one of so many characters: what is read of the beginning and of the end of a text does not reach as far then. */
const LONG = fc
  .tuple(OBJECTS, fc.tuple(fc.nat(400), fc.constantFrom("x", '"', "{", "} ", "é")), OBJECTS, fc.nat(11_000))
  .map(([before, [length, unit], after, more]) => ({
    ...before,
    long: unit.repeat(length),
    ...after,
    longer: { of: [unit.repeat(more)] },
    ...Object.fromEntries(Object.entries(before).filter(([name]) => name === "repository")),
  }));

const INDENTS = fc.constantFrom("", "  ", "\t", "\n");

describe("what is read of a JSON text", () => {
  it.each([
    ["short", OBJECTS],
    ["long", LONG],
  ])("is what JSON.parse gives of it, whatever stands beside, in any order and spacing, of a %s one", (_, values) => {
    fc.assert(
      fc.property(values, INDENTS, (value, indent) => {
        const text = `${indent}${JSON.stringify(value, undefined, indent)}${indent}`;
        const parsed: unknown = JSON.parse(text);
        expect(outlineOf(Buffer.from(text))).toEqual(projected(parsed, SHAPE));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["1", "12", "-0.5", "1e3", "true", "null", '"a\\"b"', '"é"'])(
    "is whole where the first part that is looked at ends within %s",
    (written) => {
      const expected = { action: JSON.parse(written) as unknown, repository: { id: 7 } };
      const ends = Array.from({ length: 20 }, (_, index) => 242 + index);
      for (const length of ends) {
        const start = `{"x":"${"y".repeat(length - 24)}","action":${written}`;
        const text = `${start},"middle":{"a":[]},"repository":{"id":7,"owner":{}},"sender":{}}`;
        expect(outlineOf(Buffer.from(text))).toEqual(expected);
      }
    },
  );

  it("is not what only looks like it", () => {
    const text = JSON.stringify({
      issue: { title: ',"repository":{"id":666}' },
      nested: { action: "x", repository: { id: 666 } },
      repository: { id: 1, owner: { id: 2, repository: { id: 3 } } },
      last: { a: 1, repository: { id: 4 } },
    });
    expect(outlineOf(Buffer.from(text))).toEqual({ issue: {}, repository: { id: 1 } });
  });

  it("takes no name from the prototype for one that is sought", () => {
    const text = '{"constructor":{"id":1},"__proto__":{"action":"x"},"action":"y"}';
    const read = outlineOf(Buffer.from(text));
    expect(read).toEqual({ action: "y" });
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it.each([
    "",
    "  ",
    "{",
    "}",
    "[1]",
    '"a"',
    "1",
    "null",
    "{]",
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{"a" 1}',
    "{a:1}",
    '{"action":tru}',
    '{"a":"\\"}',
    '{"issue":{"a":[}',
    "{}x",
    '{"action":1}x',
    '{"a":{"b":1}',
    '{"a":{"b":"}',
    '{"a":{"b":"}}',
  ])("is refused for %j", (text) => {
    expect(() => outlineOf(Buffer.from(text))).toThrow(SyntaxError);
  });

  it.each([
    '"b":{"c":1}',
    '"b":{},,"repository":{"id":1}}',
    '"b":{},"repository":{"id":1},}',
    '"b":{},"repository":{"id":1},,"c":{}}',
  ])("is refused for %j behind what is long", (rest) => {
    const text = `{"a":"${"x".repeat(2_000)}",${rest}`;
    expect(() => outlineOf(Buffer.from(text))).toThrow(SyntaxError);
  });
});
