import type { Health } from "../core/gate/health.ts";
import type { Judgement, PassedBy, Proof } from "../core/gate/judge.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import { RATIO_AT_MOST, type Interval } from "../core/gate/interval.ts";
import { FOUND_RATIO } from "../core/gate/power.ts";
import { isImage, versionOf } from "../core/image.ts";
import type { EvidenceKind } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Readiness, Verdict } from "../core/verdict.ts";
import type { Arm, Counts } from "../core/window.ts";
import { code, plain, table } from "./markdown.ts";
import { chance, duration, evidence, percent, ratio, whole } from "./numbers.ts";
import type { Comparison, GateRecord } from "./record.ts";

/** A verdict's numbers in one clause: "canary errors 0.5% against 0.5%, ratio 1.02 (0.58–1.69)"; undefined where there are none. */
export function numbersOf(verdict: Verdict, member: Pick<Member, "manifest" | "policy">): string | undefined {
  const { judgement, health, kind, readiness } = verdict;
  const blames = health?.verdict.kind === "unhealthy" && kind === "fail";
  if (readiness !== undefined && !blames) return aloneNumbers(readiness, health, member);
  if (health !== undefined && (judgement === undefined || blames)) return healthNumbers(health, member);
  return judgement && comparisonNumbers(judgement);
}

function aloneNumbers(
  readiness: Readiness,
  health: Health | undefined,
  member: Pick<Member, "manifest" | "policy">,
): string {
  if (member.policy.evidence === "bake") return `bake: ${readyText(readiness)}, no requests compared`;
  const errors = health === undefined ? "" : `${healthNumbers(health, member)}; `;
  return `health: ${errors}${readyText(readiness)}, not compared with stable`;
}

/** Pods in one clause: "2 of 2 canary pods of 1.42.0 ready for 10 min". */
export function readyText({ arm, image, ready, wanted, forMs }: Readiness): string {
  const pods = `${whole(ready)} of ${whole(wanted)} ${arm} pods of ${versionText(image)} ready`;
  return forMs === 0 || ready < wanted ? pods : `${pods} for ${duration(forMs)}`;
}

/** An image's version; where it is none of ours, all that is said of it. */
export function versionText(image: string): string {
  return isImage(image) ? versionOf(image) : plain(image);
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

/** What a verdict rests on, as a sentence with the number that decides, and where nothing is compared what it does not prove; undefined while there is none. */
export function groundsSentence(record: Grounded): string | undefined {
  const { comparison, settings } = record;
  if (comparison === undefined) return aloneSentence(record);
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

type Grounded = Pick<GateRecord, "comparison" | "settings" | "evidence" | "health" | "readiness">;

function aloneSentence({ evidence: kind, health, readiness }: Grounded): string | undefined {
  if (kind === "compare" || (health === undefined && readiness === undefined)) return undefined;
  const limit = health === undefined ? undefined : limitSentence(health);
  return [limit, UNPROVEN[kind]].filter((sentence) => sentence !== undefined).join(" ");
}

function limitSentence({ arm, verdict, limit, aboveLimit, belowLimit }: Health): string | undefined {
  if (verdict.kind === "unhealthy")
    return `Proven: ${armText(arm)} fails more than ${percent(limit)} of its requests (${proof(aboveLimit, "blocks")}).`;
  if (verdict.kind !== "healthy" || belowLimit === undefined) return undefined;
  return `Proven: ${armText(arm)} fails less than ${percent(limit)} of its requests (${proof(belowLimit, "passes")}).`;
}

/** What a pass does not prove, by what a target is judged on. */
export const UNPROVEN: Readonly<Record<Exclude<EvidenceKind, "compare">, string>> = {
  health:
    "This target is judged by health: nothing is compared with stable, so that a version which fails more than the old one, and less than the limit, is not found.",
  bake: "This target is judged by bake: ready pods and time. No requests are compared, so that it is not proven that the new version answers as it should, nor that the traffic was split.",
};

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
  const { live, comparison, health, readiness } = record;
  const header = [
    "",
    `canary ${code(versionOf(live.canary.image))}`,
    `stable ${code(versionOf(live.stable.image))}`,
    "bound",
  ];
  if (comparison !== undefined) return table(header, comparisonRows(comparison, record), WORDS);
  const pods = readiness === undefined ? [] : readyRows(readiness);
  if (health !== undefined) return table(header, [...healthRows(health), ...pods], WORDS);
  return table(header, [...committedRows(record), ...pods], WORDS);
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

function healthRows({ arm, counts, rate, limit, aboveLimit, belowLimit, windows, failedWindows }: Health): Rows {
  const ofArm = (value: string) => (arm === "canary" ? [value, ""] : ["", value]);
  return [
    ["requests", ...ofArm(whole(counts.requests)), ""],
    ["failed", ...ofArm(whole(counts.failed)), ""],
    ["error rate", ...ofArm(maybe(rate)), `at most ${percent(limit)}`],
    ["evidence of too many errors", ...ofArm(evidence(aboveLimit.e)), `${evidence(aboveLimit.threshold)} blocks`],
    ...(belowLimit === undefined
      ? []
      : [
          [
            `evidence of less than ${percent(limit)} errors`,
            ...ofArm(evidence(belowLimit.e)),
            `${evidence(belowLimit.threshold)} passes`,
          ],
        ]),
    ["windows with a failed request", ...ofArm(`${whole(failedWindows)} of ${whole(windows)}`), ""],
  ];
}

function readyRows({ arm, ready, wanted, forMs }: Readiness): Rows {
  const ofArm = (value: string) => (arm === "canary" ? [value, ""] : ["", value]);
  return [
    ["pods ready", ...ofArm(whole(ready)), `${whole(wanted)} wanted`],
    ["as wanted for", ...ofArm(duration(forMs)), ""],
  ];
}

function committedRows({ live }: GateRecord): Rows {
  return [
    ["weight", `${live.weight}%`, `${100 - live.weight}%`, ""],
    ...(live.canary.replicas === undefined
      ? []
      : [["replicas", whole(live.canary.replicas), whole(live.stable.replicas ?? 0), ""]]),
  ];
}

function maybe(rate: number | undefined): string {
  return rate === undefined ? "no requests" : percent(rate);
}
