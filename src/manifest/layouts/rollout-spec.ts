import type { Ratio } from "../../core/manifest.ts";
import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import { toldIn } from "../../core/manifests.ts";
import type { RolloutFiles, TargetState } from "../../core/state.ts";
import { look, lookCount, lookMapping, lookScalar, lookText, peek, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { resourcesOf } from "../resource.ts";
import { checkTotal } from "../routers/rollout-steps.ts";
import { nameAt } from "./name-at.ts";

/** What a Rollout says besides what moves its traffic. `deployment` has the pod template; undefined where the Rollout has it itself. */
export type RolloutSpec = {
  readonly name: Name;
  readonly strategy: Strategy;
  readonly replicas: number;
  /** Set where the file does not say them: an autoscaler does, or there is one. */
  readonly scaled?: true;
  readonly deployment: Name | undefined;
  /** Set where pods alone make the share. */
  readonly ratio: Ratio | undefined;
};

/** By steps, or by one switch. */
export type Strategy = "canary" | "blueGreen";

/** Which Rollout, and what the state says of it. */
export type SpecOf = Pick<TargetState, "arms"> & { readonly manifests: RolloutFiles };

// Kubernetes' own default, and a bound far above any real one.
const DEFAULT_REPLICAS = 1;
const MOST_REPLICAS = 100_000;
const STRATEGY: YamlPath = ["spec", "strategy"];
const CANARY: YamlPath = [...STRATEGY, "canary"];
const BLUE_GREEN: YamlPath = [...STRATEGY, "blueGreen"];

type Forbidden = {
  readonly path: YamlPath;
  readonly why: string;
  /** A value that is as if the key were not there. */
  readonly off?: boolean | number;
};

const ANALYSIS = "no analysis runs in the cluster behind git's back";

/** What would have the controller do by itself what git does not say, or keep it from what git says. */
const FORBIDDEN: readonly Forbidden[] = [
  { path: [...CANARY, "analysis"], why: ANALYSIS },
  { path: ["spec", "rollbackWindow"], why: "an earlier version would skip the steps" },
  { path: [...CANARY, "pingPong"], why: "its Services change roles, and nothing tells canary from stable" },
  { path: [...BLUE_GREEN, "prePromotionAnalysis"], why: ANALYSIS },
  { path: [...BLUE_GREEN, "postPromotionAnalysis"], why: ANALYSIS },
  {
    path: [...BLUE_GREEN, "previewReplicaCount"],
    why: "more pods would start only after the last judgement, and nothing in git would stop the switch from then on",
  },
];

const SWITCHES: readonly Forbidden[] = [
  {
    path: [...CANARY, "dynamicStableScale"],
    why: "an abort would wait for stable's pods to come back",
    off: false,
  },
  {
    path: ["spec", "progressDeadlineAbort"],
    why: "the controller would take a version back, and git would not say so",
    off: false,
  },
  {
    path: [...BLUE_GREEN, "autoPromotionSeconds"],
    why: "the controller would switch by itself, and no gate would be asked",
    off: 0,
  },
];

/** What a Rollout would have its controller do that no commit says: where, by which key, and what comes of it. What is only in the way of steering it by its steps is left out. */
export function deedsIn(tree: Tree): readonly { readonly node: Tree; readonly key: string; readonly why: string }[] {
  return [...FORBIDDEN, ...SWITCHES].flatMap(({ path, why, off = false }) => {
    const node = peek(tree, path);
    const key = String(path.at(-1));
    const isOff = !isThere(node) || (node.kind === "scalar" && node.value === off);
    return isOff || node === undefined || OTHERS.has(key) ? [] : [{ node, key, why }];
  });
}

const OTHERS: ReadonlySet<string> = new Set([
  "analysis",
  "pingPong",
  "prePromotionAnalysis",
  "postPromotionAnalysis",
  "previewReplicaCount",
  "autoPromotionSeconds",
]);

/** What the only Rollout of a file says; refused where its controller could not be driven by the steps alone. */
export function readSpec(file: TextFile, of: SpecOf): Result<RolloutSpec, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const [rollout] = resourcesOf(source, "argoproj.io", "Rollout");
    if (rollout === undefined) return refuse(source, 0, "no Rollout", "the file of a Rollout has it");
    const { tree } = rollout;
    checkForbidden(source, tree);
    checkTotal(source, tree);
    const strategy = strategyOf(source, tree);
    checkServices(source, tree, { of, strategy });
    if (strategy === "blueGreen") {
      checkDelay(source, tree);
      checkPaused(source, tree);
    }
    return {
      name: nameAt(source, tree, ["metadata", "name"]),
      strategy,
      ...replicasOf(source, tree),
      deployment: deploymentOf(source, tree, of),
      ratio: strategy === "blueGreen" ? undefined : ratioOf(source, tree),
    };
  });
}

function replicasOf(source: Source, tree: Tree): Pick<RolloutSpec, "replicas" | "scaled"> {
  const replicas = lookCount(source, tree, ["spec", "replicas"], MOST_REPLICAS);
  return replicas === undefined ? { replicas: DEFAULT_REPLICAS, scaled: true } : { replicas };
}

function checkForbidden(source: Source, tree: Tree): void {
  for (const { path, why } of FORBIDDEN) {
    const found = look(source, tree, path);
    if (isThere(found)) refuse(source, found, `a Rollout with ${String(path.at(-1))}`, why);
  }
  for (const { path, why, off } of SWITCHES) {
    const found = lookScalar(source, tree, path);
    if (isThere(found) && found.value !== off) refuse(source, found, `a Rollout with ${String(path.at(-1))}`, why);
  }
}

// To the cluster's API, null is as if the key were not there.
function isThere<Node extends Tree>(node: Node | undefined): node is Node {
  return node !== undefined && !(node.kind === "scalar" && node.value === null);
}

// The controller refuses a Rollout with both.
function strategyOf(source: Source, tree: Tree): Strategy {
  const blueGreen = look(source, tree, BLUE_GREEN);
  if (!isThere(blueGreen)) return "canary";
  if (!isThere(look(source, tree, CANARY))) return "blueGreen";
  return refuse(source, blueGreen, "a strategy canary and a strategy blueGreen", "a Rollout has one of them");
}

/** The Services of a Rollout's arms, by its strategy. */
export const SERVICES: Readonly<Record<Strategy, { readonly [arm in "canary" | "stable"]: YamlPath }>> = {
  canary: { canary: [...CANARY, "canaryService"], stable: [...CANARY, "stableService"] },
  blueGreen: { canary: [...BLUE_GREEN, "previewService"], stable: [...BLUE_GREEN, "activeService"] },
};

function checkServices(
  source: Source,
  tree: Tree,
  { of: { arms }, strategy }: { readonly of: SpecOf; readonly strategy: Strategy },
): void {
  if (arms.by === "workload") return;
  for (const arm of ["canary", "stable"] as const) {
    const path = SERVICES[strategy][arm];
    const key = String(path.at(-1));
    const found = lookText(source, tree, path);
    if (found === arms[arm]) continue;
    const said = found === undefined ? `no ${key}` : `the ${key} ${quote(found)}`;
    refuse(source, look(source, tree, path) ?? tree, said, `the service's state tells the arm by ${arms[arm]}`);
  }
}

/** Without a delay the controller sets no deadline for the pods of the version before, and nothing else takes them away (argo-rollouts 9f8d111d, rollout/replicaset.go, addScaleDownDelay). */
function checkDelay(source: Source, tree: Tree): void {
  const path = [...BLUE_GREEN, "scaleDownDelaySeconds"];
  const found = lookScalar(source, tree, path);
  if (found?.value !== 0) return;
  refuse(source, found, "a scaleDownDelaySeconds of 0", "the pods of the version before would stay for good");
}

/** Paused, the controller leaves the active Service where it is (argo-rollouts 9f8d111d, rollout/context.go, haltProgress; rollout/service.go); the steps of a canary are followed back all the same. */
function checkPaused(source: Source, tree: Tree): void {
  const found = lookScalar(source, tree, ["spec", "paused"]);
  if (!isThere(found) || found.value === false) return;
  refuse(source, found, "a Rollout with paused", "its controller would follow neither the switch nor the way back");
}

/** The Deployment that the Rollout refers to; the state says whether there is one. */
function deploymentOf(source: Source, tree: Tree, { manifests }: SpecOf): Name | undefined {
  const path: YamlPath = ["spec", "workloadRef"];
  const ref = lookMapping(source, tree, path);
  const isElsewhere = manifests.workload !== toldIn(manifests);
  if (!isElsewhere && ref === undefined) return undefined;
  if (!isElsewhere)
    return refuse(source, ref ?? tree, "a workloadRef", "the state says that the Rollout has the pod template");
  const [group, kind] = [lookText(source, tree, [...path, "apiVersion"]), lookText(source, tree, [...path, "kind"])];
  if (group?.split("/")[0] === "apps" && kind === "Deployment") return nameAt(source, tree, [...path, "name"]);
  const found = ref === undefined ? "no workloadRef" : `a workloadRef of the kind ${quote(kind ?? "")}`;
  return refuse(
    source,
    ref ?? tree,
    found,
    `the state says that a Deployment in ${manifests.workload} has the pod template`,
  );
}

function ratioOf(source: Source, tree: Tree): Ratio | undefined {
  if (isRouted(source, tree)) return undefined;
  const replicas = lookCount(source, tree, ["spec", "replicas"], MOST_REPLICAS);
  if (replicas === undefined)
    return refuse(source, tree, "no replicas and no trafficRouting", "without a router the replicas make the share");
  return { replicas, surge: surgeOf(source, tree, replicas) };
}

/** Keys of trafficRouting that name no router. */
const BESIDE_ROUTERS: ReadonlySet<string> = new Set(["managedRoutes", "maxTrafficWeight"]);

/** Refused where trafficRouting is there and empty: the controller then counts pods as if a router split the traffic (argo-rollouts 9f8d111d, rollout/canary.go, reconcileCanaryStableReplicaSet). */
function isRouted(source: Source, tree: Tree): boolean {
  const routing = look(source, tree, [...CANARY, "trafficRouting"]);
  if (!isThere(routing)) return false;
  if (routing.kind !== "map" || routing.entries.some(({ key, value }) => !BESIDE_ROUTERS.has(key) && isThere(value)))
    return true;
  const why =
    "the controller would count pods as with a router, and none would split the traffic: name one, or leave it out";
  return refuse(source, routing, "a trafficRouting without a router", why);
}

const DEFAULT_SURGE = 25;
const WHOLE = 100;

function surgeOf(source: Source, tree: Tree, replicas: number): number {
  const path = [...CANARY, "maxSurge"];
  const written = lookScalar(source, tree, path);
  if (written !== undefined && typeof written.value !== "string")
    return lookCount(source, tree, path, MOST_REPLICAS) ?? 0;
  const share = written === undefined ? String(DEFAULT_SURGE) : /^(\d{1,5})%$/.exec(String(written.value))?.[1];
  if (share !== undefined) return Math.ceil((replicas * Number(share)) / WHOLE);
  return refuse(
    source,
    written ?? tree,
    `a maxSurge of ${quote(String(written?.value))}`,
    "it is a number or a per cent",
  );
}
