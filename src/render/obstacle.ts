import { divergence, type Divergence } from "../core/divergence.ts";
import { isPromoted, isSentBesides } from "../core/fall.ts";
import { versionOf } from "../core/image.ts";
import { timeOf } from "../core/outlook.ts";
import { planFor, type Expedite, type Plan } from "../core/plan.ts";
import { blocking, isBumped } from "../core/proposal.ts";
import type { BumpPull, Reach, Reached, Replanned } from "../core/snapshot.ts";
import type { Blocked } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { divergenceText } from "./divergence.ts";
import { plain, withoutStop } from "./markdown.ts";
import { duration } from "./numbers.ts";
import { isRollout } from "./step.ts";
import { named } from "./wave.ts";

export type Bump = Extract<Reach, { readonly kind: "bump" }>;

/** What stands in the way of a bump, or is there to be known before it is merged. */
export type Obstacle =
  | { readonly kind: "trespass"; readonly path: string }
  | { readonly kind: "misconfigured"; readonly problem: string }
  | { readonly kind: "loosened"; readonly problem: string }
  /** A repository that extends this one could not use its configuration any more. */
  | { readonly kind: "breaksElsewhere"; readonly repo: string; readonly problem: string }
  | { readonly kind: "unreadable"; readonly member: Reached; readonly problem: string }
  /** Its configuration has other steps than the release under way. */
  | { readonly kind: "strands"; readonly member: Reached; readonly what: string }
  | { readonly kind: "diverged"; readonly member: Reached; readonly divergence: Divergence; readonly to: string }
  | { readonly kind: "blocked"; readonly member: Reached; readonly block: Blocked }
  /** Merging it now would end the release under way, which has traffic. */
  | { readonly kind: "ends"; readonly member: Reached; readonly to: string }
  /** An Argo Rollout in flight would run any other pod template straight to the committed weight. */
  | { readonly kind: "runsStraight"; readonly member: Reached; readonly to: string }
  /** Its release would not begin: traffic for the canary would be dropped. */
  | { readonly kind: "unfit"; readonly member: Reached; readonly what: string }
  | { readonly kind: "takingBack"; readonly member: Reached }
  | { readonly kind: "queued"; readonly member: Reached; readonly ahead: readonly number[] }
  | { readonly kind: "batched"; readonly member: Reached }
  | { readonly kind: "refused"; readonly service: string; readonly problem: string };

export type Conclusion = "success" | "failure" | "action_required" | undefined;

// Worst first, and what each makes of the check: what is only a matter of time stays in progress, and what cannot be read now must be free to be mended.
const CONCLUSIONS: readonly (readonly [Obstacle["kind"], Conclusion])[] = [
  ["trespass", "failure"],
  ["misconfigured", "failure"],
  ["loosened", "failure"],
  ["breaksElsewhere", "failure"],
  ["unreadable", "failure"],
  ["runsStraight", "failure"],
  ["diverged", "action_required"],
  ["blocked", "action_required"],
  ["unfit", "action_required"],
  ["strands", "action_required"],
  ["ends", "action_required"],
  ["takingBack", undefined],
  ["queued", undefined],
  ["batched", undefined],
  ["refused", "success"],
];

export function conclusionOf(obstacle: Obstacle | undefined): Conclusion {
  return obstacle === undefined ? "success" : CONCLUSIONS.find(([kind]) => kind === obstacle.kind)?.[1];
}

/** All that is in the way, worst first. */
export function obstaclesOf(pull: BumpPull): readonly Obstacle[] {
  const all: readonly Obstacle[] = [
    ...pull.trespasses.map((path) => ({ kind: "trespass" as const, path })),
    ...pull.reaches.flatMap((reach) => obstaclesAt(reach, pull)),
    ...(pull.reconfigured?.problems ?? []).map((problem) => ({ kind: "misconfigured" as const, problem })),
    ...(pull.reconfigured?.loosened ?? []).map((problem) => ({ kind: "loosened" as const, problem })),
    ...(pull.reconfigured?.elsewhere ?? []).flatMap(({ repo, problems }) =>
      problems.map((problem) => ({ kind: "breaksElsewhere" as const, repo, problem })),
    ),
    ...(pull.reconfigured?.replanned ?? []).flatMap(stranding),
  ];
  return CONCLUSIONS.flatMap(([kind]) => all.filter((obstacle) => obstacle.kind === kind));
}

function stranding({ member, plan }: Replanned): readonly Obstacle[] {
  const isSoAlready = divergence(member)?.kind === "plan";
  const found = divergence({ ...member, plan });
  return isSoAlready || found?.kind !== "plan" ? [] : [{ kind: "strands", member, what: found.what }];
}

function obstaclesAt(reach: Reach, { labels }: BumpPull): readonly Obstacle[] {
  if (reach.kind === "refused")
    return [{ kind: "refused", service: reach.service, problem: reach.problems[0] ?? "no reason is known" }];
  const { member } = reach;
  if (reach.kind === "unreadable") return [{ kind: "unreadable", member, problem: reach.problem }];
  const found = divergence(member);
  const to = versionOf(reach.to.canary.image);
  // A weight that was raised to one of the plan is followed at the same look.
  if (found !== undefined && found.kind !== "raised") return [{ kind: "diverged", member, divergence: found, to }];
  if (reachKind(reach) !== "starts") return [];
  const block = blocking(member.state.blocked, reach.to.canary);
  return [
    ...(block === undefined ? [] : [{ kind: "blocked" as const, member, block }]),
    ...(reach.unfit === undefined ? [] : [{ kind: "unfit" as const, member, what: reach.unfit }]),
    ...(isRollout(member) && weightOf(member) > 0
      ? [{ kind: "runsStraight" as const, member, to }]
      : flightObstacles(reach, expediteOf(reach, labels) === undefined ? member.policy.secondBump : "supersede")),
  ];
}

/** What another release of the same member is to a bump, by policy. */
function flightObstacles({ member, to, ahead }: Bump, policy: Reached["policy"]["secondBump"]): readonly Obstacle[] {
  const { release } = member.at;
  const hasTraffic = isAsked(member);
  if (release?.aborting !== undefined && (policy !== "supersede" || isMidway(member)))
    return [{ kind: "takingBack", member }];
  switch (policy) {
    case "supersede":
      return release !== undefined && hasTraffic ? [{ kind: "ends", member, to: versionOf(to.canary.image) }] : [];
    case "queue":
      return release !== undefined || waits(member) || ahead.length > 0 ? [{ kind: "queued", member, ahead }] : [];
    case "batch":
      return release === undefined ? [] : [{ kind: "batched", member }];
    default:
      return unreachable(policy);
  }
}

/** Whether a way back is to end before another version lands: Flagger takes back what lands meanwhile, after a promotion that has failed by sending all to pods that are not ready. */
function isMidway(member: Reached): boolean {
  return isAsked(member) || member.manifest.flagger !== undefined;
}

/** Whether requests go to the canary, or copies of some. */
function isAsked(member: Reached): boolean {
  return weightOf(member) > 0 || isSentBesides(member.at);
}

/** The more of what git's route and git's state say goes to the canary. */
export function weightOf({ at, manifest }: Reached): number {
  return Math.max(at.weight, manifest.weight);
}

/** A bump has landed, and its release has not begun. */
export function waits({ at, manifest, bump, state }: Reached): boolean {
  if (at.release !== undefined || bump === undefined || !isBumped({ manifest })) return false;
  return blocking(state.blocked, manifest.canary) === undefined;
}

/** The plan of hotfixes, where the pull request has the label that asks for it. */
export function expediteOf({ member }: Bump, labels: readonly string[]): Expedite | undefined {
  const { expedite } = member.policy;
  return expedite !== undefined && labels.includes(expedite.label) ? expedite : undefined;
}

/** The plan of the release that a bump would start, whichever the one under way follows. */
export function planAfter(bump: Bump, labels: readonly string[]): Plan {
  return planFor(expediteOf(bump, labels) ?? bump.member.policy, bump.member.at, bump.to);
}

/** A release starts; one is taken back to where it came from; or the canary only becomes what stable runs. */
export function reachKind({ member, to }: Bump): "starts" | "reverts" | "rests" {
  const { release } = member.at;
  // Also where stable has the new version already: it is given back as well.
  if (release !== undefined && to.canary.template === member.bump?.was?.template) return "reverts";
  if (to.canary.template !== to.stable.template) return "starts";
  if (release === undefined) return "rests";
  return isPromoted(member, release) && !isRollout(member) ? "starts" : "reverts";
}

/** An obstacle as a clause of plain text. */
export function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case "trespass":
      return `Only Tidegate writes ${plain(obstacle.path)}: take that change out`;
    case "misconfigured":
      return `This configuration cannot be used: ${withoutStop(plain(obstacle.problem))}`;
    case "breaksElsewhere":
      return `Merging this stops releases of ${plain(obstacle.repo)}: ${withoutStop(plain(obstacle.problem))}`;
    case "loosened":
      return `This configuration asks for less than is enforced: ${withoutStop(plain(obstacle.problem))}`;
    case "strands":
      return `Merging this holds ${running(obstacle.member)} of ${nameOf(obstacle.member)} at ${weightOf(obstacle.member)}%: ${obstacle.what}`;
    case "unreadable":
      return `${nameOf(obstacle.member)} would become unreadable: ${plain(obstacle.problem)}`;
    case "refused":
      return `Merging starts nothing: cannot read ${plain(obstacle.service)}: ${withoutStop(plain(obstacle.problem))}`;
    case "diverged":
      return divergedText(obstacle);
    case "blocked":
      return `${versionOf(obstacle.block.image)} was taken back for ${nameOf(obstacle.member)} (${plain(obstacle.block.reason)}): merging it starts no release, unless somebody says /retry here first`;
    case "unfit":
      return `${nameOf(obstacle.member)} would not begin: ${withoutStop(plain(obstacle.what))}`;
    case "ends":
      return `Merging this ends ${running(obstacle.member)} of ${nameOf(obstacle.member)} ${stands(obstacle.member)}: its weight goes to 0 first, then ${obstacle.to} starts`;
    case "runsStraight":
      return straightText(obstacle);
    case "takingBack":
      return takingBackText(obstacle);
    case "queued":
      return `${nameOf(obstacle.member)} is queued behind ${named(before(obstacle), MOST_NAMED)}`;
    case "batched":
      return `${nameOf(obstacle.member)} waits for ${flight(obstacle.member)}; then this and all that wait with it start as one release`;
    default:
      return unreachable(obstacle);
  }
}

function stands(member: Reached): string {
  const { testers, mirror } = member.at;
  if (mirror !== undefined) return `under a mirror of ${mirror}%`;
  return testers === true ? "under testers" : `at ${weightOf(member)}%`;
}

function straightText({ member, to }: Extract<Obstacle, { readonly kind: "runsStraight" }>): string {
  const { release } = member.at;
  const isOut = release !== undefined && isPromoted(member, release);
  const where = isOut ? "is being promoted" : `is at ${weightOf(member)}%`;
  if (member.manifest.flagger !== undefined)
    return `${running(member)} of ${nameOf(member)} ${where}, and Flagger would start ${to} over in its place, unjudged: wait until the weight is 0`;
  return `${running(member)} of ${nameOf(member)} ${where}, and the Rollout would run ${to} straight to ${weightOf(member)}%: wait until the weight is 0`;
}

function takingBackText({ member }: Extract<Obstacle, { readonly kind: "takingBack" }>): string {
  const { at, manifest, plan } = member;
  const text = `${nameOf(member)} is taking ${running(member)} back at ${weightOf(member)}%: wait until that is over`;
  const isPromoting = at.release !== undefined && plan.steps[at.release.step]?.kind === "promote";
  if (manifest.flagger === undefined || !isPromoting) return text;
  return `${text}, and mend ${manifest.stable.deployment} first where its pods are not ready: at another version Flagger would send it all of the traffic and take the others away`;
}

function divergedText({ member, divergence: found, to }: Extract<Obstacle, { readonly kind: "diverged" }>): string {
  const text = `${nameOf(member)} is held: ${divergenceText(member, found)}`;
  return found.kind === "orphan" ? `${text}, and merging this would put ${to} under it` : text;
}

const MOST_NAMED = 5;

function before({ member, ahead }: Extract<Obstacle, { readonly kind: "queued" }>): readonly string[] {
  return [
    ...(member.at.release === undefined ? [] : [flight(member)]),
    ...(waits(member) ? [`${versionOf(member.manifest.canary.image)} (about to start)`] : []),
    ...ahead.map((number) => `#${number}`),
  ];
}

/** "1.1.0 (at 25%, about 40 min)". */
function flight(member: Reached): string {
  return `${running(member)} (at ${weightOf(member)}%, about ${duration(timeLeft(member))})`;
}

function running({ at }: Reached): string {
  return at.release === undefined ? "a release" : versionOf(at.release.image);
}

/** A member inside a sentence. */
export function nameOf({ state, target }: Reached): string {
  return `${state.service} in ${target}`;
}

function timeLeft(member: Reached): number {
  const { plan, at } = member;
  return timeOf({ steps: plan.steps.filter(({ index }) => index > (at.release?.step ?? -1)) }, member.policy);
}
