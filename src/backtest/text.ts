import { printedBar } from "../core/gate/judge.ts";
import type { Name } from "../core/names.ts";
import { count, duration, percent, utc, whole } from "../render/numbers.ts";
import { REGRESSION_NAMES, type Assessment, type StepOutlook } from "./assess.ts";
import type { Backtest } from "./backtest.ts";
import type { Concern } from "./concerns.ts";
import { fragmentOf } from "./fragment.ts";
import { gaugeAdviceText, gaugesText } from "./gauge-text.ts";
import { latencyAdviceText, slowBlockLines, slowLines, slowParts } from "./latency-text.ts";
import { foundText, perMonth, shareOf, table, timeOf } from "./table.ts";
import { concernText } from "./words.ts";

/** Whose releases were played. */
export type Subject = { readonly service: Name; readonly target: Name };

/** What a back-test found, for a terminal. */
export function backtestText(subject: Subject, found: Backtest): string {
  const isSilent = found.concerns.some(({ kind }) => kind === "silent");
  const parts = [
    `${subject.service} · ${subject.target}: ${verdictText(found.concerns)}`,
    pastText(found),
    ...(isSilent ? [] : [identicalText(found), ...assessmentText(found), gaugesText(found), openText(found)]),
    concernsText(found.concerns),
    ...(isSilent ? [] : [proposalText(subject, found)]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What a back-test comes to, in a clause. */
export function verdictText(concerns: readonly Concern[]): string {
  if (concerns.length === 0) return "the gate can be trusted as it is configured.";
  const isOpen = concerns.some(({ kind }) => kind === "silent" || kind === "armsUnknown" || kind === "tooFew");
  return isOpen ? "what the gate does cannot all be told beforehand." : "something is to change.";
}

function pastText(found: Backtest): string {
  const { past, shape, arms, pods, shares } = found;
  const { from, to, windowMs, windows, measured, leftOut, releases, perMinute, failing } = past;
  const rate = `${perMinute < 10 ? Number(perMinute.toPrecision(2)) : whole(perMinute)} requests a minute, ${percent(failing)} of them failed`;
  const out =
    leftOut === 0
      ? "no release among them"
      : `${count(leftOut, "window")} left out (${count(releases, "release")}, and what was excluded)`;
  return [
    `  past      ${duration(to - from)} to ${utc(to, 0)}: ${whole(measured)} of ${count(windows, "window")} of ${duration(windowMs)} measured, ${out}`,
    ...(measured === 0 ? [] : [`  traffic   ${rate}`]),
    `  releases  ${shape.weights.map((weight) => `${Math.round(weight * 100)}%`).join(", ")}, ${duration(shape.bakeMs)} each, decided within ${duration(shape.deadlineWindows * windowMs)}`,
    ...(arms.kind === "pods"
      ? [
          `  placebos  drawn from up to ${pods} pods of stable, which had ${shares.map(percent).join(", ")} of the requests`,
        ]
      : []),
    ...slowLines(found),
  ].join("\n");
}

function identicalText(found: Backtest): string {
  const { arms, identical, everything, month, releasesPerMonth, configured } = found;
  const title = "Releases of nothing new (how often would the gate have blocked?)";
  if (identical === undefined || month === undefined) return `${title}\n  It cannot be told${whyNot(arms)}.`;
  const { blocked, of, later } = identical;
  const bar = printedBar(configured.settings);
  const rows = [
    `  blocked   ${blocked} of ${of} (E ≥ ${whole(bar)}): ${perMonth(month.expected)} a month at ${whole(releasesPerMonth)} releases (95%: ${perMonth(month.low)} to ${perMonth(month.high)})`,
    ...(arms.kind === "twins"
      ? ["            of windows of past releases in which both arms ran the same version"]
      : []),
    ...(everything === undefined || everything.of === of
      ? []
      : [`  with all  ${everything.blocked} of ${everything.of}, real releases and what was excluded inside`]),
    ...(later === undefined
      ? []
      : [`  learnt    settings from the earlier half block ${later.blocked} of ${later.of} in the later one`]),
    ...slowBlockLines(found),
  ];
  return [title, ...rows].join("\n");
}

function whyNot(arms: Backtest["arms"]): string {
  return arms.kind === "none" ? `: ${arms.why}` : "";
}

function assessmentText(found: Backtest): readonly string[] {
  const { configured, arms, plain, lookedForMs } = found;
  const best = arms.kind === "pods" ? "" : "; at best, as if requests failed one by one";
  const { good, bad } = configured.climbs;
  const all = [good, ...bad.filter(({ regression }) => REGRESSION_NAMES.some((name) => name === regression))];
  const releases = table([
    ["", "nothing new", ...REGRESSION_NAMES],
    ["blocked", ...all.map(({ blocked, of }) => shareOf(blocked, of))],
    ["  half of them after", ...all.map(({ blockMs }) => timeOf(blockMs))],
    ["got through all steps", ...all.map(({ passed, of }) => shareOf(passed, of))],
    ["  half of all after", ...all.map(({ passMs }) => timeOf(passMs.half))],
    ["undecided, held", ...all.map(({ held, of }) => shareOf(held, of))],
  ]);
  return [
    `Whole releases as the gate lets them climb (${good.of} of each, up to ${duration(lookedForMs.release)}${best})\n${releases}${plainText(plain)}`,
    `Steps by ${configured.latency === undefined ? "themselves" : "errors alone"} (up to ${duration(lookedForMs.step)}; found, and after how long half of those${best})\n${stepsTable(configured)}`,
    ...slowParts(found, best),
  ];
}

function plainText(plain: Backtest["plain"]): string {
  if (plain === undefined) return "";
  const found = plain.found.map(({ regression, blocked, of }) => `${regression} ${shareOf(blocked, of)}`).join(", ");
  const rare = plain.isPromised ? "blocks good releases as rarely" : "blocks none of these good releases";
  return `\n  A plain limit on the canary's error rate in a window ${rare} from ${percent(plain.limit)} on, and then finds within the bakes: ${found}.`;
}

function stepsTable({ steps }: Assessment): string {
  return table([
    ["weight", "good: half pass after", "most", "undecided", ...REGRESSION_NAMES],
    ...steps.map(({ weight, good, bad }) => [
      `${Math.round(weight * 100)}%`,
      timeOf(good.passMs.half),
      timeOf(good.passMs.most),
      shareOf(good.held, good.of),
      ...bad.map(foundText),
    ]),
  ]);
}

// Found in fewer than so many, nobody should rely on it.
const RELIABLE = 0.8;

/** What cannot be decided beforehand: which regressions at which weight. */
export function openText({ configured, lookedForMs: { step } }: Backtest): string {
  const open = [...configured.steps, ...(configured.latency ?? [])].flatMap((step) => openAt(step) ?? []);
  return open.length === 0
    ? ""
    : `Not to be relied on within ${duration(step)}: ${open.join("; ")}. What is not found there may pass, or be held for a person.`;
}

function openAt({ weight, bad }: StepOutlook): string | undefined {
  const names = bad.filter(({ blocked, of }) => blocked < RELIABLE * of).map(({ regression }) => regression);
  return names.length === 0 ? undefined : `${names.join(", ")} at ${Math.round(weight * 100)}%`;
}

function concernsText(concerns: readonly Concern[]): string {
  return concerns.length === 0
    ? ""
    : `To know or to change\n${concerns.map((one) => `  - ${concernText(one)}`).join("\n")}`;
}

function proposalText(subject: Subject, found: Backtest): string {
  const fragment = fragmentOf(subject.service, found);
  const remarks = proposalRemarks(found, fragment);
  if (fragment === undefined) return remarks.length === 0 ? "Nothing else is proposed." : remarks.join("\n");
  return [`Proposed, for .github/tidegate.yml:\n\n${fragment}`, ...remarks].join("\n");
}

/** What there is to say of what is proposed, sentences; where nothing is, why nothing would help. */
export function proposalRemarks(found: Backtest, fragment: string | undefined): readonly string[] {
  const never = found.climb === undefined ? [NEVER] : [];
  if (fragment === undefined) return never;
  const advice = [latencyAdviceText(found), gaugeAdviceText(found)].filter((one) => one !== "");
  const then = found.proposed === undefined ? [] : [`With that, ${withThat(found, found.proposed)}`];
  return [...advice, ...then, ...never];
}

const NEVER =
  "No weight up to 50% lets nine of ten good steps be decided in time: a person decides, or the target is judged by health or bake (docs/gates.md).";

function withThat({ arms }: Backtest, { climbs: { good, bad } }: Assessment): string {
  const found = bad.map(({ regression, blocked, of }) => `${regression} ${shareOf(blocked, of)}`).join(", ");
  const half = good.passMs.half === undefined ? "" : `, half of all within ${duration(good.passMs.half)}`;
  const best = arms.kind === "pods" ? "" : " (at best)";
  return `${shareOf(good.passed, good.of)} of releases of nothing new get through${half}; found${best}: ${found}.`;
}

/** One JSON object; see docs/backtest.md. */
export function backtestJson(subject: Subject, found: Backtest): string {
  const fragment = fragmentOf(subject.service, found) ?? null;
  return `${JSON.stringify({ version: 1, ...subject, trusted: found.concerns.length === 0, ...found, fragment }, undefined, 2)}\n`;
}
