import { isImage } from "../core/image.ts";
import { isName } from "../core/names.ts";
import { selects } from "../manifest/layouts/arm-labels.ts";
import type { Evaluated } from "../manifest/kustomize/evaluate.ts";
import { groupOf, isCalled, kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at, itemsOf, textAt, textsAt } from "../manifest/kustomize/value.ts";
import { quote, type Refusal } from "../yaml/refusal.ts";
import { knativeObjections } from "./knative.ts";
import type { Code, Objection } from "./model.ts";
import {
  containersOf,
  isBeside,
  isKnative,
  isWorkload,
  names,
  podLabels,
  scalersOf,
  selectorOf,
  servicesOf,
  titleOf,
} from "./objects.ts";

/** All that speaks against splitting a Deployment or a Knative Service, by what is rendered with it. */
export function objections({ objects, open }: Evaluated, deployment: Built): readonly Objection[] {
  const on = (code: Code, found: string, why: string, place: Built = deployment): Objection => {
    return { code, refusal: { path: place.path, line: place.line, found, why } };
  };
  return [
    ...ofName(deployment, on),
    ...ofStrategy(deployment, on),
    ...ofPods(objects, deployment, on),
    ...ofImage(deployment, on),
    ...(isKnative(deployment)
      ? knativeObjections(objects, deployment)
      : [...ofSelector(deployment, on), ...ofTraffic(objects, deployment, on)]),
    ...ofOthers(objects, deployment, on),
    ...open.filter(isInTheWay).map((refusal): Objection => ({ code: "unknown", refusal })),
    ...open.flatMap(({ prevents, ...refusal }) => (prevents === undefined ? [] : [{ code: prevents, refusal }])),
  ];
}

type On = (code: Code, found: string, why: string, place?: Built) => Objection;

/** Whether what is not known of a rendering may change any workload; what is not known of other objects keeps nobody from splitting this one. */
export function isInTheWay({ found }: Refusal): boolean {
  return /transformer|JSON patch|labels:|replacement/.test(found);
}

function ofName(deployment: Built, on: On): readonly Objection[] {
  const name = nameOf(deployment);
  return isName(name)
    ? []
    : [on("unknown", `the name ${quote(name)}`, "what fills it in is not known here, or it is no name")];
}

function ofStrategy({ value, ...place }: Built, on: On): readonly Objection[] {
  const object = { value, ...place };
  const hook = ["argocd.argoproj.io/hook", "helm.sh/hook"].find(
    (key) => textsAt(value, "metadata", "annotations")[key] !== undefined,
  );
  return [
    ...(textAt(value, "spec", "strategy", "type") === "Recreate"
      ? [on("recreate", "the strategy Recreate", "its owner says that two versions must never run side by side")]
      : []),
    ...(hook === undefined ? [] : [on("hook", hook, "it runs once, at a sync", object)]),
  ];
}

function ofPods(objects: readonly Built[], deployment: Built, on: On): readonly Objection[] {
  const pod = at(deployment.value, "spec", "template", "spec");
  const replicas = at(deployment.value, "spec", "replicas");
  const isScaled = scalersOf(objects, deployment).length > 0;
  const ports = containersOf(deployment).flatMap(({ data }) => itemsOf(at(data, "ports")));
  return [
    ...(replicas === 0 && !isScaled
      ? [on("no-pods", "replicas: 0", "it runs no pods, so nothing tells how many a share needs")]
      : []),
    ...(at(pod, "hostNetwork") === true
      ? [on("host", "hostNetwork", "both arms' pods would ask for the same port of a node")]
      : []),
    ...(ports.some((port) => (at(port, "hostPort") ?? 0) !== 0)
      ? [on("host", "a hostPort", "both arms' pods would ask for it")]
      : []),
    ...itemsOf(at(pod, "volumes")).flatMap((volume) =>
      ofVolume(objects, deployment, textAt(volume, "persistentVolumeClaim", "claimName"), on),
    ),
  ];
}

function ofVolume(
  objects: readonly Built[],
  deployment: Built,
  claim: string | undefined,
  on: On,
): readonly Objection[] {
  if (claim === undefined) return [];
  const found = objects.find(
    (object) => kindOf(object) === "PersistentVolumeClaim" && isCalled(object, claim) && isBeside(object, deployment),
  );
  const modes = itemsOf(at(found?.value, "spec", "accessModes"));
  const isShared = modes.some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany");
  if (isShared) return [];
  const mode = typeof modes[0] === "string" ? modes[0] : undefined;
  const replicas = at(deployment.value, "spec", "replicas");
  // Several pods have it already.
  if (mode === undefined && typeof replicas === "number" && replicas > 1) return [];
  const why =
    mode === undefined
      ? "nothing here says that many pods may have it, and it has one now"
      : "pods on other nodes could not have it, and two versions would write the same data";
  return [
    on("volume", mode === undefined ? `the claim ${claim}` : `the claim ${claim} (${mode})`, why, found ?? deployment),
  ];
}

function ofSelector(deployment: Built, on: On): readonly Objection[] {
  const selector = at(deployment.value, "spec", "selector");
  if (itemsOf(at(selector, "matchExpressions")).length > 0)
    return [on("selector", "matchExpressions", "another value of a label does not take pods out of it for certain")];
  const asked = selectorOf(deployment);
  if (Object.keys(asked).length === 0) return [on("selector", "no matchLabels", "nothing tells its pods from others")];
  if (!selects(asked, podLabels(deployment)))
    return [on("selector", "a selector that its own pods do not match", "no cluster takes such a Deployment")];
  return [];
}

/** The container whose image is the service's: the one that is called as it is, else the first. */
export function mainContainer(
  deployment: Built,
): { readonly name: string; readonly image: string | undefined } | undefined {
  const all = containersOf(deployment).filter(({ list }) => list === "containers");
  const main = all.find(({ name }) => name === nameOf(deployment)) ?? all[0];
  return main === undefined ? undefined : { name: main.name, image: textAt(main.data, "image") };
}

function ofImage(deployment: Built, on: On): readonly Objection[] {
  const main = mainContainer(deployment);
  if (main?.image === undefined) return [on("image", "no image", "there is none to bump")];
  if (!isName(main.name)) return [on("image", `the container ${quote(main.name)}`, "a container has a name")];
  if (isImage(main.image)) return [];
  const why = /[${}]/.test(main.image)
    ? "what fills it in is not known here"
    : "without a tag or a digest nothing tells a new version";
  return [on("image", `the image ${quote(main.image)}`, why)];
}

function ofTraffic(objects: readonly Built[], deployment: Built, on: On): readonly Objection[] {
  const services = servicesOf(objects, deployment);
  if (services.length === 0)
    return [
      on(
        "no-service-object",
        "no Service that selects its pods",
        "a worker without traffic has no share that could be moved",
      ),
    ];
  return services.flatMap((service) => {
    const others = objects.filter(
      (object) =>
        isWorkload(object) &&
        object !== deployment &&
        isBeside(object, service) &&
        selects(selectorOf(service), podLabels(object)),
    );
    return others
      .slice(0, 1)
      .map((other) =>
        on("shared-service", `Service ${nameOf(service)}`, `it sends to ${titleOf(other)} as well`, service),
      );
  });
}

const STEERING: ReadonlySet<string> = new Set(["Canary", "Rollout"]);

/** Controllers that move the traffic of the Deployment by themselves. */
function ofOthers(objects: readonly Built[], deployment: Built, on: On): readonly Objection[] {
  return objects.flatMap((object) => {
    const isFlagger = kindOf(object) === "Canary" && groupOf(object) === "flagger.app";
    const isArgo = kindOf(object) === "Rollout" && groupOf(object) === "argoproj.io";
    if (!STEERING.has(kindOf(object)) || !(isFlagger || isArgo) || !isBeside(object, deployment)) return [];
    const ref = at(object.value, "spec", isFlagger ? "targetRef" : "workloadRef");
    if (!names(ref, deployment)) return [];
    const claimed = isFlagger ? ", and tidegate claim says what has it go by git (docs/flagger.md, experimental)" : "";
    return [on("controller", titleOf(object), `its controller runs ${nameOf(deployment)} already${claimed}`, object)];
  });
}
