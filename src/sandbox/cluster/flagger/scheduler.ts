import { isCanaryReady, isStuck, isPrimaryReady } from "./ready.ts";
import { promoted, replicasFor, routed, scaledTo, targetOf, weightIn, withPrimary, withServices } from "./made.ts";
import type { CanaryPhase, CanaryStatus, Look } from "./status.ts";
import { maxWeight, nextStepWeight } from "./weights.ts";

// Flagger at 15bd6ad5, pkg/controller/scheduler.go; each function names those that it follows.

/** One look of Flagger at one Canary, at most one every interval: advanceCanary. */
export function advanced(look: Look): Look {
  const { canary, status, now } = look;
  if (now < status.lookedAt + canary.analysis.intervalMs) return look;
  const looked = withStatus(look, { lookedAt: now });
  if (canary.suspend || targetOf(look.objects, canary) === undefined) return looked;
  const ground = grounded(looked);
  return ground.status.phase === "Initializing" || !shouldAdvance(ground) ? synced(ground) : progressed(ground);
}

/** What must be there before anything moves: the Services, the Deployment that serves, the route. */
function grounded(look: Look): Look {
  const { canary, now } = look;
  const primed = { ...look, objects: withPrimary(withServices(look.objects, canary, "arms"), canary, now) };
  const isNew = look.status.phase === "Initializing";
  if (isNew && !isPrimaryReady(primed)) return primed;
  const served = withServices(primed.objects, canary, "apex");
  const scaled = isNew ? scaledTo(served, canary, 0) : served;
  const objects = weightIn(scaled, canary) === undefined ? routed(scaled, canary, 0) : scaled;
  const after = { ...primed, objects };
  if (!isNew) return after;
  const hash = hashOf(after);
  return withStatus(after, { phase: "Initialized", lastApplied: hash, lastPromoted: hash });
}

const MOVING: ReadonlySet<CanaryPhase> = new Set([
  "Progressing",
  "Waiting",
  "WaitingPromotion",
  "Promoting",
  "Finalising",
]);

/** shouldAdvance; pkg/canary/spec.go hasSpecChanged: what was promoted last is no change, so that a version that is given back starts nothing. */
function shouldAdvance(look: Look): boolean {
  return MOVING.has(look.status.phase) || hasChanged(look);
}

function hasChanged(look: Look): boolean {
  const { lastApplied, lastPromoted } = look.status;
  const hash = hashOf(look);
  return hash !== lastPromoted && hash !== lastApplied;
}

/** A failed one knows the version that stands there now, and starts at another one only: shouldAdvance. */
function synced(look: Look): Look {
  return look.status.phase === "Failed" ? withStatus(look, { lastApplied: hashOf(look) }) : look;
}

function progressed(look: Look): Look {
  const known = synced(look);
  if (!look.canary.skipAnalysis && !isPrimaryReady(look)) return primaryUnready(known);
  return served(withStatus(known, { primaryUnreadySince: undefined }));
}

/** What goes on while the Deployment that serves is ready. */
function served(look: Look): Look {
  const { phase } = look.status;
  if (!STARTED.has(phase)) return started(look);
  if (STEADY.has(phase) && hasChanged(look)) return restarted(look);
  const unready = unreadyOf(look);
  if (unready !== undefined) return unready;
  const ready = withStatus(look, { unreadySince: undefined });
  if (look.canary.skipAnalysis) return skipped(ready);
  // rollback hooks ask for it; pkg/controller/scheduler_hooks.go runRollbackHooks
  if (STEADY.has(phase) && hooksOf(ready, "rollback").some((outcome) => outcome === "passes")) return rolledBack(ready);
  if (phase === "Promoting")
    return withStatus({ ...ready, objects: routed(ready.objects, look.canary, 0) }, FINALISING);
  if (phase === "Finalising") return finished(ready);
  return checked(ready);
}

const STARTED: ReadonlySet<CanaryPhase> = new Set(["Progressing", "WaitingPromotion", "Promoting", "Finalising"]);
const STEADY: ReadonlySet<CanaryPhase> = new Set(["Progressing", "WaitingPromotion"]);
const ANEW = { failedChecks: 0, iterations: 0 } as const;
const FINALISING = { phase: "Finalising", iterations: 0 } as const;

/** checkCanaryStatus: a version starts where no confirm-rollout hook keeps it waiting. */
function started(look: Look): Look {
  if (!passes(look, "confirm-rollout")) return withStatus(look, { phase: "Waiting" });
  const objects = scaledTo(look.objects, look.canary, replicasFor(look.objects, look.canary));
  return withStatus(
    { ...look, objects },
    { ...ANEW, phase: "Progressing", lastApplied: hashOf(look), unreadySince: undefined },
  );
}

/** hasCanaryRevisionChanged: another version begins at weight 0, whatever hooks say. */
function restarted(look: Look): Look {
  const objects = routed(look.objects, look.canary, 0);
  return withStatus(
    { ...look, objects },
    { ...ANEW, phase: "Progressing", lastApplied: hashOf(look), unreadySince: undefined },
  );
}

/** Where what serves is stuck, a promotion fails with all of the traffic on the canary, and anything else is taken back all the same: handleFailedPromotion, advanceCanary. */
function primaryUnready(look: Look): Look {
  const { now, canary, status } = look;
  if (!isStuck(look, "primary")) return withStatus(look, { primaryUnreadySince: undefined });
  const since = status.primaryUnreadySince ?? now;
  const waiting = withStatus(look, { primaryUnreadySince: since });
  if (now - since <= canary.progressDeadlineMs) return waiting;
  if (status.phase !== "Promoting" && status.phase !== "Finalising") return rolledBack(waiting);
  const objects = routed(look.objects, canary, 100);
  return withStatus({ ...waiting, objects }, { ...ANEW, phase: "Failed", lastApplied: hashOf(look) });
}

/** A version that is stuck is taken back when the deadline is over, and no hook is asked before its pods are ready; undefined where they are. */
function unreadyOf(look: Look): Look | undefined {
  if (isCanaryReady(look)) return undefined;
  const { now, canary, status } = look;
  if (!isStuck(look, "target")) return withStatus(look, { unreadySince: undefined });
  const since = status.unreadySince ?? now;
  return now - since > canary.progressDeadlineMs ? rolledBack(look) : withStatus(look, { unreadySince: since });
}

/** The threshold, the checks, the weights: advanceCanary, runAnalysis, runPreRolloutHooks. */
function checked(look: Look): Look {
  const { status, canary, objects } = look;
  if (status.failedChecks >= canary.analysis.threshold) return rolledBack(look);
  const weight = weightIn(objects, canary) ?? 0;
  const isBeginning = weight === 0 && status.iterations === 0;
  const isPassed = isBeginning ? passes(look, "pre-rollout") : passes(look, "rollout") && passes(look, "");
  if (!isPassed) return withStatus(look, { failedChecks: status.failedChecks + 1 });
  const step = nextStepWeight(canary.analysis, weight);
  if (step <= 0) return look;
  if (status.phase === "Progressing" && !passes(look, "confirm-traffic-increase")) return look;
  return weight < maxWeight(canary.analysis) ? raised(look, weight + step) : promoting(look);
}

function raised(look: Look, weight: number): Look {
  return { ...look, objects: routed(look.objects, look.canary, Math.min(100, weight)) };
}

/** runCanary; pkg/controller/scheduler_hooks.go runConfirmPromotionHooks; pkg/canary/status.go setStatusPhase. */
function promoting(look: Look): Look {
  if (!passes(look, "confirm-promotion")) return withStatus(look, { phase: "WaitingPromotion", iterations: -1 });
  return withStatus({ ...look, objects: promoted(look.objects, look.canary, look.now) }, { phase: "Promoting" });
}

function finished(look: Look): Look {
  const objects = scaledTo(look.objects, look.canary, 0);
  return withStatus({ ...look, objects }, { phase: "Succeeded", iterations: 0, lastPromoted: look.status.lastApplied });
}

/** shouldSkipAnalysis: whatever the target runs serves at once. */
function skipped(look: Look): Look {
  const { canary, now } = look;
  return finished({ ...look, objects: promoted(routed(look.objects, canary, 0), canary, now) });
}

/** rollback; pkg/canary/deployment_status.go SyncStatus. */
function rolledBack(look: Look): Look {
  const objects = scaledTo(routed(look.objects, look.canary, 0), look.canary, 0);
  return withStatus(
    { ...look, objects },
    { ...ANEW, phase: "Failed", lastApplied: hashOf(look), unreadySince: undefined },
  );
}

/** pkg/controller/scheduler_hooks.go, pkg/controller/webhook.go callWebhook: one that is not there keeps nothing. */
function passes(look: Look, type: string): boolean {
  return hooksOf(look, type).every((outcome) => outcome === "passes");
}

function hooksOf({ canary }: Look, type: string) {
  return canary.analysis.webhooks.filter((hook) => hook.type === type).map(({ outcome }) => outcome);
}

function hashOf({ objects, canary }: Look): string {
  return targetOf(objects, canary)?.template.hash ?? "";
}

function withStatus(look: Look, change: Partial<CanaryStatus>): Look {
  return { ...look, status: { ...look.status, ...change } };
}
