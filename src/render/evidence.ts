import type { Health } from "../core/gate/health.ts";
import type { Judgement, PassedBy, Proof } from "../core/gate/judge.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import { RATIO_AT_MOST, type Interval } from "../core/gate/interval.ts";
import { FOUND_RATIO } from "../core/gate/power.ts";
import { versionOf } from "../core/image.ts";
import type { Member } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Arm, Counts } from "../core/window.ts";
import { code, table } from "./markdown.ts";
import { chance, evidence, percent, ratio, whole } from "./numbers.ts";
import type { Comparison, GateRecord } from "./record.ts";

/** A verdict's numbers in one clause: "canary errors 0.5% against 0.5%, ratio 1.02 (0.58–1.69)"; undefined where there are none. */
export function numbersOf({ judgement, health, kind }: Verdict, member: Pick<Member, "manifest">): string | undefined {
  const blames = health?.verdict.kind === "unhealthy" && kind === "fail";
  if (health !== undefined && (judgement === undefined || blames)) return healthNumbers(health, member);
  return judgement && comparisonNumbers(judgement);
}

function comparisonNumbers({ suspect, counts, ratio: estimate, interval }: Judgement): string {
  const rates = `${suspect} errors ${rateText(counts[suspect])} against ${rateText(counts[otherOf(suspect)])}`;
  return estimate === undefined
    ? `${rates}, no request failed`
    : `${rates}, ratio ${ratioText(estimate)}${intervalText(interval)}`;
}

function healthNumbers({ arm, counts, limit }: Health, { manifest }: Pick<Member, "manifest">): string {
  return `${arm} errors ${rateText(counts)} on ${versionOf(manifest[arm].image)}, ${percent(limit)} is the limit`;
}

/** An arm inside a sentence. */
export function armText(arm: Arm): string {
  return arm === "canary" ? "the canary" : "stable";
}

function otherOf(arm: Arm): Arm {
  return arm === "canary" ? "stable" : "canary";
}

function rateText({ requests, failed }: Counts): string {
  return requests === 0 ? "no requests" : percent(failed / requests);
}

function ratioText(value: number): string {
  return value >= RATIO_AT_MOST ? `over ${whole(RATIO_AT_MOST)}` : ratio(value);
}

function intervalText(interval: Interval | undefined): string {
  if (interval === undefined) return "";
  const { low, high } = interval;
  if (low > 0 && high < RATIO_AT_MOST) return ` (${ratio(low)}–${ratio(high)})`;
  if (low > 0) return ` (at least ${ratio(low)})`;
  return high < RATIO_AT_MOST ? ` (at most ${ratio(high)})` : " (not known yet)";
}

/** Why a comparison lets its suspect pass, or does not, as a sentence with the number that decides; undefined where there is none. */
export function groundsSentence({
  comparison,
  settings,
}: Pick<GateRecord, "comparison" | "settings">): string | undefined {
  if (comparison === undefined) return undefined;
  const { suspect, verdict, worse } = comparison;
  switch (verdict.kind) {
    case "block":
      return `Proven: ${armText(suspect)} fails more than ${ratio(settings.tolerance)} times as often as ${armText(otherOf(suspect))} (${proof(worse, "blocks")}).`;
    case "wait":
      return undefined;
    case "pass":
      return passSentence(comparison, verdict.by, settings);
    default:
      return unreachable(verdict);
  }
}

function passSentence(comparison: Comparison, by: PassedBy, settings: GateSettings): string {
  const { suspect, nonInferior, belowSlo, power } = comparison;
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

function proof({ e, threshold }: Proof, effect: string): string {
  return `evidence ${evidence(e)}, ${evidence(threshold)} ${effect}`;
}

/** The numbers of a record, at most eight rows; what is committed where nothing was judged. */
export function evidenceTable(record: GateRecord): string {
  const { live, comparison, health } = record;
  const header = [
    "",
    `canary ${code(versionOf(live.canary.image))}`,
    `stable ${code(versionOf(live.stable.image))}`,
    "bound",
  ];
  if (comparison !== undefined) return table(header, comparisonRows(comparison, record), WORDS);
  if (health !== undefined) return table(header, healthRows(health), WORDS);
  return table(header, committedRows(record), WORDS);
}

// The first and the last column say things; the arms' have numbers.
const WORDS: readonly number[] = [0, 3];

type Rows = readonly (readonly string[])[];

function comparisonRows(
  { suspect, counts, rates, ratio: estimate, interval, ...proofs }: Comparison,
  { settings, health }: GateRecord,
): Rows {
  const { worse, nonInferior, belowSlo, power } = proofs;
  const ofSuspect = (value: string) => (suspect === "canary" ? [value, ""] : ["", value]);
  return [
    ["requests", whole(counts.canary.requests), whole(counts.stable.requests), ""],
    ["failed", whole(counts.canary.failed), whole(counts.stable.failed), ""],
    [
      "error rate",
      maybe(rates.canary),
      maybe(rates.stable),
      health === undefined ? "" : `at most ${percent(health.limit)}`,
    ],
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

function healthRows({ arm, counts, rate, limit, aboveLimit, windows, failedWindows }: Health): Rows {
  const ofArm = (value: string) => (arm === "canary" ? [value, ""] : ["", value]);
  return [
    ["requests", ...ofArm(whole(counts.requests)), ""],
    ["failed", ...ofArm(whole(counts.failed)), ""],
    ["error rate", ...ofArm(maybe(rate)), `at most ${percent(limit)}`],
    ["evidence of too many errors", ...ofArm(evidence(aboveLimit.e)), `${evidence(aboveLimit.threshold)} blocks`],
    ["windows with a failed request", ...ofArm(`${whole(failedWindows)} of ${whole(windows)}`), ""],
  ];
}

function committedRows({ live }: GateRecord): Rows {
  return [
    ["weight", `${live.weight}%`, `${100 - live.weight}%`, ""],
    ["replicas", whole(live.canary.replicas), whole(live.stable.replicas), ""],
  ];
}

function maybe(rate: number | undefined): string {
  return rate === undefined ? "no requests" : percent(rate);
}
