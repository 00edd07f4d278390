import { divergence } from "../core/divergence.ts";
import { isPromoted } from "../core/fall.ts";
import { versionOf } from "../core/image.ts";
import type { BumpPull, Reach, Reached } from "../core/snapshot.ts";
import type { Blocked } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { code, details, escaped, list, plain, table, withoutStop } from "./markdown.ts";
import { duration, percent, ratio } from "./numbers.ts";
import { planTable } from "./step.ts";

type Bump = Extract<Reach, { readonly kind: "bump" }>;

/** What stands in the way of a bump. */
type Obstacle =
  | { readonly kind: "trespass"; readonly path: string }
  | { readonly kind: "unreadable"; readonly member: Reached; readonly problem: string }
  | { readonly kind: "refused"; readonly service: string; readonly problem: string }
  | { readonly kind: "diverged"; readonly member: Reached; readonly what: string }
  | { readonly kind: "blocked"; readonly member: Reached; readonly block: Blocked }
  | { readonly kind: "inFlight"; readonly member: Reached };

type Conclusion = "success" | "failure" | "action_required" | "neutral" | undefined;
type Outlook = {
  readonly conclusion: Conclusion;
  readonly title: string;
  readonly body: string;
  readonly text: string | undefined;
};

// Worst first, and what each makes of the check; a release in flight is only a matter of time, and what cannot be read now must be free to be mended.
const CONCLUSIONS: readonly (readonly [Obstacle["kind"], Conclusion])[] = [
  ["trespass", "failure"],
  ["unreadable", "failure"],
  ["diverged", "action_required"],
  ["blocked", "action_required"],
  ["inFlight", undefined],
  ["refused", "neutral"],
];

const MOST_LISTED = 30;
const MOST_ROWS = 8;
const MOST_PLANS = 20;

/** What merging a pull request of others would start, and what stands in its way: the title is plain text, the rest Markdown. */
export function planOutlook(bump: BumpPull): Outlook {
  const bumps = bump.reaches.filter((reach) => reach.kind === "bump");
  const obstacles = obstaclesOf(bump);
  const [first] = obstacles;
  const starts = bumps.filter((reach) => reachKind(reach) === "starts");
  const title =
    first === undefined ? startTitle(bumps, starts) : `${obstacleText(first)}${andMore(obstacles.length - 1)}`;
  return {
    conclusion: first === undefined ? "success" : CONCLUSIONS.find(([kind]) => kind === first.kind)?.[1],
    title,
    body: [...obstacleList(obstacles), ...memberTable(bumps), closing(starts, first)].join("\n\n"),
    text: starts.length === 0 ? undefined : starts.slice(0, MOST_PLANS).map(planOf).join("\n\n"),
  };
}

/** In order of CONCLUSIONS. */
function obstaclesOf({ reaches, trespasses }: BumpPull): readonly Obstacle[] {
  const all: readonly Obstacle[] = [
    ...trespasses.map((path) => ({ kind: "trespass" as const, path })),
    ...reaches.flatMap(obstacleOf),
  ];
  return CONCLUSIONS.flatMap(([kind]) => all.filter((obstacle) => obstacle.kind === kind));
}

function obstacleOf(reach: Reach): readonly Obstacle[] {
  if (reach.kind === "refused") return [refusedObstacle(reach)];
  const { member } = reach;
  if (reach.kind === "unreadable") return [{ kind: "unreadable", member, problem: reach.problem }];
  const found = divergence(member);
  if (found !== undefined) return [{ kind: "diverged", member, what: found.what }];
  if (reachKind(reach) === "reverts") return [];
  if (member.at.release !== undefined) return [{ kind: "inFlight", member }];
  const block = blockFor(reach);
  return block === undefined ? [] : [{ kind: "blocked", member, block }];
}

function refusedObstacle({ service, problems }: Extract<Reach, { readonly kind: "refused" }>): Obstacle {
  const [first = "no reason is known"] = problems;
  return { kind: "refused", service, problem: first };
}

function blockFor({ member, to }: Bump): Blocked | undefined {
  const { image, template } = to.canary;
  return member.state.blocked.find((block) => block.image === image && (block.template ?? template) === template);
}

/** A release starts; one is taken back to where it came from; or the canary only becomes what stable runs. */
function reachKind({ member, to }: Bump): "starts" | "reverts" | "rests" {
  if (to.canary.template !== to.stable.template) return "starts";
  const { release } = member.at;
  if (release === undefined) return "rests";
  return isPromoted(member, release) ? "starts" : "reverts";
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case "trespass":
      return `Only Tidegate writes ${plain(obstacle.path)}: take that change out`;
    case "unreadable":
      return `${nameOf(obstacle.member)} would become unreadable: ${plain(obstacle.problem)}`;
    case "refused":
      return `Cannot read ${plain(obstacle.service)}, so merging starts nothing: ${withoutStop(plain(obstacle.problem))}`;
    case "diverged":
      return `${nameOf(obstacle.member)} contradicts itself: ${plain(obstacle.what)}`;
    case "blocked":
      return `${versionOf(obstacle.block.image)} was taken back for ${nameOf(obstacle.member)} (${plain(obstacle.block.reason)}): merging it starts no release`;
    case "inFlight":
      return inFlightText(obstacle.member);
    default:
      return unreachable(obstacle);
  }
}

function inFlightText(member: Reached): string {
  const { weight, release } = member.at;
  const version = release === undefined ? "" : ` ${versionOf(release.image)}`;
  if (release?.aborting !== undefined)
    return `${nameOf(member)} is taking${version} back at ${weight}%: wait until that is over`;
  const wait = weight === 0 ? "wait until it is over" : "wait for weight 0";
  return `${nameOf(member)}${version} is in flight at ${weight}%: merging this now would take that release back; ${wait}`;
}

function nameOf({ state, target }: Reached): string {
  return `${state.service} in ${target}`;
}

function andMore(number: number): string {
  return number === 0 ? "" : `; and ${number} more in the way`;
}

function startTitle(bumps: readonly Bump[], starts: readonly Bump[]): string {
  const [first] = starts;
  const reverted = bumps.find((reach) => reachKind(reach) === "reverts");
  if (reverted !== undefined)
    return `Merging takes the release of ${nameOf(reverted.member)} back to ${versionOf(reverted.to.canary.image)}`;
  if (first === undefined) return "Merging starts no release";
  if (starts.length > 1) return `Merging starts ${starts.length} releases; nothing moves until their first steps`;
  const { member, to } = first;
  const { steps } = member.plan;
  return `Merging starts ${nameOf(member)}, ${versionOf(to.stable.image)} → ${versionOf(to.canary.image)}: ${steps.length} steps, about ${duration(timeOf(member))}`;
}

function obstacleList(obstacles: readonly Obstacle[]): readonly string[] {
  return obstacles.length < 2
    ? []
    : [
        list(
          obstacles.map((obstacle) => escaped(obstacleText(obstacle))),
          MOST_LISTED,
        ),
      ];
}

function memberTable(bumps: readonly Bump[]): readonly string[] {
  if (bumps.length === 0) return [];
  const shown = bumps.length > MOST_ROWS ? bumps.slice(0, MOST_ROWS - 1) : bumps;
  const rows = shown.map(memberRow);
  const rest = bumps.length - shown.length;
  const more = rest === 0 ? [] : [[`and ${rest} more`, "", "", "", ""]];
  return [table(["member", "from", "to", "weights", "at least"], [...rows, ...more])];
}

function memberRow({ member, to }: Bump): readonly string[] {
  const weights = member.plan.steps.filter(({ kind }) => kind === "shift").map(({ weight }) => `${weight}%`);
  const versions = [code(versionOf(to.stable.image)), code(versionOf(to.canary.image))];
  return [`${member.state.service} · ${member.target}`, ...versions, weights.join(" → "), duration(timeOf(member))];
}

/** What a good release takes: its bakes, and per step the windows that see it and the repository's pace. Milliseconds. */
function timeOf({ plan, policy }: Reached): number {
  const { windowMs, settleMs, mergeEveryMs } = policy;
  return plan.steps.reduce((sum, { weight, bakeMs }) => {
    const seen = (weight === 0 ? 2 : 1) * windowMs + windowMs / 2 + settleMs;
    return sum + Math.max(mergeEveryMs, seen + bakeMs);
  }, 0);
}

function closing(starts: readonly Bump[], obstacle: Obstacle | undefined): string {
  const [first] = starts;
  if (first === undefined)
    return obstacle === undefined ? "Nothing waits for this." : "The check looks again when that has changed.";
  const { alpha, tolerance } = first.member.policy.gate;
  const gate = `The gate compares error rates and tolerates ${ratio(tolerance)} times stable's; it blocks at most ${percent(alpha)} of good releases.`;
  const now =
    obstacle === undefined
      ? "Merging moves no traffic by itself; Tidegate opens the first step as a pull request."
      : "The check looks again when what is in the way has changed.";
  return `${gate} ${now}`;
}

function planOf({ member, to }: Bump): string {
  const summary = `The plan of ${member.state.service} · ${member.target}`;
  return details(summary, `${code(to.stable.image)} → ${code(to.canary.image)}\n\n${planTable(member.plan, -1)}`);
}
