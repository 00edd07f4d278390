import type { Attempt } from "../core/gate/analysis.ts";
import { isDict, isList } from "./expr/value.ts";
import { measured, verdictOf, type Conditions } from "./measure.ts";
import { evidenceIn, type Answer } from "./result.ts";
import { rangeVerdict, type ThresholdRange } from "./template/flagger.ts";

/** How an answer is judged: Argo's two conditions, or Flagger's range of one number. */
export type Criterion =
  | { readonly kind: "conditions"; readonly conditions: Conditions }
  | { readonly kind: "range"; readonly range: ThresholdRange };

/** The measurement that an answer makes, for the time `at` (ms). What cannot be judged is blank, whatever the conditions make of it. */
export function attemptOn(criterion: Criterion, answer: Answer, at: number): Attempt {
  const value = shownAnswer(answer);
  const found =
    criterion.kind === "range" ? byRange(criterion.range, answer) : byConditions(criterion.conditions, answer);
  return { at, value, ...found };
}

function byConditions(conditions: Conditions, answer: Answer): Pick<Attempt, "outcome" | "why"> {
  const isUnasked = conditions.success === undefined && conditions.failure === undefined;
  if (evidenceIn(answer) !== "data" || isUnasked) return { outcome: "Blank", why: verdictOf(conditions, answer).why };
  const found = measured(conditions, answer);
  return found.phase === "Error"
    ? { outcome: "Error", why: `${found.condition}: ${found.trouble.message}` }
    : { outcome: found.phase };
}

const OF_RANGE = { pass: "Successful", fail: "Failed", wait: "Blank" } as const;

function byRange(range: ThresholdRange, answer: Answer): Pick<Attempt, "outcome" | "why"> {
  const numbers = isList(answer) ? answer.items : [answer];
  const [first, second] = numbers;
  if (second !== undefined) return { outcome: "Blank", why: "the query gives several values" };
  if (first !== undefined && typeof first !== "number") return { outcome: "Blank", why: "the answer is no number" };
  const { verdict, why } = rangeVerdict(range, first);
  return { outcome: OF_RANGE[verdict], ...(verdict === "wait" && { why }) };
}

const MOST_ITEMS = 5;

/** An answer in few words: numbers as they are, the first of many. */
export function shownAnswer(answer: Answer): string {
  if (answer === undefined) return "nothing";
  if (typeof answer === "number") return String(Number(answer.toPrecision(6)));
  if (typeof answer === "bigint" || typeof answer === "boolean") return String(answer);
  if (typeof answer === "string") return `text of ${answer.length} bytes`;
  if (isList(answer)) return `[${itemsText(answer.items)}]`;
  if (isDict(answer)) return `a map of ${answer.entries.size}`;
  return answer.kind === "struct" ? shownAnswer(answer.values) : String(answer.value);
}

function itemsText(items: readonly Answer[]): string {
  const shown = items.slice(0, MOST_ITEMS).map(shownAnswer);
  return [...shown, ...(items.length > MOST_ITEMS ? ["…"] : [])].join(", ");
}
