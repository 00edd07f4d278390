import type { Health } from "../core/gate/health.ts";
import { isImage, versionOf } from "../core/image.ts";
import type { EvidenceKind } from "../core/plan.ts";
import { runBy } from "../core/preview.ts";
import type { Member } from "../core/snapshot.ts";
import type { Readiness, Verdict } from "../core/verdict.ts";
import { analysisNumbers, analysisSentence } from "./analysis.ts";
import { wordsOf } from "./gates.ts";
import { code, plain, table } from "./markdown.ts";
import { duration, evidence, percent, whole } from "./numbers.ts";
import type { GateRecord } from "./record.ts";
import { seasonalNumbers, seasonalSentence } from "./seasonal.ts";
import { armText, cellsOf, proof, rateText } from "./terms.ts";

/** A verdict's numbers in one clause: "canary errors 0.5% against 0.5%, ratio 1.02 (0.58–1.69)"; undefined where there are none. */
export function numbersOf(verdict: Verdict, member: Pick<Member, "at" | "manifest" | "policy">): string | undefined {
  const { analyses = [], seasonal } = verdict;
  const besides = [seasonal && seasonalNumbers(seasonal), ...analyses.map(analysisNumbers)];
  const own = ownNumbers(verdict, member);
  const blocks = [seasonal?.judgement.verdict, ...analyses.map((one) => one.verdict)];
  const isTheirs = blocks.some((one) => one?.kind === "block");
  const all = isTheirs ? [...besides, own] : [own, ...besides];
  const said = all.filter((one) => one !== undefined);
  return said.length === 0 ? undefined : said.join("; ");
}

function ownNumbers(verdict: Verdict, member: Pick<Member, "at" | "manifest" | "policy">): string | undefined {
  const { rulings, health, kind, readiness } = verdict;
  const blames = health?.verdict.kind === "unhealthy" && kind === "fail";
  if (readiness !== undefined && !blames) return aloneNumbers(readiness, health, member);
  if (health !== undefined && (rulings.length === 0 || blames)) return healthNumbers(health, member);
  return rulings.length === 0 ? undefined : comparedNumbers(verdict);
}

function aloneNumbers(
  readiness: Readiness,
  health: Health | undefined,
  member: Pick<Member, "at" | "manifest" | "policy">,
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

/** What blocks first. */
function comparedNumbers({ rulings }: Verdict): string {
  const blocks = rulings.filter(({ judgement }) => judgement.verdict.kind === "block");
  const others = rulings.filter((ruling) => !blocks.includes(ruling));
  return [...blocks, ...others].flatMap((ruling) => wordsOf(ruling).numbers ?? []).join("; ");
}

function healthNumbers({ arm, counts, limit }: Health, member: Pick<Member, "at" | "manifest">): string {
  return `${arm} errors ${rateText(counts)} on ${versionOf(runBy(member, arm).image)}, ${percent(limit)} is the limit`;
}

/** What a verdict rests on, as a sentence with the number that decides, and where nothing is compared what it does not prove; undefined while there is none. */
export function groundsSentence(record: Grounded): string | undefined {
  const { gates = [], seasonal, analyses = [] } = record;
  const own = gates.length === 0 ? [aloneSentence(record)] : gates.map((ruling) => wordsOf(ruling).grounds);
  const all = [...analyses.map(analysisSentence), ...own, seasonal && seasonalSentence(seasonal)];
  const said = all.filter((sentence) => sentence !== undefined);
  return said.length === 0 ? undefined : said.join(" ");
}

type Grounded = Pick<GateRecord, "gates" | "analyses" | "seasonal" | "evidence" | "health" | "readiness" | "step">;

function aloneSentence({ evidence: kind, health, readiness, step }: Grounded): string | undefined {
  if (kind === "compare" || (health === undefined && readiness === undefined)) return undefined;
  const limit = health === undefined ? undefined : limitSentence(health);
  return [limit, unproven(kind, step)].filter((sentence) => sentence !== undefined).join(" ");
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

function unproven(kind: keyof typeof UNPROVEN, step: Grounded["step"]): string {
  if (step?.judge === "tested") return UNPROVEN_OF_TESTERS;
  if (step?.judge === "mirrored") return UNPROVEN_OF_COPIES;
  return step?.judge === "alone" ? UNPROVEN_OF_ALL[kind] : UNPROVEN[kind];
}

/** Whatever a target is judged on. */
const UNPROVEN_OF_TESTERS =
  "Testers alone are sent to the canary: nothing is compared with stable, and what they do not ask is not seen.";

const UNPROVEN_OF_COPIES =
  "Copies of requests alone are sent to the canary, and nobody gets its answers: they are compared with nothing, and whether they say what stable's say is not seen.";

/** The same of a step at which one arm has all of the traffic. */
const UNPROVEN_OF_ALL: typeof UNPROVEN = {
  health:
    "All of the traffic is with one arm: nothing is compared, so that a version which fails more than the old one, and less than the limit, is not found.",
  bake: "All of the traffic is with one arm, which is judged by ready pods and time: it is not proven that the new version answers as it should.",
};

/** The numbers of a record, at most eight rows a gate; what is committed where nothing was judged. */
export function evidenceTable(record: GateRecord): string {
  const { live, gates = [], health, readiness } = record;
  const header = [
    "",
    `canary ${code(versionOf(live.canary.image))}`,
    `stable ${code(versionOf(live.stable.image))}`,
    "bound",
  ];
  if (gates.length > 0)
    return gates
      .map((ruling) => wordsOf(ruling).rows(health?.limit))
      .filter((rows) => rows.length > 0)
      .map((rows) => table(header, rows, WORDS))
      .join("\n\n");
  const pods = readiness === undefined ? [] : readyRows(readiness);
  if (health !== undefined) return table(header, [...healthRows(health), ...pods], WORDS);
  return table(header, [...committedRows(record), ...pods], WORDS);
}

// The first and the last column say things; the arms' have numbers.
const WORDS: readonly number[] = [0, 3];

type Rows = readonly (readonly string[])[];

function healthRows({ arm, counts, limit, aboveLimit, belowLimit, windows, failedWindows }: Health): Rows {
  const ofArm = (value: string) => cellsOf(arm, value);
  return [
    ["requests", ...ofArm(whole(counts.requests)), ""],
    ["failed", ...ofArm(whole(counts.failed)), ""],
    ["error rate", ...ofArm(rateText(counts)), `at most ${percent(limit)}`],
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
  const ofArm = (value: string) => cellsOf(arm, value);
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
