import type { Result } from "../core/result.ts";
import { holds, type Condition } from "./expr/condition.ts";
import type { Trouble } from "./expr/trouble.ts";
import { evidenceIn, type Answer, type Evidence } from "./result.ts";

/** The two conditions of a metric; Argo understands either alone, both, and none. */
export type Conditions = { readonly success: Condition | undefined; readonly failure: Condition | undefined };

/** Argo's phase of one measurement, and which condition could not be evaluated where it is Error. */
export type Measured =
  | { readonly phase: "Successful" | "Failed" | "Inconclusive" }
  | { readonly phase: "Error"; readonly condition: "successCondition" | "failureCondition"; readonly trouble: Trouble };

/**
 * One measurement, as Argo Rollouts decides it (utils/evaluate): the failure condition wins, neither is Inconclusive, and no condition at all
 * is Successful.
 */
export function measured({ success, failure }: Conditions, answer: Answer): Measured {
  const passes = asked(success, answer);
  if (passes?.kind === "err") return { phase: "Error", condition: "successCondition", trouble: passes.error };
  const fails = asked(failure, answer);
  if (fails?.kind === "err") return { phase: "Error", condition: "failureCondition", trouble: fails.error };
  return { phase: decided(passes?.value, fails?.value) };
}

/** Undefined where a condition is not asked: then it is what the other one is not. */
function decided(passes: boolean | undefined, fails: boolean | undefined): "Successful" | "Failed" | "Inconclusive" {
  if (passes === undefined && fails === undefined) return "Successful";
  if (fails ?? passes === false) return "Failed";
  return (passes ?? true) ? "Successful" : "Inconclusive";
}

function asked(condition: Condition | undefined, answer: Answer): Result<boolean, Trouble> | undefined {
  return condition === undefined ? undefined : holds(condition, answer);
}

/** What a gate of Tidegate makes of a measurement: no evidence is never a verdict. */
export type Verdict = { readonly verdict: "pass" | "fail" | "wait"; readonly why: string };

const NO_EVIDENCE: Readonly<Record<Exclude<Evidence, "data">, string>> = {
  nil: "the provider answered with nothing",
  empty: "the answer is empty",
  nan: "the answer holds NaN",
  infinite: "the answer holds an infinite number",
};

/** Three-valued where Argo has two: what is nil, empty, NaN or infinite waits, whatever the conditions make of it. */
export function verdictOf(conditions: Conditions, answer: Answer): Verdict {
  const evidence = evidenceIn(answer);
  if (evidence !== "data") return { verdict: "wait", why: NO_EVIDENCE[evidence] };
  if (conditions.success === undefined && conditions.failure === undefined)
    return { verdict: "wait", why: "no condition is asked" };
  const found = measured(conditions, answer);
  switch (found.phase) {
    case "Successful":
      return { verdict: "pass", why: "the conditions say so" };
    case "Failed":
      return { verdict: "fail", why: "the conditions say so" };
    case "Inconclusive":
      return { verdict: "wait", why: "neither condition holds" };
    default:
      return { verdict: "wait", why: `${found.condition}: ${found.trouble.message}` };
  }
}
