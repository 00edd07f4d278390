import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonPath, valueAt } from "../../src/core/json-path.ts";

const JSON_TEXT = '{"a":1,"b":{"c":[10,{"d e":"x","d\'s":null}],"":2},"k-1":true,"key":[{"key2":{"value":"1.2"}}]}';

function at(path: string, json: unknown = JSON.parse(JSON_TEXT)): unknown {
  const parsed = jsonPath(path);
  return parsed.kind === "ok" ? valueAt(parsed.value, json) : parsed.error;
}

it.each<readonly [string, unknown]>([
  ["{$}", JSON.parse(JSON_TEXT)],
  ["{}", JSON.parse(JSON_TEXT)],
  ["{$.a}", 1],
  ["{.a}", 1],
  ["{$['a']}", 1],
  ['{$["a"]}', 1],
  ["{$.b.c[0]}", 10],
  ["{$.b.c[-1]['d e']}", "x"],
  [`{$.b.c[1]["d's"]}`, null],
  ["{$.k-1}", true],
  ["{$.key[0].key2.value}", "1.2"],
  ["{$.nothing}", undefined],
  ["{$.a.b}", undefined],
  ["{$.b.c[2]}", undefined],
  ["{$.b.c[-3]}", undefined],
  ["{$.b[0]}", undefined],
  ["{$.b.c.length}", undefined],
  ["{$.constructor}", undefined],
  ["{$.__proto__}", undefined],
])("%s", (path, expected) => {
  expect(at(path)).toEqual(expected);
});

it.each([
  ["{$..a}", "the recursive .."],
  ["{$.*}", "the wildcard *"],
  ["{$.b.c[*]}", "the wildcard *"],
  ["{$.b.c[?(@.d)]}", "a filter ?()"],
  ["{$.b.c[0:1]}", "a slice of a list"],
  ["{$.b.c[0,1]}", "a union"],
  ["{$['a','b']}", "a union"],
  ["{range .items[*]}", "range"],
  ["{$.a\\.b}", "a backslash"],
  ["{$.a} and {$.b}", "text or a second path"],
  ["a: {$.a}", "begins with {"],
  ["$.a", "begins with {"],
  ["{$.a", "no path that can be read"],
  ["{$a}", "no path that can be read"],
  ["{$.a b}", "no path that can be read"],
  ["", "begins with {"],
])("%s is refused by name", (path, words) => {
  const parsed = jsonPath(path);
  expect(parsed.kind === "err" ? parsed.error : parsed).toContain(words);
});

it("reads any text without throwing", () => {
  fc.assert(
    fc.property(fc.string(), fc.json(), (path, json) => {
      const parsed = jsonPath(`{${path}}`);
      expect(() => parsed.kind === "ok" && valueAt(parsed.value, JSON.parse(json))).not.toThrow();
    }),
  );
});
