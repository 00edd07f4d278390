import { selects, type Labels } from "../manifest/layouts/arm-labels.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, itemsOf, textAt, textsAt } from "../manifest/kustomize/value.ts";
import { knativeRemarks } from "./knative.ts";
import type { Known } from "./known.ts";
import type { Remark } from "./model.ts";
import { isBeside, isKnative, podLabels, scalersOf, servicesOf, titleOf } from "./objects.ts";

/** What whoever reviews the change is to know of a target. */
export function remarksOn(known: Known, labels: Labels): readonly Remark[] {
  const { scene, which, overlay, service } = known;
  const { deployment, made } = scene;
  const say = (says: string, { path, line }: { readonly path: string; readonly line: number } = deployment): Remark => {
    return { target: which.target.name, path, line, says };
  };
  const canary = { ...podLabels(deployment), ...labels };
  const beside = made.objects.filter((object) => isBeside(object, deployment));
  return [
    ...(overlay.isNew ? ofListing(known, say) : []),
    ...(namespaceOf(deployment) === undefined && which.target.namespace === undefined
      ? [say(`nothing says its namespace, which is taken to be ${known.namespace}: --namespace says another`)]
      : []),
    ...(isKnative(deployment) ? knativeRemarks(made.objects, deployment, say) : ofReplicas(known, say)),
    ...beside.flatMap((object) => ofSelecting(object, { pods: podLabels(deployment), canary }, say)),
    ...servicesOf(made.objects, deployment).flatMap((one) => ofService(one, one === service, say)),
    ...beside.flatMap((object) => ofConnection(object, service, say)),
    ...made.open
      .filter(({ found }) => !/transformer|JSON patch|labels:|replacement/.test(found))
      .map(({ found, why, ...place }) => say(`${found} is not looked at: ${why}`, place)),
  ];
}

/** A remark, of the Deployment where no other place is named. */
export type Say = (says: string, place?: { readonly path: string; readonly line: number }) => Remark;

export function ofListing({ overlay }: Known, say: Say): readonly Remark[] {
  const { kustomization, placed } = overlay;
  const at = { path: kustomization.path, line: 1 };
  const who =
    placed.by.length === 0
      ? "nothing in the repository says what applies this folder: let it be applied by kustomize from now on (kubectl apply -k)"
      : "it is found by what delivers the folder";
  return [
    say(`it lists what is applied from this folder now, and files that are added later have to be listed; ${who}`, at),
  ];
}

function ofReplicas({ scene: { deployment, made } }: Known, say: Say): readonly Remark[] {
  const scalers = scalersOf(made.objects, deployment);
  if (scalers.length > 0)
    return scalers.map(({ object, most }) =>
      say(`${titleOf(object)} goes on scaling stable, and the canary is sized by ${most ?? "its replicas"}`, object),
    );
  const replicas = at(deployment.value, "spec", "replicas");
  return replicas === undefined || replicas === 1
    ? [say("it has one pod: where two must not run at once (a lock, a leader), leave it")]
    : [];
}

const BY_PODS: ReadonlySet<string> = new Set([
  "PodDisruptionBudget",
  "NetworkPolicy",
  "PodMonitor",
  "CiliumNetworkPolicy",
]);

/** Objects that select stable's pods by labels which the canary's have not. */
function ofSelecting(
  object: Built,
  { pods, canary }: { readonly pods: Labels; readonly canary: Labels },
  say: Say,
): readonly Remark[] {
  if (!BY_PODS.has(kindOf(object))) return [];
  const key =
    kindOf(object) === "NetworkPolicy"
      ? "podSelector"
      : kindOf(object) === "CiliumNetworkPolicy"
        ? "endpointSelector"
        : "selector";
  const asked = textsAt(object.value, "spec", key, "matchLabels");
  if (!selects(asked, pods) || selects(asked, canary)) return [];
  const what: Readonly<Record<string, string>> = {
    PodDisruptionBudget: "it goes on counting stable's pods alone, which is as it should be",
    NetworkPolicy: "it does not hold for the canary's pods: give them one, or select both by a label that they share",
    CiliumNetworkPolicy:
      "it does not hold for the canary's pods: give them one, or select both by a label that they share",
    PodMonitor: "it does not watch the canary's pods: select both by a label that they share",
  };
  return [
    say(
      `${titleOf(object)} selects by labels that the canary's pods have other values of; ${what[kindOf(object)] ?? ""}`,
      object,
    ),
  ];
}

/** What leads past a route. */
export function ofService(service: Built, isStable: boolean, say: Say): readonly Remark[] {
  const type = textAt(service.value, "spec", "type") ?? "ClusterIP";
  const affinity = textAt(service.value, "spec", "sessionAffinity");
  return [
    ...(isStable
      ? []
      : [
          say(
            `Service ${nameOf(service)} selects stable's pods as well: what calls it gets stable, whatever the weight is`,
            service,
          ),
        ]),
    ...(isStable && type !== "ClusterIP"
      ? [
          say(
            `Service ${nameOf(service)} is of the type ${type}: what comes in by it gets stable, whatever the weight is`,
            service,
          ),
        ]
      : []),
    ...(affinity === "ClientIP"
      ? [
          say(
            `Service ${nameOf(service)} keeps clients with a pod (sessionAffinity), which the canary's does not`,
            service,
          ),
        ]
      : []),
  ];
}

/** Istio's settings for connections to stable's host, and monitors that find Services by labels. */
export function ofConnection(object: Built, service: Built, say: Say): readonly Remark[] {
  if (kindOf(object) === "DestinationRule") {
    const host = textAt(object.value, "spec", "host")?.split(".")[0];
    return host === nameOf(service)
      ? [say(`${titleOf(object)} is of ${host} alone: give the canary's Service one with the same settings`, object)]
      : [];
  }
  if (kindOf(object) !== "ServiceMonitor" || groupOf(object) !== "monitoring.coreos.com") return [];
  const asked = textsAt(object.value, "spec", "selector", "matchLabels");
  const expressions = itemsOf(at(object.value, "spec", "selector", "matchExpressions")).length;
  const labels = textsAt(service.value, "metadata", "labels");
  return selects(asked, labels) && expressions === 0
    ? [
        say(
          `${titleOf(object)} does not find the canary's Service, which has no labels: metrics that pods themselves give are those of stable alone`,
          object,
        ),
      ]
    : [];
}
