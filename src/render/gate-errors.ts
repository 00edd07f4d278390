import type { ErrorRuling } from "../core/error-gate.ts";
import {
  LEAST_FAILED_WINDOWS,
  type Missing as Gap,
  type PassedBy,
  type TooFew,
  type WaitReason,
} from "../core/gate/judge.ts";
import { FOUND_RATIO, LEAST_FAILED } from "../core/gate/power.ts";
import { unreachable } from "../core/unreachable.ts";
import type { GateWords } from "./gates.ts";
import { etaMissing, quality, quantity, silenceText, type Missing, type Times } from "./lacking.ts";
import { chance, count, evidence, percent, ratio, whole } from "./numbers.ts";
import { armText, cellsOf, intervalText, otherOf, proof, rateText, ratioText } from "./terms.ts";

/** What is said of the error gate where it compares. */
export function errorWords(ruling: ErrorRuling): GateWords {
  const { verdict } = ruling.judgement;
  return {
    numbers: numbersOf(ruling),
    grounds: groundsOf(ruling),
    rows: (limit) => rowsOf(ruling, limit),
    seen: seenIn(ruling),
    missing: (times) => missingIn(ruling, times),
    isOfTraffic: verdict.kind === "wait" && OF_TRAFFIC.has(verdict.reason.kind),
  };
}

const OF_TRAFFIC: ReadonlySet<(WaitReason | TooFew)["kind"]> = new Set([
  "tooFew",
  "tooLittle",
  "noFailures",
  "noTraffic",
]);

function missingIn(ruling: ErrorRuling, times: Times): Missing | undefined {
  const { verdict } = ruling.judgement;
  if (verdict.kind === "wait") return missingOf(verdict.reason, ruling, times);
  if (verdict.kind !== "absent") return undefined;
  const { what } = missingOf(verdict.reason, ruling, times);
  return quality(`another gate's pass: errors are left out, ${what}`);
}

function numbersOf({ judgement: { suspect, counts, ratio: estimate, interval } }: ErrorRuling): string {
  const rates = `${suspect} errors ${rateText(counts[suspect])} against ${rateText(counts[otherOf(suspect)])}`;
  return estimate === undefined
    ? `${rates}, no request failed`
    : `${rates}, ratio ${ratioText(estimate)}${intervalText(interval)}`;
}

function groundsOf(ruling: ErrorRuling): string | undefined {
  const { suspect, verdict, worse } = ruling.judgement;
  switch (verdict.kind) {
    case "block":
      return verdict.missing === undefined
        ? `Proven: ${armText(suspect)} fails more than ${ratio(ruling.settings.tolerance)} times as often as ${armText(otherOf(suspect))} (${proof(worse, "blocks")}).`
        : `Nothing is proven: counts of an arm are missing, which is configured to fail (${gapText(verdict.missing)}).`;
    case "absent":
      return `Errors are left out: counts of an arm are missing (${gapText(verdict.reason)}), and errors pass nothing.`;
    case "wait":
      return undefined;
    case "pass":
      return passSentence(ruling, verdict.by);
    default:
      return unreachable(verdict);
  }
}

function gapText(missing: Gap): string {
  return missing.kind === "gaps"
    ? `${whole(missing.missing)} of ${count(missing.windows, "window")} lack those of canary or stable`
    : `none of ${armText(missing.arm)} in the last ${count(missing.windows, "window")}`;
}

function passSentence({ judgement, settings }: ErrorRuling, by: PassedBy): string {
  const { suspect, nonInferior, belowSlo, power } = judgement;
  switch (by) {
    case "nonInferior":
      return `Proven: ${armText(suspect)} fails less than ${ratio(settings.regression)} times as often as ${armText(otherOf(suspect))} (${proof(nonInferior, "passes")}).`;
    case "slo":
      return `Proven: ${armText(suspect)} fails less than ${percent(settings.slo)} of its requests (${proof(belowSlo, "passes")}).`;
    case "power":
      return `Nothing speaks for a regression, and a ${FOUND_RATIO}-fold error rate would have been blocked by now with a probability of ${chance(power.power)} (${chance(settings.power)} passes).`;
    default:
      return unreachable(by);
  }
}

function rowsOf(
  { judgement, rates, settings }: ErrorRuling,
  limit: number | undefined,
): readonly (readonly string[])[] {
  const { suspect, counts, ratio: estimate, interval, worse, nonInferior, belowSlo, power } = judgement;
  const ofSuspect = (value: string) => cellsOf(suspect, value);
  return [
    ["requests", whole(counts.canary.requests), whole(counts.stable.requests), ""],
    ["failed", whole(counts.canary.failed), whole(counts.stable.failed), ""],
    ["error rate", maybe(rates.canary), maybe(rates.stable), limit === undefined ? "" : `at most ${percent(limit)}`],
    [
      "ratio, 95% interval",
      ...ofSuspect(estimate === undefined ? "none failed" : `${ratioText(estimate)}${intervalText(interval)}`),
      `${ratio(settings.tolerance)} is tolerated`,
    ],
    ["evidence of a regression", ...ofSuspect(evidence(worse.e)), `${evidence(worse.threshold)} blocks`],
    [
      `evidence against ${ratio(settings.regression)} times the errors`,
      ...ofSuspect(evidence(nonInferior.e)),
      `${evidence(nonInferior.threshold)} passes`,
    ],
    [
      `evidence of less than ${percent(settings.slo)} errors`,
      ...ofSuspect(evidence(belowSlo.e)),
      `${evidence(belowSlo.threshold)} passes`,
    ],
    [
      `power to find ${FOUND_RATIO} times the errors`,
      ...ofSuspect(chance(power.power)),
      `${chance(settings.power)} passes`,
    ],
  ];
}

function maybe(rate: number | undefined): string {
  return rate === undefined ? "no requests" : percent(rate);
}

function seenIn({ judgement: { suspect, missingWindows, failedWindows } }: ErrorRuling): string {
  return `Windows without the counts of an arm: ${whole(missingWindows)}. Windows with a failed request to ${armText(suspect)}, in this step and those before: ${whole(failedWindows)}.`;
}

function missingOf(reason: WaitReason | TooFew, { judgement, eta }: ErrorRuling, times: Times): Missing {
  const { suspect, worse } = judgement;
  switch (reason.kind) {
    case "noWindows":
    case "noSamples":
    case "noTraffic":
      return quality(silenceText(reason, times));
    case "gaps":
      return quality(
        `${whole(reason.missing)} of ${count(reason.windows, "window")} lack the counts of canary or stable`,
      );
    case "unconfirmed":
      return quality(unconfirmed(suspect, reason));
    case "noFailures":
      return (
        etaMissing(eta) ?? quantity(`${reason.arm} has not failed once, so the power to find a regression is unknown`)
      );
    case "leaning":
      return quality(
        `${suspect} errors lean towards a regression, evidence ${evidence(reason.e)} where ${evidence(worse.threshold)} blocks`,
      );
    case "tooFew":
      return quantity(
        `${whole(reason.requests)} of at least ${count(reason.minimum, "request")} to ${armText(reason.arm)} in this step`,
      );
    case "tooLittle":
      return etaMissing(eta) ?? quantity(tooLittle(reason));
    default:
      return unreachable(reason);
  }
}

function unconfirmed(
  suspect: string,
  { failed, failedWindows }: Extract<WaitReason, { readonly kind: "unconfirmed" }>,
): string {
  const seen = `${count(failed, "failed request")} in ${count(failedWindows, "window")}`;
  return `${suspect} errors are up on ${seen}; a verdict rests on ${LEAST_FAILED} in ${LEAST_FAILED_WINDOWS}`;
}

function tooLittle({ power, wanted }: Extract<WaitReason, { readonly kind: "tooLittle" }>): string {
  return `more requests; a ${FOUND_RATIO}-fold error rate would be found with ${chance(power)}, ${chance(wanted)} is enough`;
}
