import { name } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { ImagePlace, TargetState } from "../../core/state.ts";
import { weight } from "../../core/weight.ts";
import { isCalled, kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, textAt } from "../../manifest/kustomize/value.ts";
import { claimCanary } from "../../manifest/layouts/claim-canary.ts";
import type { Claimed } from "../../manifest/layouts/claim.ts";
import { setPosition } from "../../manifest/routers/canary-gates.ts";
import { CANARY_KEYS, readCanaryPlan } from "../../manifest/routers/canary-written.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { placeIn } from "../known.ts";
import type { Refused, Remark } from "../model.ts";
import { isBeside, names, servicesOf, titleOf } from "../objects.ts";
import { refused } from "../refused.ts";
import { leave } from "./canary-leave.ts";
import type { Engine, Standing, Steered } from "./model.ts";
import { leftOut, stepsIn } from "./weights.ts";

/** Flagger: of its Canary the weights and the hooks are claimed, which are its gates. */
export const CANARIES: Engine = {
  group: "flagger.app",
  kind: "Canary",
  workloadOf,
  fits: (_, { drive }) => drive.kind === "canary",
  claim,
  leave,
};

function workloadOf(object: Built, objects: readonly Built[]): Built | undefined {
  const ref = at(object.value, "spec", "targetRef");
  return objects.find((one) => kindOf(one) === "Deployment" && isBeside(one, object) && names(ref, one));
}

const HALF = weight(50);

function claim(standing: Standing, image: ImagePlace | undefined): Result<Steered, readonly Refused[]> {
  const { which, object, workload, namespace } = standing;
  const against = objections(standing);
  const file = fileIn(standing, object.path);
  const planned = readCanaryPlan(file, { namespace });
  if (planned.kind === "err") return err([...against, no(standing, planned.error)]);
  const claimed = claimCanary({
    rollout: file,
    workload: fileIn(standing, workload.path),
    target: name(which.target.name),
    service: which.service,
    namespace,
    image: image && { place: image, file: fileIn(standing, image.path) },
  });
  if (claimed.kind === "err")
    return err([...against, no(standing, claimed.error, adviceOn(claimed.error, planned.value))]);
  if (against.length > 0) return err(against);
  return steered(standing, claimed.value, planned.value);
}

function steered(
  standing: Standing,
  { rollout: text, state }: Claimed,
  weights: readonly number[],
): Result<Steered, readonly Refused[]> {
  const { which, object, namespace } = standing;
  const target: TargetState | undefined = state.targets.get(name(which.target.name));
  const moved = setPosition({ path: object.path, text }, { namespace }, { kind: "weight", weights: [HALF] });
  if (moved.kind === "err") return err([no(standing, moved.error)]);
  if (target === undefined) throw new RangeError("What is claimed has the target that it is claimed for.");
  const steps = stepsIn(weights);
  return ok({
    texts: new Map([[object.path, text]]),
    moved: new Map([[object.path, moved.value]]),
    writes: { path: object.path, keys: CANARY_KEYS },
    claims: state.claims,
    owned: [],
    at: target,
    plan: steps.length > 0 ? { steps } : {},
    remarks: remarksOn(standing, weights),
  });
}

function no({ which }: Standing, refusal: Refusal, advice?: string): Refused {
  return refused("standing", which.target.name, refusal, advice);
}

function fileIn({ read }: Standing, path: string): TextFile {
  return { path, text: read(path) ?? "" };
}

/** What is rendered with it that would have the new version's pods do what its gates do not say. */
function objections(standing: Standing): readonly Refused[] {
  const { object, workload, made } = standing;
  const replicas = at(workload.value, "spec", "replicas");
  const apex = textAt(object.value, "spec", "service", "name") ?? nameOf(workload);
  const own = servicesOf(made.objects, workload).filter((one) => isCalled(one, apex));
  return [
    ...(object.path === workload.path
      ? [
          no(
            standing,
            placeIn(workload, `${titleOf(workload)} in the Canary's file`, OWN_FILE),
            "give it a file of its own",
          ),
        ]
      : []),
    ...(replicas === undefined
      ? []
      : [
          no(
            standing,
            placeIn(
              workload,
              `replicas: ${JSON.stringify(replicas)}`,
              "Flagger scales this Deployment, and a sync would too",
            ),
            "leave the number out of its file and out of overlays",
          ),
        ]),
    ...own.map((one) =>
      no(
        standing,
        placeIn(one, titleOf(one), "Flagger has it send to stable's pods, and a sync to those of a new version"),
        "take it out of git, and keep what syncs from pruning it: Flagger goes on with it",
      ),
    ),
  ];
}

const OWN_FILE = "a state tells the two by their files";
const WEIGHED = "write the Canary's weights as stepWeights, which opting in proposes as steps";
const STEPPED = ["stepWeight", "maxWeight"];

/** Weights by equal steps are to be a list first: nothing of the Canary goes but what is given back. */
function adviceOn({ found }: Refusal, weights: readonly number[]): string | undefined {
  const isStepped = STEPPED.some((key) => found.endsWith(` ${key}`));
  const list = stepsIn(weights);
  return isStepped && list.length > 0
    ? `${WEIGHED}: stepWeights: [${list.join(", ")}] in place of stepWeight and maxWeight`
    : undefined;
}

function remarksOn({ which, object, workload, made }: Standing, weights: readonly number[]): readonly Remark[] {
  const say = (says: string, { path, line }: Built = object): Remark => {
    return { target: which.target.name, path, line, says };
  };
  const left = leftOut(weights);
  const scaler = textAt(object.value, "spec", "autoscalerRef", "name");
  return [
    say(
      `merge it while the Canary is Initialized, Succeeded or Failed, with no version on its way (kubectl get canary ${nameOf(object)}): nothing in git tells. In the middle of a rollout the version on its way would stay at the weight that it has, and the state would take it for what stable runs`,
    ),
    say("this is experimental: Flagger was never run under Tidegate, only a model of it (docs/flagger.md)"),
    ...(left === undefined ? [] : [say(left)]),
    ...(scaler === undefined
      ? []
      : [say(`its autoscaler ${scaler} goes on with it, which was not even run over the model`)]),
    ...servicesOf(made.objects, workload).map((one) =>
      say(`${titleOf(one)} sends to the pods of a new version, whatever the weight is`, one),
    ),
  ];
}
