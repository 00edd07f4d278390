import { err, ok, type Result } from "../../core/result.ts";
import type { Charted } from "../../manifest/chart/render.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, itemsOf, textAt } from "../../manifest/kustomize/value.ts";
import { selects } from "../../manifest/layouts/arm-labels.ts";
import { objections } from "../judge.ts";
import type { Code, Refused } from "../model.ts";
import { isKnative, isWorkload, podLabels, selectorOf, servicesOf, titleOf } from "../objects.ts";
import { refused } from "../refused.ts";
import { routesTo } from "../routes.ts";

/** Kinds of which a second object beside the first, under another name and with no pods of its own, changes nothing. */
const HARMLESS: ReadonlySet<string> = new Set([
  "Deployment",
  "Service",
  "ServiceAccount",
  "ConfigMap",
  "Secret",
  "Role",
  "RoleBinding",
  "HorizontalPodAutoscaler",
  "ScaledObject",
  "PodDisruptionBudget",
  "NetworkPolicy",
  "ServiceMonitor",
  "PodMonitor",
]);

// What a second one of them would do.
const TWICE: Readonly<Record<string, string>> = {
  StatefulSet: "a second one would have other data",
  DaemonSet: "a second one would run beside it on each node",
  CronJob: "a second one would run at the same times",
  Job: "a second one would do its work once more",
  PersistentVolumeClaim: "a second one would hold other data",
  PrometheusRule: "a second one would tell every alert twice",
};

function isHarmless(object: Built): boolean {
  return HARMLESS.has(kindOf(object)) && !isKnative(object);
}

const WHOLE_CLUSTER =
  /^(?:Cluster.*|CustomResourceDefinition|Namespace|.*WebhookConfiguration|PriorityClass|StorageClass|IngressClass|APIService|PersistentVolume)$/;

/** The only Deployment of a chart, or all that speaks against running the chart twice. */
export function splittable(made: Charted, target: string): Result<Built, readonly Refused[]> {
  const no = (code: Code, object: Built, why: string, advice?: string): Refused =>
    refused(code, target, { path: object.path, line: object.line, found: titleOf(object), why }, advice);
  const routes = ownRoutes(made);
  const others = made.objects.filter((object) => !isHarmless(object) && !routes.includes(object));
  const against = others.map((object) => {
    const kind = kindOf(object);
    const why =
      (isKnative(object) ? "a second one would not be its canary" : undefined) ??
      TWICE[kind] ??
      (WHOLE_CLUSTER.test(kind)
        ? "it is the whole cluster's, and both releases would have one"
        : "what a second one would do is not known here");
    return no(
      "helm",
      object,
      why,
      "leave it out of the chart by its values, or put it into a chart of its own; else leave the service",
    );
  });
  const deployments = made.objects.filter((object) => kindOf(object) === "Deployment");
  const [deployment, second] = deployments;
  if (deployment === undefined) {
    const [first] = made.objects;
    const place = first === undefined ? { path: made.reads[0] ?? "", line: 1 } : { path: first.path, line: first.line };
    return err([
      refused("kind", target, { ...place, found: "no Deployment", why: "with these values the chart makes none" }),
      ...against,
    ]);
  }
  if (second !== undefined)
    return err([
      no("arms", second, `the chart makes ${nameOf(deployment)} as well, and both would run twice`),
      ...against,
    ]);
  const all = [
    ...against,
    ...objections(made, deployment).map(({ code, refusal }) => refused(code, target, refusal)),
    ...routes.map((route) =>
      no(
        "route",
        route,
        "it is the chart's own, so no weight can be written into it",
        "switch it off in the values (the template makes a route of its own), or write it as a plain file beside the chart",
      ),
    ),
  ];
  return all.length > 0 ? err(all) : ok(deployment);
}

function ownRoutes({ objects }: Charted): readonly Built[] {
  const services = objects
    .filter((object) => kindOf(object) === "Deployment")
    .flatMap((one) => servicesOf(objects, one));
  return [...new Set(services.flatMap((service) => routesTo(objects, service)))];
}

/** Why two releases cannot run side by side, by what each of them makes. */
export function clashes(stable: Charted, canary: Charted, target: string): readonly Refused[] {
  const keyOf = (object: Built) =>
    `${groupOf(object)} ${kindOf(object)} ${namespaceOf(object) ?? ""}/${nameOf(object)}`;
  const there = new Set(stable.objects.map(keyOf));
  const no = (object: Built, why: string, advice: string) =>
    refused("helm", target, { path: object.path, line: object.line, found: titleOf(object), why }, advice);
  const same = canary.objects.filter((object) => there.has(keyOf(object)));
  const asking = stable.objects.filter(asksForItself);
  if (asking.length > 0)
    return asking.map((object) =>
      no(
        object,
        "it asks for an address or a port of nodes, and both releases would",
        "let the cluster give out addresses and ports",
      ),
    );
  if (same.length > 0)
    return same.map((object) =>
      no(
        object,
        "the chart calls it the same in every release",
        "let its name come from the release's: take fullnameOverride and literal names away",
      ),
    );
  const both = [
    [stable, canary],
    [canary, stable],
  ] as const;
  return both.flatMap(([one, other]) => {
    const pods = other.objects.filter(isWorkload).map(podLabels);
    return one.objects
      .filter(
        (object) =>
          (kindOf(object) === "Service" || isWorkload(object)) &&
          pods.some((labels) => selects(selectorOf(object), labels)),
      )
      .map((object) =>
        no(
          object,
          "it selects the pods of both releases",
          "let its selector and the pods have a label of the release's name (app.kubernetes.io/instance)",
        ),
      );
  });
}

/** Whether a Service says an address or a port that a cluster gives once. */
function asksForItself(object: Built): boolean {
  if (kindOf(object) !== "Service") return false;
  const spec = at(object.value, "spec");
  const address = textAt(spec, "clusterIP") ?? "None";
  return (
    itemsOf(at(spec, "ports")).some((port) => typeof at(port, "nodePort") === "number") ||
    !["None", ""].includes(address) ||
    itemsOf(at(spec, "externalIPs")).length > 0 ||
    (textAt(spec, "loadBalancerIP") ?? "") !== ""
  );
}
