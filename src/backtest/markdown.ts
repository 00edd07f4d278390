import { unreachable } from "../core/unreachable.ts";
import type { BacktestedMember } from "../ports/backtests.ts";
import { code, details, escaped, fenced, list, table, withoutStop } from "../render/markdown.ts";
import { count, duration, percent, utc, whole } from "../render/numbers.ts";
import type { Outlook } from "./assess.ts";
import type { Backtest } from "./backtest.ts";
import { fragmentOf } from "./fragment.ts";
import type { PastEnd } from "./pasts.ts";
import { perMonth, shareOf, timeOf } from "./table.ts";
import { backtestText, openText, proposalRemarks, verdictText } from "./text.ts";
import { concernText } from "./words.ts";

type Place = Pick<BacktestedMember, "service" | "target">;

const LONGEST = 1_000;

/** What a back-test found for a member, for a comment: the answer first, then what it rests on, then what to write. `end`: why nothing older was read. */
export function backtestMarkdown(member: BacktestedMember, found: Backtest, end: PastEnd): string {
  const { service, target } = member;
  const isSilent = found.concerns.some(({ kind }) => kind === "silent");
  const concerns = found.concerns.map((concern) => escaped(concernText(concern), LONGEST));
  const parts = [
    `${headOf(member)}: ${verdictText(found.concerns)}`,
    [readText(found), endText(end), judgedText(member)].filter((one) => one !== "").join(" "),
    ...(isSilent ? [] : playedParts(found)),
    concerns.length === 0 ? "" : `To know or to change:\n\n${list(concerns, MOST_CONCERNS)}`,
    ...(isSilent
      ? []
      : [
          proposalText(member, found),
          details(ALL, fenced(backtestText({ service, target }, found).trimEnd(), "text")),
        ]),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const MOST_CONCERNS = 20;
const ALL = "All of it, with what a plain limit would do";

/** Why nothing can be said of a member's past, and what to do. */
export function unreadMarkdown(place: Place, reason: string): string {
  const next = `${code("tidegate doctor")} says what is wrong with a provider; when that is mended, write ${code("/backtest")} again.`;
  return `${headOf(place)}: its past cannot be read: ${escaped(withoutStop(reason), LONGEST)}. ${next}`;
}

/** Whose past was not played over. */
export function othersMarkdown(others: readonly Place[], why: string): string {
  const names = others.slice(0, MOST_NAMED).map((place) => `${place.service} · ${place.target}`);
  const more = others.length > names.length ? ` and ${others.length - names.length} more` : "";
  return `Not played, ${why}: ${names.join(", ")}${more}. ${code("/backtest <target>")} plays one target alone.`;
}

const MOST_NAMED = 20;

/** What goes for all that was played, and what a comment has no room for. */
export function furtherMarkdown([first, ...others]: readonly Place[]): string {
  if (first === undefined) return "";
  const { service, target } = first;
  const isShared = others.some((one) => one.service === service);
  const shared = isShared
    ? "An entry goes for a service in every target: where they differ, write the larger numbers. "
    : "";
  const command = code(`npx tidegate backtest ${service}/${target} --days 14`);
  return `${shared}Nothing was written or changed by this. More days, incidents to leave out and another label of pods are asked for on the command line: ${command}.`;
}

function headOf({ service, target }: Place): string {
  return `**${service} · ${target}**`;
}

function readText({ past, shape }: Backtest): string {
  const { from, to, windows, measured, leftOut, releases, perMinute, failing, windowMs } = past;
  if (windows === 0) return "Nothing of its past was read.";
  const read = `Read: ${duration(to - from)} to ${utc(to, 0)}, ${whole(measured)} of ${count(windows, "window")} measured`;
  const out = leftOut === 0 ? "" : `, ${whole(leftOut)} of them left out for ${count(releases, "release")}`;
  const rate = perMinute < 10 ? String(Number(perMinute.toPrecision(2))) : whole(perMinute);
  const traffic = measured === 0 ? "" : `; ${rate} requests a minute, ${percent(failing)} of them failed`;
  const weights = shape.weights.map((weight) => `${Math.round(weight * 100)}%`).join(", ");
  const within = duration(shape.deadlineWindows * windowMs);
  return `${read}${out}${traffic}. Releases go by ${weights}, ${duration(shape.bakeMs)} each, decided within ${within}.`;
}

function endText(end: PastEnd): string {
  switch (end.kind) {
    case "all":
      return "";
    case "late":
      return "What is older was not read: that took too long.";
    case "full":
      return "What is older was not read: a comment has room for no more.";
    case "refused":
      return `What is older cannot be read: ${escaped(withoutStop(end.reason), LONGEST)}.`;
    default:
      return unreachable(end);
  }
}

/** What is played compares canary with stable, whatever the target is judged by. */
function judgedText({ policy: { evidence } }: BacktestedMember): string {
  return evidence === "compare"
    ? ""
    : `This target is judged by ${code(evidence)}; what is played here is what ${code("compare")} would do.`;
}

function playedParts(found: Backtest): readonly string[] {
  const { configured, lookedForMs, arms } = found;
  const best = arms.kind === "pods" ? "" : "; at best, as if requests failed one by one";
  return [
    blockedText(found),
    `Whole releases as the gate lets them climb (${configured.climbs.good.of} of each${best}):`,
    climbsTable(configured.climbs),
    `Steps by ${configured.latency === undefined ? "themselves" : "errors alone"} (found, and after how long half of those; up to ${duration(lookedForMs.step)}${best}):`,
    stepsTable(configured.steps),
    ...(configured.latency === undefined ? [] : ["Steps by latency alone:", stepsTable(configured.latency)]),
    openText(found),
  ];
}

function blockedText({ arms, identical, month, releasesPerMonth }: Backtest): string {
  if (identical === undefined || month === undefined) {
    const why = arms.kind === "none" ? `: ${escaped(arms.why, LONGEST)}` : "";
    return `How often the gate would have blocked good releases cannot be told${why}.`;
  }
  const { blocked, of } = identical;
  const often = `${perMonth(month.expected)} a month at ${whole(releasesPerMonth)} releases (95%: ${perMonth(month.low)} to ${perMonth(month.high)})`;
  const twins =
    arms.kind === "twins" ? " These are windows of past releases in which both arms ran the same version." : "";
  return `The gate would have blocked ${blocked} of ${count(of, "release")} of nothing new: ${often}.${twins}`;
}

function climbsTable({ good, bad }: Outlook): string {
  const all = [good, ...bad];
  return table(
    ["", "nothing new", ...bad.map(({ regression }) => regression)],
    [
      ["blocked", ...all.map(({ blocked, of, blockMs }) => after(shareOf(blocked, of), blockMs))],
      ["got through all steps", ...all.map(({ passed, of, passMs }) => after(shareOf(passed, of), passMs.half))],
      ["undecided, held", ...all.map(({ held, of }) => shareOf(held, of))],
    ],
  );
}

function stepsTable(steps: Backtest["configured"]["steps"]): string {
  const names = steps[0]?.bad.map(({ regression }) => regression) ?? [];
  return table(
    ["weight", "good: half pass after", "nine of ten", "undecided", ...names],
    steps.map(({ weight, good, bad }) => [
      `${Math.round(weight * 100)}%`,
      timeOf(good.passMs.half),
      timeOf(good.passMs.most),
      shareOf(good.held, good.of),
      ...bad.map(({ blocked, of, blockMs }) => after(shareOf(blocked, of), blockMs)),
    ]),
  );
}

function after(share: string, ms: number | undefined): string {
  return ms === undefined ? share : `${share}, ${duration(ms)}`;
}

function proposalText({ service }: Place, found: Backtest): string {
  const fragment = fragmentOf(service, found);
  const remarks = proposalRemarks(found, fragment).map((remark) => escaped(remark, LONGEST));
  const proposed =
    fragment === undefined
      ? []
      : [`Proposed, for ${code(".github/tidegate.yml")}:`, fenced(fragment.trimEnd(), "yaml")];
  return proposed.length + remarks.length === 0 ? "Nothing is proposed." : [...proposed, ...remarks].join("\n\n");
}
