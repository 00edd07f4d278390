import { expect, it } from "vitest";
import { offsetOf } from "../../src/analysis/moment.ts";

it.each([
  ["now()", 0],
  [` now() - duration("5m")`, -300_000],
  ["now() - duration('1h') + duration('30s')", -3_570_000],
])("%s lies %d ms from the measurement", (text, ms) => {
  expect(offsetOf(text)).toEqual({ kind: "ok", value: ms });
});

it.each([
  "",
  "5m",
  "now",
  `date("2024-01-01")`,
  `now() - duration(args)`,
  `now() - duration("long")`,
  "now() - 5",
  "now() now()",
])("%j is refused", (text) => {
  expect(offsetOf(text).kind).toBe("err");
});
