import { unreachable } from "../core/unreachable.ts";
import { count, percent, ratio, whole } from "../render/numbers.ts";
import type { Concern, Remedy } from "./concerns.ts";

const REMEDIES: Readonly<Record<Remedy, string>> = {
  threshold: "Write the threshold as proposed.",
  dispersion: "With the dispersion as proposed it is no more than alpha.",
  days: "Ask for more days, so that a threshold can be told.",
  pods: "No threshold would help, for pods of stable differ: see which one fails more than the others, or raise the tolerance.",
};

/** A concern as one sentence or two, the next step in the last. */
export function concernText(concern: Concern): string {
  switch (concern.kind) {
    case "silent":
      return "No request to stable was counted in all that time: see that metrics are read where they are (tidegate doctor), or ask for more days.";
    case "armsUnknown":
      return `What identical arms do is not known: ${concern.why}. False blocks are not promised; name the pods' label (--pod-label), or come back after some releases.`;
    case "tooFew":
      return `${count(concern.placebos, "placebo release")} cannot promise what it takes ${whole(concern.needed)} for; they can promise an alpha of ${percent(concern.promised)}. Ask for more days.`;
    case "blocks":
      return `${concern.blocked} of ${concern.of} releases of nothing new were blocked. ${REMEDIES[concern.remedy]}`;
    case "clusters":
      return `Failures come ${ratio(concern.dispersion)} at a time, as the counts spread; the gate is told ${ratio(concern.configured)}. Write the dispersion as proposed.`;
    case "undecided":
      return `${concern.held} of ${concern.of} good steps at ${percent(concern.weight)} are undecided at the deadline, and held for a person. Larger weights have more requests to go by.`;
    case "slowUndecided":
      return `${concern.held} of ${concern.of} good steps at ${percent(concern.weight)} are undecided by latency at the deadline, and held for a person. ${concern.isNever ? "No weight up to 50% decides it: leave latency out, as proposed." : "Larger weights have more requests to go by."}`;
    case "latencyUntold":
      return "How much pods differ in latency is not known: no histogram of classic buckets has the label that names them. Releases are judged by it all the same; name the label (--pod-label), or leave latency out.";
    case "tooFewSlow":
      return `${count(concern.placebos, "placebo release")} with histograms cannot promise latency's share of alpha, which takes ${whole(concern.needed)}. Ask for more days.`;
    case "slowBlocks":
      return `${concern.blocked} of ${concern.of} releases of nothing new were blocked by latency. ${concern.tolerated === undefined ? "Tolerating more would not help: see which pod is slower than the others, or leave latency out." : "Tolerate more, as proposed."}`;
    case "gaugeBlocks":
      return `${concern.blocked} of ${concern.of} releases of nothing new were blocked by ${concern.name}, as it is calibrated. ${concern.isMended ? "Write the calibration as proposed." : "Ask for more days, so that another can be told."}`;
    case "misses":
      return `${concern.passed} of ${concern.of} releases with five times the errors get through all steps${concern.slo === undefined ? ": let them bake longer." : `, for that is still below the slo of ${percent(concern.slo)}: write a lower one, if it is too much.`}`;
    default:
      return unreachable(concern);
  }
}
