import type { Condition } from "../expr/condition.ts";

/** What the linter knows to be dangerous. */
export type Rule =
  | "passes-without-data"
  | "passes-on-nan"
  | "fails-on-nan"
  | "errors-without-data"
  | "fails-without-data"
  | "never-evaluates"
  | "scalar-for-vector"
  | "passes-with-half-failing"
  | "ignored-argument"
  | "nil-is-not-empty"
  | "random-order"
  | "no-condition"
  | "cannot-fail"
  | "failures-do-not-count"
  | "one-look"
  | "window-longer-than-run"
  | "only-dry-runs"
  | "unknown-key";

/** `danger`: a bad release can pass, or a good one is taken back. `care`: it may be meant so. */
export type Finding = {
  readonly rule: Rule;
  readonly severity: "danger" | "care";
  readonly path: string;
  readonly line: number;
  /** The metric, or the template where it is about all of them. */
  readonly about: string;
  readonly why: string;
  /** What to write instead. */
  readonly safe: Safe | undefined;
};

export type Safe = { readonly [key: string]: string };

/** The conditions of a metric with their texts, for asking what they make of answers. */
export type Asked = { readonly success: Condition | undefined; readonly failure: Condition | undefined };
