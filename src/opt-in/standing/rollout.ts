import { name } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { ImagePlace, RouterKind } from "../../core/state.ts";
import { NO_WEIGHT, weight } from "../../core/weight.ts";
import { isCalled, kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, entriesOf, textAt } from "../../manifest/kustomize/value.ts";
import { claimRollout, type Claimed } from "../../manifest/layouts/claim.ts";
import type { Strategy } from "../../manifest/layouts/rollout-spec.ts";
import { setPromotion } from "../../manifest/routers/rollout-promotion.ts";
import { readPlanned, type Planned } from "../../manifest/routers/rollout-plan.ts";
import { setSteps } from "../../manifest/routers/rollout-steps.ts";
import type { Plan } from "../../template/model.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { placeIn } from "../known.ts";
import type { Refused, Remark } from "../model.ts";
import { isBeside, scalersOf, servicesOf, titleOf } from "../objects.ts";
import { refused } from "../refused.ts";
import type { Engine, Standing, Steered } from "./model.ts";
import { leave } from "./rollout-leave.ts";
import { inPlace, isRolloutState, KEYS, patched, type RolloutState } from "./rollout-texts.ts";
import { leftOut, stepsIn } from "./weights.ts";

/** Argo Rollouts: the steps of a canary Rollout are claimed, or the switch of a blue/green one. */
export const ROLLOUTS: Engine = {
  group: "argoproj.io",
  kind: "Rollout",
  isPatched: true,
  workloadOf,
  fits: (object, { drive }) =>
    drive.kind === "rollout" &&
    drive.strategy === strategyOf(object) &&
    (drive.strategy === "blueGreen" || routersOf(object).includes(drive.router)),
  claim,
  leave,
};

function workloadOf(object: Built, objects: readonly Built[]): Built | undefined {
  const ref = at(object.value, "spec", "workloadRef");
  if (ref === undefined) return object;
  const called = textAt(ref, "name") ?? "";
  return objects.find((one) => kindOf(one) === "Deployment" && isBeside(one, object) && isCalled(one, called));
}

function strategyOf({ value }: Built): Strategy {
  return at(value, "spec", "strategy", "blueGreen") === undefined ? "canary" : "blueGreen";
}

/** What its controller moves, by the keys of `trafficRouting`. */
const ROUTERS: ReadonlyMap<string, RouterKind> = new Map([
  ["istio", "VirtualService"],
  ["nginx", "Ingress"],
  ["alb", "ALBIngress"],
  ["smi", "TrafficSplit"],
  ["traefik", "TraefikService"],
  ["apisix", "ApisixRoute"],
  ["ambassador", "Mapping"],
  ["appMesh", "VirtualRouter"],
  ["argoproj-labs/gatewayAPI", "HTTPRoute"],
]);

/** Undefined is among them where pods make the share. */
function routersOf({ value }: Built): readonly (RouterKind | undefined)[] {
  const routing = at(value, "spec", "strategy", "canary", "trafficRouting");
  if (routing === undefined || routing === null) return [undefined];
  const keys = [...entriesOf(routing), ...entriesOf(at(routing, "plugins"))].map(([key]) => key);
  return keys.flatMap((key) => ROUTERS.get(key) ?? []);
}

const HALF = weight(50);

function claim(standing: Standing, image: ImagePlace | undefined): Result<Steered, readonly Refused[]> {
  const { object, carrier } = standing;
  const found = steerable(standing, image);
  if (found.kind === "err") return found;
  const { planned, claimed, target } = found.value;
  const strategy = strategyOf(object);
  const written =
    carrier === undefined ? ok(inPlace(object, claimed, target)) : patched(standing, carrier, { at: target, strategy });
  if (written.kind === "err") return err([no(standing, written.error.refusal, written.error.advice)]);
  const { texts, weighed } = written.value;
  const moved = movedFrom({ path: weighed, text: texts.get(weighed) ?? "" }, standing);
  if (moved.kind === "err") return err([no(standing, moved.error)]);
  return ok({
    ...written.value,
    moved: new Map([...texts, [weighed, moved.value]]),
    writes: { path: weighed, keys: [KEYS[strategy]] },
    plan: planOf(planned),
    remarks: remarksOn(standing, planned),
  });
}

function no({ which }: Standing, refusal: Refusal, advice?: string): Refused {
  return refused("standing", which.target.name, refusal, advice);
}

type Steerable = { readonly planned: Planned; readonly claimed: Claimed; readonly target: RolloutState };

/** What its files say, or all that keeps git alone from steering it. */
function steerable(standing: Standing, image: ImagePlace | undefined): Result<Steerable, readonly Refused[]> {
  const { which, object, workload, namespace, made, read } = standing;
  if (workload !== object && workload.path === object.path) {
    const found = `${titleOf(workload)} in the Rollout's file`;
    return err([no(standing, placeIn(workload, found, "a state tells the two by their files"), OWN_FILE)]);
  }
  const file = fileAt(read, object.path);
  const planned = readPlanned(file, { namespace });
  if (planned.kind === "err") return err([no(standing, planned.error)]);
  const claimed = claimRollout({
    rollout: file,
    workload: fileAt(read, workload.path),
    target: name(which.target.name),
    service: which.service,
    namespace,
    image: image && { place: image, file: fileAt(read, image.path) },
  });
  const others = planned.value.others.map((other) => no(standing, other, OTHER_STEPS));
  if (claimed.kind === "err") return err([...others, no(standing, claimed.error, armless(object))]);
  const target = claimed.value.state.targets.get(name(which.target.name));
  if (others.length > 0 || !isRolloutState(target)) return err(others);
  if (target.arms.by === "service" || servicesOf(made.objects, workload).length > 0)
    return ok({ planned: planned.value, claimed: claimed.value, target });
  const found = placeIn(object, "no Service that selects its pods", WORKER);
  return err([refused("no-service-object", which.target.name, found)]);
}

/** What releases write, as the first step that moves traffic has it. */
function movedFrom(rest: TextFile, { object, namespace }: Standing): Result<string, Refusal> {
  return strategyOf(object) === "blueGreen"
    ? setPromotion(rest, { namespace }, true)
    : setSteps(rest, { namespace }, { from: NO_WEIGHT, to: HALF, runsOut: false });
}

const OWN_FILE = "give the Deployment a file of its own";
const WORKER = "a worker without traffic has no share that could be moved";
const OTHER_STEPS = "take it out of the steps; what an analysis asks may be a gate (docs/analysis.md)";

/** What to do where nothing tells the arms' pods apart. */
function armless(object: Built): string | undefined {
  const canary = at(object.value, "spec", "strategy", "canary");
  if (canary === undefined || at(canary, "canaryService") !== undefined || at(canary, "stableService") !== undefined)
    return undefined;
  const own = nameOf(object);
  return `give each arm a label of its own: canaryMetadata: { labels: { rollout-arm: ${own}-canary } }, and stableMetadata: { labels: { rollout-arm: ${own} } }`;
}

function fileAt(read: Standing["read"], path: string): TextFile {
  return { path, text: read(path) ?? "" };
}

/** The weights that releases can have, as steps of configuration; the longest pause is proposed for each. */
function planOf({ weights, pauseMs }: Planned): Partial<Plan> {
  const steps = stepsIn(weights);
  return { ...(steps.length > 0 && { steps }), ...(pauseMs >= LEAST_BAKE && { bake: pauseMs }) };
}

/** Pauses of seconds are those of a demonstration, and tell a gate nothing. */
const LEAST_BAKE = 60_000;

function remarksOn(standing: Standing, planned: Planned): readonly Remark[] {
  const { which, object, made } = standing;
  const say = (says: string, { path, line } = { path: object.path, line: object.line }): Remark => {
    return { target: which.target.name, path, line, says };
  };
  const left = leftOut(planned.weights);
  const [waits] = [planned.waitsAt].flatMap((line) => (line === undefined ? [] : [{ path: object.path, line }]));
  return [
    say(
      `merge it while the Rollout is Healthy, with no version on its way (kubectl argo rollouts get rollout ${nameOf(object)}, or the health of what delivers it): nothing in git tells. In the middle of a rollout the version on its way would go back to no requests and stay there, and the state would take it for what stable runs`,
    ),
    ...(waits === undefined
      ? []
      : [say("this pause waits for a person: make sure that no rollout waits at it now", waits)]),
    ...(left === undefined ? [] : [say(left)]),
    ...made.objects
      .filter((one) => isBeside(one, object))
      .flatMap((one) => scalersOf([one], object).map(() => say(`${titleOf(one)} goes on scaling the Rollout`, one))),
  ];
}
