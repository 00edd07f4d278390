import type { ForgeFault } from "../../src/adapters/github/error.ts";
import type { FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import { seenAs, WRITERS, type ForgeCall, type Seen } from "../contract/fault-outcomes.ts";

/** What the requests of a call are refused with for as long as the fault lasts; "none": it is not of that kind. */
const CLASS: Readonly<Record<FaultName, ForgeFault | "none">> = {
  expiredToken: "unauthorised",
  forbidden: "forbidden",
  primaryLimit: "throttled",
  secondaryLimit: "throttled",
  secondaryLimitBare: "throttled",
  tooMany: "throttled",
  tooManyBare: "throttled",
  contentLimit: "throttled",
  renamed: "gone",
  notMergeable: "none",
  baseModified: "none",
  conflict: "none",
  unprocessable: "none",
  errorBefore: "transient",
  errorAfter: "transient",
  unavailable: "transient",
  timeoutBefore: "transient",
  timeoutAfter: "transient",
  truncatedList: "transient",
  staleRead: "none",
  mergeableNull: "none",
  graphqlErrors: "none",
};

/** What a caller of the port sees of a call whose every request meets the fault, second tries and looks for its effect included; undefined where it cannot meet it. */
export function seenLasting(call: ForgeCall, fault: FaultName): Seen | undefined {
  const once = seenAs(call, fault);
  const kind = CLASS[fault];
  if (once === undefined || kind === "none" || (once.kind === "value" && once.said !== "truth")) return once;
  const happened = (fault === "errorAfter" || fault === "timeoutAfter") && isWriter(call);
  if (call === "mergePull" && kind === "transient") return { kind: "outcome", outcome: "unknown", happened };
  if (call === "mergePull" && once.kind === "outcome" && once.outcome === "refused") return once;
  return { kind: "throws", fault: kind, happened };
}

function isWriter(call: ForgeCall): boolean {
  return WRITERS.some((writer) => writer === call);
}
