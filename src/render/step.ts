import { versionOf, type Image } from "../core/image.ts";
import type { EvidenceKind, Judge, Plan, Step } from "../core/plan.ts";
import type { Reached } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import { NO_WEIGHT } from "../core/weight.ts";
import { code, table } from "./markdown.ts";
import { duration, percent } from "./numbers.ts";
import { placesOf } from "./wave.ts";

/** The release under way, or the one that waits: from which image to which, and the pull request that brought it. */
export type ReleaseName = { readonly image: Image; readonly from: Image; readonly source: number | undefined };

export function releaseOf({ at, manifest, bump }: Reached): ReleaseName {
  return at.release ?? { image: manifest.canary.image, from: at.stable, source: bump?.source };
}

/** The new version as people say it. */
export function newVersion(member: Reached): string {
  return versionOf(releaseOf(member).image);
}

/** One line that tells a step from all others: "checkout 5% → 25% · prod · step 3/7". `fellows`: others that it moves. */
export function stepTitle(member: Reached, step: Step, fellows: readonly Reached[] = []): string {
  const { state, plan } = member;
  return `${state.service} ${moveOf(member, step)} · ${placesOf([member, ...fellows])} · step ${step.index + 1}/${plan.steps.length}`;
}

function moveOf(member: Reached, step: Step): string {
  const version = newVersion(member);
  const shift = `${weightBefore(member.plan, step)}% → ${step.weight}%`;
  switch (step.kind) {
    case "begin":
      return `${version}: begin at 0%`;
    case "warmUp":
      return `${version}: warm up the canary`;
    case "mirror":
      return `${version}: copies of ${step.mirror ?? 0}% to the canary`;
    case "testers":
      return `${version}: testers to the canary`;
    case "shift":
      return shift;
    case "promote":
      return `${version}: promote to stable`;
    case "drain":
      return `${version}: canary ${shift}`;
    case "rest":
      return `${version}: back to rest`;
    default:
      return unreachable(step.kind);
  }
}

/** What committing a step does, as a sentence without its subject. */
export function effectOf(member: Reached, step: Step): string {
  const { service } = member.state;
  const version = newVersion(member);
  switch (step.kind) {
    case "begin":
      return `begins the release of ${service} to ${version} at weight 0; no traffic moves`;
    case "warmUp":
      return `starts the canary of ${service} on ${version} at weight 0; no traffic moves`;
    case "mirror":
      return `sends copies of ${step.mirror ?? 0}% of the requests of ${service} in ${member.target} to ${version}, whose answers nobody gets; no traffic moves, and what these requests write is written twice`;
    case "testers":
      return `sends testers of ${service} in ${member.target} to ${version}, those whom a rule of the route knows by a header; nobody else's traffic moves`;
    case "shift":
      return `sends ${step.weight}% of the traffic of ${service} in ${member.target} to ${version}`;
    case "promote":
      if (member.manifest.blueGreen === true)
        return `lets the Rollout send all of the traffic of ${service} in ${member.target} to ${version}, which makes it stable`;
      if (member.manifest.flagger !== undefined)
        return `lets Flagger copy the pod template of ${version} to the Deployment that serves ${service} in ${member.target}, which makes it stable`;
      return isRollout(member)
        ? `lets the Rollout run out to ${step.weight}%, which makes ${version} stable`
        : `gives ${version} to stable, while the canary keeps ${step.weight}% of the traffic`;
    case "drain":
      return `sends all the traffic back to stable, which runs ${version}`;
    case "rest":
      if (member.manifest.blueGreen === true)
        return `keeps the Rollout from switching to a new image by itself, and ends the release`;
      if (member.manifest.flagger !== undefined)
        return `closes the Canary's gates, where a new image makes no pods, and ends the release`;
      return isRollout(member)
        ? `puts the Rollout's steps back to rest, where a new image makes no pods, and ends the release`
        : `takes the canary's pods away and ends the release`;
    default:
      return unreachable(step.kind);
  }
}

/** Whether one Rollout makes both arms, whose replicas are its controller's. */
export function isRollout({ at }: Pick<Reached, "at">): boolean {
  return at.manifests.layout === "rollout";
}

export function weightBefore(plan: Plan, step: Step): number {
  return plan.steps[step.index - 1]?.weight ?? NO_WEIGHT;
}

/** Why releases that switch all of the traffic have no back-test. */
export const NOTHING_TO_PLAY =
  "All of the traffic switches at once, so that releases are never compared with stable: there is nothing to play.";

/** What must hold before a step, short. */
function needOf({ judge, bakeMs }: Step, evidence: EvidenceKind): string {
  const need = NEED[evidence][judge];
  return bakeMs === 0 ? need : `${duration(bakeMs)} live, and ${need}`;
}

const MIRRORED =
  "stable is healthy, and the canary is proven to be so by itself under the copies and its pods stay ready";

const READY = "the pods that are to get traffic stay ready, and what serves now is healthy";

/** What a judge asks for where so is judged, as a clause. */
export const NEED: Readonly<Record<EvidenceKind, Readonly<Record<Judge, string>>>> = {
  compare: {
    seen: "what is committed is seen live",
    healthy: "stable is healthy",
    compare: "the canary fails no more requests than stable",
    swapped: "stable is healthy on the new version and fails no more requests than the canary",
    ready: READY,
    tested:
      "stable is healthy, and the canary is proven to be so by itself under testers' requests and its pods stay ready",
    mirrored: MIRRORED,
    alone: "what has all of the traffic is proven to be healthy by itself and its pods stay ready",
  },
  health: {
    seen: "what is committed is seen live",
    healthy: "stable is healthy",
    compare: "the canary is proven to be healthy by itself and its pods stay ready",
    swapped: "stable is proven to be healthy on the new version by itself and the pods stay ready",
    ready: READY,
    tested:
      "stable is healthy, and the canary is proven to be so by itself under testers' requests and its pods stay ready",
    mirrored: MIRRORED,
    alone: "what has all of the traffic is proven to be healthy by itself and its pods stay ready",
  },
  bake: {
    seen: "what is committed is seen live",
    healthy: "stable has a ready pod",
    compare: "the canary's pods stay ready",
    swapped: "the pods stay ready, stable's on the new version",
    ready: READY,
    tested: "stable has a ready pod and the canary's pods stay ready",
    mirrored: "stable has a ready pod and the canary's pods stay ready",
    alone: "the pods that have all of the traffic stay ready",
  },
};

/** The same in a sentence, for the step that comes next. */
export function needSentence({ judge, bakeMs }: Step, evidence: EvidenceKind): string {
  const need = NEED[evidence][judge];
  return bakeMs === 0 ? need : `what runs now has been live for ${duration(bakeMs)} and ${need}`;
}

/** The whole plan; the step `next` is pointed at, those before it are ticked. */
export function planTable(plan: Plan, next: number, evidence: EvidenceKind): string {
  const rows = plan.steps.map((step) => [
    `${mark(step.index, next)}${step.index + 1}. ${KIND[step.kind]}`,
    weightText(step),
    ...(step.replicas === undefined ? [] : [String(step.replicas)]),
    needOf(step, evidence),
  ]);
  const hasReplicas = plan.steps.some(({ replicas }) => replicas !== undefined);
  const columns = ["step", "canary weight", ...(hasReplicas ? ["canary replicas"] : []), "merges when"];
  return table(columns, rows, [0, columns.length - 1]);
}

// Without a router a share is a number of pods, and the wanted one may lie between two.
function weightText({ weight, nearest, mirror }: Step): string {
  if (mirror !== undefined) return `${weight}%, copies of ${mirror}%`;
  return nearest === undefined || nearest === weight ? `${weight}%` : `${weight}%, by pods ${percent(nearest / 100)}`;
}

const KIND: Readonly<Record<Step["kind"], string>> = {
  begin: "begin",
  warmUp: "warm-up",
  mirror: "mirror",
  testers: "testers",
  shift: "weight",
  promote: "promotion",
  drain: "drain",
  rest: "rest",
};

function mark(index: number, next: number): string {
  if (index === next) return "→ ";
  return index < next ? "✓ " : "";
}

/** "`…:1.41.0` → `…:1.42.0`, from #4812"; a release of one image has a new pod template. */
export function changeOf(member: Reached): string {
  const { image, from, source } = releaseOf(member);
  const origin = source === undefined ? "pushed without a pull request" : `from #${source}`;
  if (image === from) return `a new pod template for ${code(image)}, ${origin}`;
  return `${code(from)} → ${code(image)}, ${origin}`;
}
