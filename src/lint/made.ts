import { textAt } from "../manifest/services/node.ts";
import type { Backend } from "./backends.ts";
import type { Placed } from "./objects.ts";
import { mayBeSame, ofKind, type World } from "./world.ts";

/** What may be there though no object of its name is: looked up by names, since it is asked for every host. */
export type Made = {
  /** Whether a Service is there under the name that its file has, or may be made by something that is. */
  readonly isService: (backend: Backend) => boolean;
  /** Whether there is something of which an operator may make pods beside an object; a gateway's are no Service's of people. */
  readonly mayBePods: (object: Placed) => boolean;
};

/** What objects of a world make. */
export function madeIn(world: World): Made {
  // A rendering that gives names another beginning may change those in routes as well.
  const written = new Set(ofKind(world, "/Service").map(({ fact }) => fact.name));
  const canaries = new Set(ofKind(world, "flagger.app/Canary").flatMap(namesOfCanary));
  const entries = [...new Set(ofKind(world, "networking.istio.io/ServiceEntry").map(({ file }) => file.text))];
  const operated = world.objects.filter(makesOthers);
  const byName = Map.groupBy(operated, ({ name }) => name);
  const isOperated = ({ from, service, namespace }: Backend) =>
    Array.from({ length: service.length + 1 }, (_, length) => service.slice(0, length)).some((beginning) =>
      byName.get(beginning)?.some((one) => isBeside(one, { space: from.space, namespace })),
    );
  return {
    isService: (backend) =>
      written.has(backend.service) ||
      canaries.has(backend.service) ||
      entries.some((text) => text.includes(backend.host)) ||
      isOperated(backend),
    mayBePods: (object) => operated.some((one) => one.kind !== "Gateway" && isBeside(one, object)),
  };
}

function namesOfCanary({ tree }: Placed): readonly string[] {
  const name = textAt(tree, ["spec", "service", "name"]) ?? textAt(tree, ["spec", "targetRef", "name"]) ?? "";
  return [name, `${name}-primary`, `${name}-canary`];
}

/** Whether two objects are in one namespace for certain, or may be where they are rendered together. */
function isBeside(one: Placed, { space, namespace }: Pick<Placed, "space" | "namespace">): boolean {
  const isSaid = namespace !== undefined && one.namespace === namespace;
  return isSaid || (one.space.key === space.key && mayBeSame(one.namespace, namespace));
}

/** Kinds of which an operator, or a gateway's controller, makes Services and pods. */
function makesOthers({ fact, group, kind }: Placed): boolean {
  if (kind === "Gateway" || group === "serving.knative.dev") return true;
  const isOfOperator = fact.holds.kind === "custom" && group.includes(".") && !group.endsWith(".k8s.io");
  return isOfOperator && !QUIET.has(kind);
}

const QUIET: ReadonlySet<string> = new Set([
  ..."AnalysisTemplate ClusterAnalysisTemplate MetricTemplate ServiceEntry Sidecar EnvoyFilter Telemetry".split(" "),
  ..."AuthorizationPolicy PeerAuthentication RequestAuthentication Certificate Issuer ClusterIssuer".split(" "),
  ..."ExternalSecret SecretStore ClusterSecretStore SealedSecret ServiceMonitor PodMonitor PrometheusRule".split(" "),
]);
