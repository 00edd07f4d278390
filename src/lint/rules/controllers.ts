import { entriesAt, itemsAt, textAt } from "../../manifest/services/node.ts";
import { pauseIn } from "../../manifest/services/aside.ts";
import { deedsIn } from "../../manifest/layouts/rollout-spec.ts";
import { REFUSING } from "../../manifest/routers/canary-gates.ts";
import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Found } from "../finding.ts";
import type { Placed } from "../objects.ts";
import type { Repository } from "../repository.ts";
import { called, found, mayBeSame, ofKind } from "../world.ts";

const CANARY = ["spec", "strategy", "canary"];
const BLUE_GREEN = ["spec", "strategy", "blueGreen"];

/** Analysis that aborts in the cluster while git goes on to ask for the version. */
export function analysedInCluster(repository: Repository): readonly Found[] {
  const rollouts = ofKind(repository, "argoproj.io/Rollout").flatMap((rollout) =>
    analysesIn(rollout).map(({ node, where }) =>
      found(rollout, node, `${called(rollout)} has ${where} in the cluster`),
    ),
  );
  const canaries = ofKind(repository, "flagger.app/Canary").flatMap((canary) => {
    const node = peek(canary.tree, ["spec", "analysis"]) ?? peek(canary.tree, ["spec", "canaryAnalysis"]);
    const judges = itemsAt(node, ["metrics"]).length + itemsAt(node, ["webhooks"]).filter(judgesIt).length;
    const isSkipped = textAt(canary.tree, ["spec", "skipAnalysis"]) === "true";
    if (node === undefined || judges === 0 || isSkipped) return [];
    return [found(canary, node, `${called(canary)} is judged by Flagger in the cluster`)];
  });
  return [...rollouts, ...canaries];
}

// Of these types a hook that fails takes the version back, or is asked whether to; the others wait or only tell (flagger 15bd6ad5, pkg/controller/scheduler_hooks.go). Without a type it is a rollout hook.
const JUDGING: ReadonlySet<string> = new Set(["rollout", "pre-rollout", "rollback"]);

/** Tidegate's own hooks are what git says. */
function judgesIt(hook: Tree): boolean {
  return JUDGING.has(textAt(hook, ["type"]) ?? "rollout") && textAt(hook, ["url"]) !== REFUSING;
}

function analysesIn({ tree }: Placed): readonly { readonly node: Tree; readonly where: string }[] {
  const background = peek(tree, [...CANARY, "analysis"]);
  const steps = itemsAt(tree, [...CANARY, "steps"]).flatMap((step) =>
    [peek(step, ["analysis"]), peek(step, ["experiment", "analyses"])].flatMap((node) =>
      node === undefined ? [] : [node],
    ),
  );
  const around = ["prePromotionAnalysis", "postPromotionAnalysis"].flatMap(
    (key) => peek(tree, [...BLUE_GREEN, key]) ?? [],
  );
  return [
    ...(background === undefined ? [] : [{ node: background, where: "an analysis in the background" }]),
    ...steps.map((node) => ({ node, where: "an analysis among its steps" })),
    ...around.map((node) => ({ node, where: "an analysis around its promotion" })),
  ];
}

/** Settings of Rollouts by which the controller does what no commit says. */
export function decidedByController(repository: Repository): readonly Found[] {
  return ofKind(repository, "argoproj.io/Rollout").flatMap((rollout) =>
    deedsIn(rollout.tree).map(({ node, key, why }) => found(rollout, node, `${called(rollout)} has ${key}: ${why}`)),
  );
}

/** Rollouts that pause until somebody promotes them, in a sync that then waits for them. */
export function pauseBlocksSync(repository: Repository): readonly Found[] {
  const spaces = Map.groupBy(repository.objects, ({ space }) => space.key);
  const staged = Map.groupBy(repository.objects.filter(isStaged), ({ space }) => space.key);
  return ofKind(repository, "argoproj.io/Rollout").flatMap((rollout) => {
    const pause = endlessPause(rollout);
    if (pause === undefined || rollout.changes.mayTouch(/annotations|steps|pause/)) return [];
    const wave = waveOf(rollout);
    // What says no wave is in wave 0.
    const later = ((wave < 0 ? spaces : staged).get(rollout.space.key) ?? []).find(
      (one) =>
        one !== rollout &&
        !one.changes.mayTouch(/annotations/) &&
        mayBeSameApplication(one, rollout) &&
        isAfter(one, wave),
    );
    if (later === undefined) return [];
    return [
      found(
        rollout,
        pause,
        `${called(rollout)} pauses until it is promoted, and ${called(later)} (${later.file.path}) is synced after it: while it is paused no sync ends, and no commit that comes then is applied`,
      ),
    ];
  });
}

// Argo CD itself is not applied by the Application that has the Rollout.
function mayBeSameApplication(one: Placed, { namespace }: Placed): boolean {
  return one.fact.holds.kind !== "argo-application" && mayBeSame(one.namespace, namespace);
}

const ANNOTATIONS = ["metadata", "annotations"];
const [HOOK, HELM_HOOK, WAVE] = ["argocd.argoproj.io/hook", "helm.sh/hook", "argocd.argoproj.io/sync-wave"] as const;
const STAGES = [HOOK, HELM_HOOK, WAVE];

function isStaged({ tree }: Placed): boolean {
  return STAGES.some((key) => textAt(tree, [...ANNOTATIONS, key]) !== undefined);
}

function waveOf({ tree }: Placed): number {
  return Number(textAt(tree, [...ANNOTATIONS, WAVE]) ?? "0");
}

function isAfter(one: Placed, wave: number): boolean {
  const hook = textAt(one.tree, [...ANNOTATIONS, HOOK]) ?? textAt(one.tree, [...ANNOTATIONS, HELM_HOOK]);
  if (hook !== undefined) return /PostSync|post-install|post-upgrade/.test(hook);
  return waveOf(one) > wave;
}

function endlessPause(rollout: Placed): Tree | undefined {
  const paused = pauseIn(rollout.tree)?.value;
  const promotion = peek(rollout.tree, [...BLUE_GREEN, "autoPromotionEnabled"]);
  const isByHand = promotion?.kind === "scalar" && promotion.value === false;
  const endless = itemsAt(rollout.tree, [...CANARY, "steps"]).find((step) =>
    entriesAt(step, []).some(({ key, value }) => key === "pause" && peek(value, ["duration"]) === undefined),
  );
  return paused ?? (isByHand ? promotion : endless);
}

/** Rollouts that are paused in git. */
export function pausedInGit(repository: Repository): readonly Found[] {
  return ofKind(repository, "argoproj.io/Rollout").flatMap((rollout) => {
    const entry = pauseIn(rollout.tree);
    if (entry === undefined || rollout.changes.mayTouch(/paused/)) return [];
    return [found(rollout, entry, `${called(rollout)} is paused in git`)];
  });
}
