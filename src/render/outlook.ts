import { versionOf } from "../core/image.ts";
import { isSwitch, stepNames, type Policy } from "../core/plan.ts";
import type { BumpPull } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import { UNPROVEN } from "./evidence.ts";
import { inOrder } from "../core/waves.ts";
import { timeOf } from "../core/outlook.ts";
import { forecastOf, forecastText, timeOfAll, type Start } from "./forecast.ts";
import { code, details, escaped, list, table } from "./markdown.ts";
import { count, duration, percent, ratio } from "./numbers.ts";
import {
  conclusionOf,
  expediteOf,
  nameOf,
  obstaclesOf,
  obstacleText,
  planAfter,
  reachKind,
  waits,
  type Bump,
  type Conclusion,
  type Obstacle,
} from "./obstacle.ts";
import { beyondText } from "./beyond.ts";
import { assumption, reporter } from "./seen.ts";
import { reconfiguredText, reconfiguredTitle } from "./reconfigured.ts";
import { isMixed, remarks, type Labelled } from "./remarks.ts";
import { planTable } from "./step.ts";
import { placeOf } from "./wave.ts";

type Outlook = {
  readonly conclusion: Conclusion;
  readonly title: string;
  readonly body: string;
  readonly text: string | undefined;
};

const MOST_LISTED = 30;
/** Of a problem: a title has other words before it, and an end. */
const MOST_IN_TITLE = 150;
const MOST_OF_PROBLEM = 1_000;
const MOST_ROWS = 8;
const MOST_PLANS = 20;

/** What merging a pull request of others would start, and what stands in its way: the title is plain text, the rest Markdown. */
export function planOutlook(pull: BumpPull): Outlook {
  const { labels } = pull;
  const bumps = pull.reaches.filter((reach) => reach.kind === "bump");
  const obstacles = obstaclesOf(pull);
  const [first] = obstacles;
  const starts = bumps.filter((reach) => reachKind(reach) === "starts");
  const title =
    first === undefined ? mergingTitle(pull, bumps, starts) : `${obstacleText(first)}${andMore(obstacles.length - 1)}`;
  return {
    conclusion: conclusionOf(first),
    title,
    body: [
      ...obstacleList(obstacles),
      ...problemList(pull),
      ...memberTable({ bumps, labels }),
      ...(pull.reconfigured === undefined ? [] : reconfiguredText(pull.reconfigured)),
      ...forecastText(forecastOf(startsOf(starts, labels))),
      ...remarks({ bumps: starts, labels }, first),
      ...beyondText(pull.beyond),
      closing({ bumps: starts, labels }, first),
    ].join("\n\n"),
    text:
      starts.length === 0
        ? undefined
        : starts
            .slice(0, MOST_PLANS)
            .map((start) => planDetails(start, labels))
            .join("\n\n"),
  };
}

function mergingTitle({ labels, reconfigured }: BumpPull, bumps: readonly Bump[], starts: readonly Bump[]): string {
  if (bumps.length === 0 && reconfigured !== undefined) return reconfiguredTitle(reconfigured);
  return startTitle({ bumps, labels }, starts);
}

function andMore(number: number): string {
  return number === 0 ? "" : `; and ${number} more in the way`;
}

function startTitle({ bumps, labels }: Labelled, starts: readonly Bump[]): string {
  const [first] = starts;
  const reverted = bumps.find((reach) => reachKind(reach) === "reverts");
  if (reverted !== undefined)
    return `Merging takes the release of ${nameOf(reverted.member)} back to ${versionOf(reverted.to.canary.image)}`;
  if (first === undefined) return "Merging starts no release";
  if (starts.length > 1) return severalTitle(starts, labels);
  const plan = planAfter(first, labels);
  const by = expediteOf(first, labels) === undefined ? "" : " by the plan of hotfixes";
  const mixed = isMixed(first) ? " with other changes of its pod template" : "";
  return `Merging ${ending(first)}starts ${nameOf(first.member)}, ${changeText(first)}${mixed}${by}: ${plan.steps.length} steps, about ${duration(timeOf(plan, first.member.policy))}`;
}

function severalTitle(starts: readonly Bump[], labels: readonly string[]): string {
  const [first] = starts;
  const services = new Set(starts.map(({ member }) => member.state.service));
  if (first === undefined || services.size > 1)
    return `Merging starts ${starts.length} releases; nothing moves until their first steps`;
  const waves = forecastOf(startsOf(starts, labels));
  const inWaves = waves.length === 1 ? "" : `${count(waves.length, "wave")}, `;
  return `Merging starts ${first.member.state.service}, ${changeText(first)}, in ${starts.length} targets: ${inWaves}about ${duration(timeOfAll(waves))}`;
}

function startsOf(starts: readonly Bump[], labels: readonly string[]): readonly Start[] {
  return starts.map((bump) => ({ member: bump.member, plan: planAfter(bump, labels) }));
}

/** What ends at no traffic when this one begins. */
function ending({ member }: Bump): string {
  const { release } = member.at;
  if (release !== undefined) return `ends ${versionOf(release.image)}, which is at weight 0, and `;
  return waits(member) && member.policy.secondBump !== "batch"
    ? `replaces ${versionOf(member.manifest.canary.image)}, which has not started, and `
    : "";
}

function changeText({ to }: Bump): string {
  const [from, image] = [to.stable.image, to.canary.image];
  if (from === image) return `a new pod template for ${versionOf(image)}`;
  return versionOf(from) === versionOf(image) ? `${from} → ${image}` : `${versionOf(from)} → ${versionOf(image)}`;
}

function obstacleList(obstacles: readonly Obstacle[]): readonly string[] {
  const items = obstacles.map((obstacle) => escaped(obstacleText(obstacle), 500));
  return items.length < 2 ? [] : [list(items, MOST_LISTED)];
}

/** What the title has no room for: problems as they are, what to write among them. */
function problemList({ reaches, reconfigured }: BumpPull): readonly string[] {
  const problems = reaches.flatMap((reach) => {
    if (reach.kind === "refused") return reach.problems;
    if (reach.kind === "unreadable") return [reach.problem];
    return reach.kind === "bump" && reach.unfit !== undefined ? [reach.unfit] : [];
  });
  const long = [...new Set([...problems, ...(reconfigured?.problems ?? [])])].filter(
    (problem) => problem.length > MOST_IN_TITLE,
  );
  return long.length === 0
    ? []
    : [
        list(
          long.map((problem) => escaped(problem, MOST_OF_PROBLEM)),
          MOST_LISTED,
        ),
      ];
}

function memberTable({ bumps, labels }: Labelled): readonly string[] {
  if (bumps.length === 0) return [];
  const inTurn = inOrder(bumps.map((bump) => ({ ...bump, policy: bump.member.policy })));
  const shown = inTurn.length > MOST_ROWS ? inTurn.slice(0, MOST_ROWS - 1) : inTurn;
  const rows = shown.map((bump) => memberRow(bump, labels));
  const rest = bumps.length - shown.length;
  const more = rest === 0 ? [] : [[`and ${rest} more`, "", "", "", ""]];
  return [table(["member", "from", "to", "weights", "at least"], [...rows, ...more])];
}

function memberRow(bump: Bump, labels: readonly string[]): readonly string[] {
  const { member, to } = bump;
  const plan = planAfter(bump, labels);
  const weights = stepNames(expediteOf(bump, labels) ?? member.policy);
  const versions = [code(versionOf(to.stable.image)), code(versionOf(to.canary.image))];
  return [
    `${member.state.service} · ${placeOf(member)}`,
    ...versions,
    weights.join(" → "),
    duration(timeOf(plan, member.policy)),
  ];
}

function closing({ bumps, labels }: Labelled, obstacle: Obstacle | undefined): string {
  const [first] = bumps;
  if (first === undefined)
    return obstacle === undefined ? "Nothing waits for this." : "The check looks again when that has changed.";
  return `${gatesOf(bumps)} ${obstacle === undefined ? beginning(first, labels) : whatHelps(obstacle)}`;
}

/** What the gate does, once for each kind of evidence among the targets, and what it does not prove. */
function gatesOf(bumps: readonly Bump[]): string {
  const kinds = Map.groupBy(bumps, ({ member }) => member.policy.evidence);
  const sentences = [...kinds.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const targets = [...new Set([first, ...others].map(({ member }) => member.target))];
    const where = kinds.size === 1 ? "" : `In ${targets.join(", ")}: `;
    return [`${where}${gateSentence(first.member.policy)}`];
  });
  return sentences.join(" ");
}

function gateSentence(policy: Policy): string {
  return `${judging(policy)} ${deadlineSentence(policy)}${unseenSentence(policy)}`;
}

function deadlineSentence({ deadlineMs, onDeadline }: Policy): string {
  const outcome =
    onDeadline === "abort"
      ? "is taken back; from promotion on, and while the metrics provider is down, a person decides"
      : "is held for a person";
  return `What is undecided ${duration(deadlineMs)} after a step has landed ${outcome}.`;
}

function unseenSentence(policy: Policy): string {
  const { assumedAfterMs, reports } = policy;
  if (reports !== undefined)
    return ` Where the metrics do not show whether a change runs, what ${reporter({ policy })} reports counts, which is no evidence of our own.`;
  return assumedAfterMs === undefined ? "" : ` Nothing need show that a change runs: ${assumption({ policy })}.`;
}

function judging(policy: Policy): string {
  const { seasonal = [] } = policy;
  const names = seasonal.map(({ name }) => name).join(", ");
  const besides =
    seasonal.length === 0 ? "" : ` What is unusual for its time in the service's ${names} fails a step as well.`;
  return `${judgingArms(policy)}${besides}`;
}

function judgingArms(policy: Policy): string {
  const before = [policy.mirror === undefined ? [] : copying(policy.mirror), policy.testers === true ? TESTED : []];
  return [judgingShares(policy), ...before.flat()].join(" ");
}

function copying(mirror: number): string {
  return `Before the first weight the new version is sent copies of ${mirror}% of the requests, and judged by what it does with them: nobody gets its answers and nothing is compared, but whatever such a request does besides (writes, messages, calls to others) is done twice.`;
}

const TESTED =
  "Before the first weight testers alone are sent to the new version, and what they ask is judged by itself: they are not everybody, and nothing is compared.";

function judgingShares(policy: Policy): string {
  const { evidence, gate, warmUpMs } = policy;
  const { alpha, tolerance, unhealthy } = gate;
  if (isSwitch(policy) && evidence === "compare")
    return `All of the traffic goes to the new version at once, and nothing is left to compare it with: the gate asks that it is proven to fail less than ${percent(unhealthy)} of its own requests, and its pods stay ready; it blocks at most ${percent(alpha)} of good releases.`;
  switch (evidence) {
    case "compare":
      return `The gate compares error rates and tolerates ${ratio(tolerance)} times stable's; it blocks at most ${percent(alpha)} of good releases.${warmUpMs === 0 ? "" : ` The first ${duration(warmUpMs)} of a step are not compared.`}`;
    case "health":
      return `The gate asks that the new version is proven to fail less than ${percent(unhealthy)} of its own requests; it blocks at most ${percent(alpha)} of good releases. ${UNPROVEN.health}`;
    case "bake":
      return `The gate waits for ready pods and for time. ${UNPROVEN.bake}`;
    default:
      return unreachable(evidence);
  }
}

function beginning(bump: Bump, labels: readonly string[]): string {
  const { secondBump, gatherMs } = bump.member.policy;
  const gathers = secondBump === "batch" && expediteOf(bump, labels) === undefined;
  const when = gathers
    ? ` when no further bump has landed for ${duration(gatherMs)}; those that land until then join it`
    : "";
  return `Merging moves no traffic by itself; Tidegate opens the first step as a pull request${when}.`;
}

function whatHelps(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case "blocked":
      return `${code("/retry")} here lifts the block; a newer version needs none.`;
    case "unfit":
      return "It would wait at weight 0 until that is mended; where this pull request mends it, the check says so.";
    case "ends":
      return `Wait until its weight is 0, or end it with ${code("/abort")} on its step; the check turns green at weight 0.`;
    case "runsStraight":
      return `The check turns green at weight 0; ${code("/abort")} on the release's step leads there, and so does its end.`;
    case "queued":
      return obstacle.ahead.length === 0
        ? "The check turns green when the service rests."
        : "The check turns green when the service rests and the older pull requests are merged or closed.";
    case "batched":
      return "The check turns green when the service rests.";
    default:
      return "The check looks again when what is in the way has changed.";
  }
}

function planDetails(bump: Bump, labels: readonly string[]): string {
  const { member, to } = bump;
  const summary = `The plan of ${member.state.service} · ${member.target}`;
  const images = `${code(to.stable.image)} → ${code(to.canary.image)}`;
  return details(summary, `${images}\n\n${planTable(planAfter(bump, labels), -1, member.policy.evidence)}`);
}
