import type { Change } from "../../core/change.ts";
import type { CanaryGates, Manifest, Workload } from "../../core/manifest.ts";
import { toldIn } from "../../core/manifests.ts";
import type { Name } from "../../core/names.ts";
import { ok, type Result } from "../../core/result.ts";
import type { ImagePlace, RolloutFiles, TargetState } from "../../core/state.ts";
import { NO_WEIGHT, weight as toWeight, WHOLE, type Weight } from "../../core/weight.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { readWorkload, type DeploymentOf } from "../deployment.ts";
import { hasCanary, positionFor, readPosition, setPosition, weightAt, type Idle } from "../routers/canary-gates.ts";
import { isBlueGreen, readPromotion, setPromotion } from "../routers/rollout-promotion.ts";
import { readSteps, REST, setSteps, type RolloutOf, type Steps } from "../routers/rollout-steps.ts";
import { withFile } from "../with-file.ts";
import { checkUnscaled, readCanary, type CanarySpec } from "./canary-spec.ts";
import type { Edit, Material } from "./edit.ts";
import { readImageAt, setImageTo } from "./place.ts";
import { readSpec, type RolloutSpec } from "./rollout-spec.ts";
import { given, takeBack } from "./template.ts";

/** A member whose arms a controller makes of one pod template, by an Argo Rollout or a Canary of Flagger's; `stable` is on record. */
export type RolloutAt = Pick<TargetState, "arms" | "namespace" | "stable"> & { readonly manifests: RolloutFiles };

/** What the one or two files of a member say; `texts` by path, where a file that is missing is a refusal. */
export function readRollout(
  texts: ReadonlyMap<string, string>,
  at: RolloutAt,
  service: Name,
): Result<Manifest, Refusal> {
  const { rollout } = at.manifests;
  const said = withFile(texts, rollout, (file) => readWeight(file, texts, at));
  if (said.kind === "err") return said;
  const { weight, spec } = said.value;
  const unscaled = typeof spec.strategy === "string" ? undefined : checkTarget(texts, at, spec.name);
  if (unscaled?.kind === "err") return unscaled;
  const run = readTemplate(texts, at.manifests, templateOf(spec, at, service));
  if (run.kind === "err") return run;
  return ok({ ...manifestOf(weight, spec, run.value, at), ...(spec.scaled && { scaled: true }) });
}

type Said = { readonly weight: Weight; readonly spec: Steered };

type Gated = Pick<CanarySpec, "primary" | "autoscaler"> & {
  readonly gates: CanaryGates;
  readonly listed: Manifest["listed"];
};

/** What a Rollout says besides what moves its traffic, or what a Canary of Flagger's comes to in the same words. */
type Steered = Pick<RolloutSpec, "name" | "replicas" | "scaled" | "deployment" | "ratio"> & {
  readonly strategy: RolloutSpec["strategy"] | Gated;
};

/** The weight that a Rollout's file says, by its steps or by its switch, or a Canary's by its gates, and what it says besides. */
function readWeight(file: TextFile, texts: ReadonlyMap<string, string>, at: RolloutAt): Result<Said, Refusal> {
  if (hasCanary(file)) return readGates(file, at);
  const isSwitched = isBlueGreen(file, ofRollout(at));
  const weight = isSwitched ? weightOfSwitch(file, at) : weightOfSteps(file, at);
  if (weight.kind === "err") return weight;
  const spec = withFile(texts, toldIn(at.manifests), (told) => readSpec(told, at));
  return spec.kind === "err" ? spec : ok({ weight: weight.value, spec: spec.value });
}

/** How many pods a Deployment of Flagger's has, no file says: at least one. */
const LEAST = 1;

function readGates(file: TextFile, at: RolloutAt): Result<Said, Refusal> {
  const spec = readCanary(file, at);
  if (spec.kind === "err") return spec;
  const position = readPosition(file, ofRollout(at));
  if (position.kind === "err") return position;
  const { target, primary, autoscaler } = spec.value;
  const listed = "weights" in position.value ? position.value.weights : undefined;
  const strategy = { gates: position.value.kind, primary, listed, autoscaler };
  return ok({
    weight: weightAt(position.value),
    spec: { name: target, deployment: target, replicas: LEAST, ratio: undefined, strategy },
  });
}

function weightOfSteps(file: TextFile, at: RolloutAt): Result<Weight, Refusal> {
  const steps = readSteps(file, ofRollout(at));
  return steps.kind === "err" ? steps : ok(weightOf(steps.value));
}

function weightOfSwitch(file: TextFile, at: RolloutAt): Result<Weight, Refusal> {
  const isOn = readPromotion(file, ofRollout(at));
  return isOn.kind === "err" ? isOn : ok(isOn.value ? WHOLE : NO_WEIGHT);
}

/** What the Rollout's pods run: the pod template, with the version that an overlay says in its place. */
export function readTemplate(
  texts: ReadonlyMap<string, string>,
  { workload, image }: Pick<RolloutFiles, "workload" | "image">,
  of: DeploymentOf,
): Result<Workload, Refusal> {
  if (image === undefined) return withFile(texts, workload, (file) => readWorkload(file, of));
  const version = withFile(texts, image.path, (file) => readImageAt(file, image));
  if (version.kind === "err") return version;
  return withFile(texts, workload, (file) => readWorkload(file, { ...of, image: version.value }));
}

/** Both arms are the Rollout's pods; what stable runs is what git has, where that is on record, else what is on record. */
function manifestOf(
  weight: Weight,
  { name, strategy, replicas, ratio }: Steered,
  run: Manifest["canary"],
  { stable, manifests: { stableTemplate } }: RolloutAt,
): Manifest {
  const canary = { ...run, deployment: name, replicas };
  const recorded = { ...canary, image: stable, template: stableTemplate, besides: "" };
  const same = run.template === stableTemplate ? canary : recorded;
  if (typeof strategy !== "string") return gatedOf(weight, { canary, stable: same }, strategy);
  return {
    weight,
    canary,
    stable: same,
    ...(ratio && { ratio }),
    ...(strategy === "blueGreen" && { blueGreen: true }),
  };
}

function gatedOf(
  weight: Weight,
  { canary, stable }: Pick<Manifest, "canary" | "stable">,
  { gates, primary, listed, autoscaler }: Gated,
): Manifest {
  const said = { ...(listed && { listed }), ...(autoscaler !== undefined && { autoscaler }) };
  return { weight, canary, stable: { ...stable, deployment: primary }, flagger: gates, ...said };
}

function checkTarget(
  texts: ReadonlyMap<string, string>,
  { manifests }: RolloutAt,
  name: Name,
): Result<undefined, Refusal> {
  return withFile(texts, manifests.workload, (file) => checkUnscaled(file, name));
}

/** The most that the steps send to the canary: at their first, the controller may already be. */
function weightOf({ from, to }: Steps): Weight {
  return toWeight(Math.max(from, to));
}

/** What a change is in the files of a member: each edit is of what the ones before it have left. */
export function rolloutEdits(material: Material, change: Change, at: RolloutAt): readonly Edit[] {
  const { weight, canaryTemplate, canaryReplicas, stableTemplate, service } = change;
  const { rollout, workload, image } = at.manifests;
  if (canaryReplicas !== undefined || stableTemplate !== undefined)
    throw new Error("An Argo Rollout has no replicas and no pod template of one arm alone.");
  const edits: readonly (Edit | undefined)[] = [
    weight === undefined ? undefined : { path: rollout, work: (file) => setWeight(file, material, change, at) },
    canaryTemplate && {
      path: image?.path ?? workload,
      work: (file) =>
        image === undefined
          ? givenBack(file, material, canaryTemplate, { at, service })
          : imageGivenBack(file, material, canaryTemplate, image),
    },
  ];
  return edits.filter((edit) => edit !== undefined);
}

/** Steps from the weight that there is; at 0 they are those of rest, and to the whole they run out. A switch has two weights. */
function setWeight(file: TextFile, material: Material, change: Change, at: RolloutAt): Result<string, Refusal> {
  const of = ofRollout(at);
  const { weight = NO_WEIGHT } = change;
  if (hasCanary(file)) return setGates(file, material, change, at);
  if (isBlueGreen(file, of)) return setPromotion(file, of, weight === WHOLE);
  const now = readSteps(file, of);
  if (now.kind === "err") return now;
  if (weight === NO_WEIGHT) return setSteps(file, of, REST);
  const from = weightOf(now.value);
  return from === weight ? ok(file.text) : setSteps(file, of, { from, to: weight, runsOut: weight === WHOLE });
}

function setGates(file: TextFile, { files }: Material, change: Change, at: RolloutAt): Result<string, Refusal> {
  const of = ofRollout(at);
  const spec = readCanary(file, { ...of, ...at });
  if (spec.kind === "err") return spec;
  const run = readTemplate(files, at.manifests, templateOf({ deployment: spec.value.target }, at, change.service));
  if (run.kind === "err") return run;
  const now = readPosition(file, of);
  if (now.kind === "err") return now;
  return setPosition(file, of, positionFor(now.value, change.weight ?? NO_WEIGHT, idleOf(change, at, run.value)));
}

/**
 * Where the gates stand that leave no weight. What has come in between starts over at 0 by itself, and is not to be taken back: Flagger would not start it again.
 * What was promoted last starts nothing over (flagger 15bd6ad5, pkg/canary/spec.go, hasSpecChanged).
 */
function idleOf({ state, target }: Change, { manifests }: RolloutAt, { template }: Workload): Idle {
  const release = state.targets.get(target)?.release;
  if (release === undefined) return "rest";
  if (release.aborting === undefined) return "begin";
  const isBetween = release.aborting.by === "containment" && template !== manifests.stableTemplate;
  return isBetween ? "rest" : "back";
}

function givenBack(
  file: TextFile,
  { files, older }: Material,
  { kind, aborted }: NonNullable<Change["canaryTemplate"]>,
  { at, service }: { readonly at: RolloutAt; readonly service: Name },
): Result<string, Refusal> {
  if (kind !== "asAt") throw new Error(NO_FILE);
  const { rollout, workload } = at.manifests;
  const said = withFile(files, rollout, (one) => readWeight(one, files, at));
  if (said.kind === "err") return said;
  return takeBack(given(workload, older.canary), file, aborted, templateOf(said.value.spec, at, service));
}

const NO_FILE = "What an Argo Rollout's stable runs stands in no file of its own.";

/** The version alone: what else is in the pod template is another version, and goes its own way. */
function imageGivenBack(
  file: TextFile,
  { older }: Material,
  { kind, aborted }: NonNullable<Change["canaryTemplate"]>,
  place: ImagePlace,
): Result<string, Refusal> {
  if (kind !== "asAt") throw new Error(NO_FILE);
  const now = readImageAt(file, place);
  if (now.kind === "err") return now;
  if (now.value !== aborted.image) return ok(file.text);
  const then = withFile(given(place.path, older.canary), place.path, (old) => readImageAt(old, place));
  return then.kind === "err" ? then : setImageTo(file, place, then.value);
}

function ofRollout({ namespace }: RolloutAt): RolloutOf {
  return { namespace };
}

/** Where a Rollout's pod template is. Its labels count: a change of them alone is another revision to the controller. */
export function templateOf(
  { deployment }: Pick<RolloutSpec, "deployment">,
  { namespace }: Pick<RolloutAt, "namespace">,
  service: Name,
): DeploymentOf {
  const of = { service, namespace, labels: "counted" } as const;
  return deployment === undefined ? { ...of, kind: "Rollout" } : { ...of, name: deployment };
}
