import { measured, type Measured } from "../measure.ts";
import { cloudWatchResult, jsonResult, numberResult, numbersResult, type Answer } from "../result.ts";
import type { Provider } from "../template/provider.ts";
import type { Asked } from "./finding.ts";

/** What a provider answers: with data, without any, and with NaN; and how a condition asks whether there is data. */
export type Shape = {
  readonly name: "a number" | "a list of numbers" | "CloudWatch's results" | "JSON";
  readonly data: readonly Answer[];
  readonly nothing: readonly Answer[];
  readonly nan: readonly Answer[];
  readonly guard: string | undefined;
};

const NUMBERS: Shape = {
  name: "a list of numbers",
  data: [0, 0.5, 0.99, 50, 1000].map((value) => numbersResult([value])),
  nothing: [numbersResult([])],
  nan: [numbersResult([Number.NaN])],
  guard: "len(result) > 0 && none(result, isNaN(#))",
};

const NUMBER: Shape = {
  name: "a number",
  data: [0, 0.5, 0.99, 50, 1000].map(numberResult),
  nothing: [],
  nan: [numberResult(Number.NaN)],
  guard: "!isNaN(result)",
};

const MAYBE_NUMBER: Shape = { ...NUMBER, nothing: [undefined], nan: [], guard: "!isNil(result)" };

const CLOUDWATCH: Shape = {
  name: "CloudWatch's results",
  data: [0, 0.5, 50, 1000].map((value) => cloudWatchResult([[value]])),
  nothing: [cloudWatchResult([]), cloudWatchResult([[]])],
  nan: [],
  guard: "len(result) > 0 && all(result, len(#.Values) > 0)",
};

const JSON_SHAPE: Shape = {
  name: "JSON",
  data: [],
  nothing: [undefined, jsonResult([]), jsonResult({})],
  nan: [],
  guard: undefined,
};

/** The shape of what a provider answers to this query. */
export function shapeOf(provider: Provider): Shape {
  switch (provider.kind) {
    case "prometheus":
      return provider.range === undefined && isScalar(provider.query) ? NUMBER : NUMBERS;
    case "datadog":
      return provider.version === "v2" &&
        /\bby\s*\{/.test(`${provider.query ?? ""}${JSON.stringify(provider.queries ?? "")}`)
        ? NUMBERS
        : MAYBE_NUMBER;
    case "cloudWatch":
      return CLOUDWATCH;
    default:
      return JSON_SHAPE;
  }
}

/** Everything but scalar(…) and a plain number is a vector to Prometheus. */
export function isScalar(query: string): boolean {
  return /^\s*(?:scalar\s*\(|time\s*\(\s*\)|[-+]?[\d.]+\s*$)/.test(query);
}

/** What Argo makes of each answer. */
export function phasesFor({ success, failure }: Asked, answers: readonly Answer[]): readonly Measured[] {
  return answers.map((answer) => measured({ success, failure }, answer));
}

/** Whether any answer is a pass to Argo. */
export function passes(asked: Asked, answers: readonly Answer[]): boolean {
  return phasesFor(asked, answers).some(({ phase }) => phase === "Successful");
}
