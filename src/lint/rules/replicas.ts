import { textAt } from "../../manifest/services/node.ts";
import { ignoredBy } from "../../manifest/services/ignored.ts";
import type { Autoscaler } from "../../manifest/services/object-facts.ts";
import { scalingDoubts } from "../../manifest/services/scaling.ts";
import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Found } from "../finding.ts";
import { membersIn } from "../members.ts";
import type { Placed } from "../objects.ts";
import { isSameObject, pairs } from "../pairs.ts";
import type { Repository } from "../repository.ts";
import { targetOf } from "../steered.ts";
import { besideCalled, called, found, isWritten, mayBeSame, ofKind } from "../world.ts";
import { applicationsOf } from "./delivery.ts";

type Scaling = { readonly object: Placed; readonly scaler: Autoscaler };

function scalers({ objects }: Repository): readonly Scaling[] {
  return objects.flatMap((object) => {
    const { holds } = object.fact;
    const isKnown =
      holds.kind === "autoscaler" && isWritten(holds.scales.name) && !object.changes.mayTouch(/scaleTargetRef/);
    return isKnown && !isMutedScaler(object) ? [{ object, scaler: holds }] : [];
  });
}

// KEDA is told so to leave the replicas as they are.
function isMutedScaler({ file }: Placed): boolean {
  return file.text.includes("autoscaling.keda.sh/paused");
}

/** A number of replicas in git of what something else scales. */
export function replicasScaled(repository: Repository): readonly Found[] {
  return scalers(repository).flatMap(({ object: by, scaler }) => {
    const workload = scaledBy(repository, by, scaler);
    const replicas = workload && replicasOf(workload);
    if (workload === undefined || replicas === undefined || isReplicasIgnored(repository, workload)) return [];
    // An autoscaler leaves alone what has none.
    if (isFixed(by, replicas) || textAt(replicas, []) === "0") return [];
    return [
      found(
        workload,
        replicas,
        `${called(workload)} has replicas in git, and ${called(by)} (${by.file.path}) changes them`,
      ),
    ];
  });
}

function scaledBy(repository: Repository, by: Placed, { scales }: Autoscaler): Placed | undefined {
  const kinds = [`apps/${scales.kind}`, `argoproj.io/${scales.kind}`];
  return besideCalled(repository, by, scales.name, ...kinds).find((one) => mayBeSame(one.namespace, by.namespace));
}

/** The replicas of a workload where its file says them; a patch may say others. */
function replicasOf(workload: Placed): Tree | undefined {
  const node = peek(workload.tree, ["spec", "replicas"]);
  const text = textAt(node, []);
  return text === undefined || !/^\d+$/.test(text) || workload.changes.mayTouch(/replicas/) ? undefined : node;
}

// Bounds that leave it no choice are another way of saying the replicas.
function isFixed({ tree }: Placed, replicas: Tree): boolean {
  const bounds = [
    ["minReplicas", "maxReplicas"],
    ["minReplicaCount", "maxReplicaCount"],
  ];
  return bounds.some((keys) => keys.every((key) => textAt(tree, ["spec", key]) === textAt(replicas, [])));
}

function isReplicasIgnored(repository: Repository, { group, kind, name, namespace = "", space }: Placed): boolean {
  const field = { group, kind, name, namespace, field: ["spec", "replicas"], what: "" };
  const own = applicationsOf(space).flatMap(({ holds }) => holds.ignored);
  const ignored = [...own, ...repository.settings.map(({ one }) => one)];
  // Ignored by who manages them is ignored too.
  return ignored.some(
    (one) =>
      ignoredBy(one, field) !== undefined ||
      ((one.kind === kind || one.kind === "*") && one.pointers.length + one.expressions.length === 0),
  );
}

/** Two autoscalers of one workload. */
export function twoAutoscalers(repository: Repository): readonly Found[] {
  const keyOf = ({ object, scaler: { scales } }: Scaling) => `${object.space.key} ${scales.kind} ${scales.name}`;
  return pairs(scalers(repository), keyOf).flatMap(([{ object: one, scaler }, { object: other }]) => {
    if (isSameObject(one, other) || !mayBeSame(one.namespace, other.namespace) || isTaken(one, other)) return [];
    return [
      found(
        other,
        other.tree,
        `${called(other)} and ${called(one)} (${one.file.path}) both scale the ${scaler.scales.kind} ${scaler.scales.name}`,
      ),
    ];
  });
}

/** A ScaledObject may take over an autoscaler that it names. */
function isTaken(...both: readonly Placed[]): boolean {
  const names = both.flatMap(({ tree }) => [
    textAt(tree, ["spec", "advanced", "horizontalPodAutoscalerConfig", "name"]) ?? [],
    textAt(tree, ["metadata", "annotations", "scaledobject.keda.sh/transfer-hpa-ownership"]) === undefined ? [] : ["*"],
  ]);
  return names.flat().some((name) => name === "*" || both.some((one) => one.name === name));
}

/** An autoscaler that scales the Deployment whose pods a Rollout runs, or one that is a Rollout by now. */
export function scalesTheIdle(repository: Repository): readonly Found[] {
  const running = Map.groupBy(ofKind(repository, "argoproj.io/Rollout"), workloadOf);
  return scalers(repository).flatMap(({ object: by, scaler: { scales } }) => {
    if (scales.kind !== "Deployment") return [];
    const isBeside = (one: Placed) => one.space.key === by.space.key && mayBeSame(one.namespace, by.namespace);
    const ref = peek(by.tree, ["spec", "scaleTargetRef"]) ?? by.tree;
    const runs = running.get(scales.name)?.find(isBeside);
    if (runs !== undefined)
      return [
        found(by, ref, `${called(by)} scales the Deployment ${scales.name}, and its pods are those of ${called(runs)}`),
      ];
    const namedSo = (kind: string) =>
      besideCalled(repository, by, scales.name, kind).filter(({ name }) => name === scales.name);
    const same = namedSo("apps/Deployment").length > 0 ? undefined : namedSo("argoproj.io/Rollout").find(isBeside);
    return same === undefined
      ? []
      : [found(by, ref, `${called(by)} scales a Deployment ${scales.name}, and that is a Rollout`)];
  });
}

function workloadOf({ tree }: Placed): string | undefined {
  const isDeployment = textAt(tree, ["spec", "workloadRef", "kind"]) === "Deployment";
  return isDeployment ? textAt(tree, ["spec", "workloadRef", "name"]) : undefined;
}

/** Replicas in git of a Deployment that a controller scales to nothing. */
export function replicasOfTheIdle(repository: Repository): readonly Found[] {
  const canaries = ofKind(repository, "flagger.app/Canary").flatMap((by) => {
    const target = targetOf(by);
    return target?.kind === "Deployment" ? [{ by, name: target.name }] : [];
  });
  const rollouts = ofKind(repository, "argoproj.io/Rollout").flatMap((by) => {
    const name = workloadOf(by);
    const scaleDown = textAt(by.tree, ["spec", "workloadRef", "scaleDown"]);
    return name === undefined || !["onsuccess", "progressively"].includes(scaleDown ?? "") ? [] : [{ by, name }];
  });
  return [...canaries, ...rollouts].flatMap(({ by, name }) => {
    const workload = besideCalled(repository, by, name, "apps/Deployment").find(
      (one) => one.fact.name === name && mayBeSame(one.namespace, by.namespace),
    );
    const replicas = workload && replicasOf(workload);
    if (workload === undefined || replicas === undefined || textAt(replicas, []) === "0") return [];
    if (isReplicasIgnored(repository, workload)) return [];
    return [
      found(
        workload,
        replicas,
        `${called(workload)} has replicas in git, and the controller of ${called(by)} (${by.file.path}) scales it to 0`,
      ),
    ];
  });
}

/** Autoscalers around services under Tidegate. */
export function membersScaled(repository: Repository): readonly Found[] {
  const doubts = scalingDoubts(repository.inventory);
  return membersIn(repository).flatMap(({ at, manifest }) => (manifest === undefined ? [] : doubts({ at, manifest })));
}
