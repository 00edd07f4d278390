import { unreachable } from "../unreachable.ts";
import type { Missing, TooFew, Verdict, WaitReason } from "./judge.ts";
import type { GateSettings } from "./settings.ts";

/** The verdict as configuration has it where the counts of an arm are missing; whatever it says, that is no pass. */
export function withoutData(verdict: Verdict, { noData = "wait" }: Pick<GateSettings, "noData">): Verdict {
  if (verdict.kind !== "wait" || !isMissing(verdict.reason)) return verdict;
  switch (noData) {
    case "wait":
      return verdict;
    case "fail":
      return { kind: "block", missing: verdict.reason };
    case "skip":
      return { kind: "absent", reason: verdict.reason };
    default:
      return unreachable(noData);
  }
}

function isMissing(reason: WaitReason | TooFew): reason is Missing {
  return reason.kind === "noSamples" || reason.kind === "gaps";
}
