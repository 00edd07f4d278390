import type { Template } from "../kinds/manifest.ts";
import type { BlueGreen } from "../kinds/rollout.ts";
import type { LiveObjects } from "../live-objects.ts";
import { lookAtBoth, resizedBoth, selectorsOf } from "./blue-green.ts";
import { HASH_LABEL, availableIn } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { progressed, refused } from "./phase.ts";
import { missingFor, mustWait, subsetsPointed, weighted } from "./routers.ts";
import { scaled } from "./scale.ts";
import type { Scaled } from "./scale.ts";
import { repointed, switched } from "./services.ts";
import { passOf } from "./status.ts";
import type { Pass, RolloutStatus, RunningRollout } from "./status.ts";
import { advanced } from "./advance.ts";
import { scaledWorkload } from "./workload-ref.ts";
import { weightNow } from "./weight.ts";

/** A Rollout and the objects around it; the controller changes both. */
export type Around = { readonly running: RunningRollout; readonly objects: LiveObjects };

/**
 * One look of the Argo Rollouts controller at one Rollout. Each kind of news takes a look of its own, as it does there:
 * a ReplicaSet for a new version, another number of replicas, other steps or another version.
 */
export function reconcile({ running, objects }: Around, now: number): Around {
  const { rollout, template, status } = running;
  const problem = rollout.problem ?? missingFor(rollout, objects);
  if (problem !== undefined || template === undefined)
    return { running: { ...running, status: refused(status) }, objects };
  const newSet = running.sets.find(({ hash }) => hash === template.hash);
  if (newSet === undefined) return { running: created(running, template, now), objects };
  const renumbered = newest(running, newSet);
  const pass = passOf(renumbered, newSet, { now, objects });
  if (rollout.blueGreen !== undefined) return lookAtColours(pass, rollout.blueGreen, { running: renumbered, objects });
  if (isResized(pass)) return { running: { ...renumbered, sets: sized(pass).sets }, objects };
  if (isNews(pass)) return { running: { ...renumbered, status: restarted(pass) }, objects };
  return step(pass, { running: renumbered, objects });
}

/** The Service of the preview selects a new version before anything else comes of it: rollout/bluegreen.go rolloutBlueGreen. */
function lookAtColours(pass: Pass, two: BlueGreen, { running, objects }: Around): Around {
  if (isResized(pass)) return { running: { ...running, sets: resizedBoth(pass, two) }, objects };
  if (!isNews(pass)) return lookAtBoth(pass, two, { running, objects });
  const previewed = pass.rollout.paused ? objects : repointed(objects, pass, two.preview);
  const selectors = selectorsOf(previewed, pass.rollout, two);
  return { running: { ...running, status: { ...restarted(pass), selectors } }, objects: previewed };
}

function step(pass: Pass, { running, objects }: Around): Around {
  const { now } = pass;
  const routed = route(pass, switched(objects, pass));
  // The controller gives up this look where subsets must wait: nothing is scaled, no step is done.
  if (routed.weights === "wait") return { running, objects: routed.objects };
  const { sets, isScaled } = sized(passOf(running, pass.newSet, { now, objects: routed.objects }));
  const weighed = { ...running, sets, status: { ...running.status, weights: routed.weights } };
  const after = passOf(weighed, pass.newSet, { now, objects: routed.objects });
  const status = progressed(after, advanced(after, isScaled ? "scaling" : "settled"));
  return { running: { ...weighed, status }, objects: scaledWorkload(routed.objects, after, status) };
}

function sized(pass: Pass): Scaled {
  return pass.rollout.paused ? { sets: pass.sets, isScaled: false } : scaled(pass);
}

type Routed = { readonly objects: LiveObjects; readonly weights: RolloutStatus["weights"] | "wait" };

function route(pass: Pass, objects: LiveObjects): Routed {
  const { rollout, status, newSet, stableSet, now } = pass;
  if (rollout.routing === undefined) return { objects, weights: undefined };
  const weight = weightNow(pass);
  if (weight === undefined) return { objects, weights: status.weights };
  // Before anything points at a canary without pods, its weight goes.
  const isEmptied = availableIn(newSet, now) === 0 && (status.weights?.canary ?? 0) > 0;
  const first = isEmptied ? weighted(objects, rollout, weight) : objects;
  if (mustWait(pass)) return { objects: first, weights: "wait" };
  const written = weighted(subsetsPointed(first, pass), rollout, weight);
  return { objects: written, weights: { canary: weight, canaryHash: newSet.hash, stableHash: stableSet?.hash } };
}

function created(running: RunningRollout, template: Template, now: number): RunningRollout {
  const { rollout, sets } = running;
  const set: ReplicaSet = {
    hash: template.hash,
    template: { ...template, labels: { ...template.labels, [HASH_LABEL]: template.hash } },
    revision: 1 + Math.max(0, ...sets.map(({ revision }) => revision)),
    createdAt: now,
    replicas: 0,
    sizedFor: rollout.replicas,
    scaleDownAt: undefined,
    pods: [],
  };
  return { ...running, sets: [...sets, set] };
}

/** A version that comes back is the newest again. */
function newest(running: RunningRollout, newSet: ReplicaSet): RunningRollout {
  const older = running.sets.filter(({ hash }) => hash !== newSet.hash);
  const revision = 1 + Math.max(0, ...older.map((set) => set.revision));
  if (revision <= newSet.revision) return running;
  return { ...running, sets: [...older, { ...newSet, revision }] };
}

function isResized({ rollout, newSet, stableSet }: Pass): boolean {
  return [newSet, stableSet].some((set) => set !== undefined && set.replicas > 0 && set.sizedFor !== rollout.replicas);
}

function isNews({ rollout, status, newSet }: Pass): boolean {
  const isOther = status.current !== undefined && status.current !== newSet.hash;
  return status.stepHash !== rollout.stepHash || isOther;
}

/** From the first step again, whatever was being done; a version that is stable already skips them all. */
function restarted({ rollout, status, newSet, now }: Pass): RolloutStatus {
  const count = rollout.steps.length;
  const first = status.stable === newSet.hash ? count : 0;
  return {
    ...status,
    current: newSet.hash,
    stepHash: rollout.stepHash,
    index: count === 0 ? undefined : first,
    pausedSince: undefined,
    phase: "Progressing",
    progressAt: now,
  };
}
