import type { PitfallRule } from "../config/pitfall-rules.ts";
import type { Entry } from "./finding.ts";

const DELIVERY = {
  "commit-ignored": {
    area: "Delivery",
    severity: "error",
    what: "Argo CD is told to ignore what a release writes: a version, or weights that no controller writes",
    why: "a commit with a new weight, an abort among them, is merged and never applied, and git says what the cluster does not run",
    fix: "take the path out of ignoreDifferences, or out of argocd-cm",
  },
  "weight-not-ignored": {
    area: "Delivery",
    severity: "error",
    what: "the weights of a route in git are written by the controller of a Rollout, and what delivers the route writes git's over them",
    why: "in the middle of a release any sync takes the traffic back to the weights in git, until the controller has written its own again",
    fix: "with Argo CD ignore the weights (ignoreDifferences) and say RespectIgnoreDifferences=true in syncOptions; with Flux annotate the route with kustomize.toolkit.fluxcd.io/ssa: IfNotPresent",
  },
  "ignored-by-manager": {
    area: "Delivery",
    severity: "warning",
    what: "Argo CD ignores all fields that the Rollouts controller manages (managedFieldsManagers)",
    why: "what that controller has once written, whole lists among it, is never synced from git again, after the release as well",
    fix: "ignore the paths of the weights by jqPathExpressions instead",
  },
  "left-as-it-is": {
    area: "Delivery",
    severity: "warning",
    what: "an annotation or a label has Flux leave a workload or a route as it is in the cluster",
    why: "commits that change it, a weight or an image among them, are never applied",
    fix: "take it out; for a route whose weights a controller writes it may stay",
  },
  "not-followed": {
    area: "Delivery",
    severity: "warning",
    what: "what delivers a service that is under Tidegate does not follow git by itself: suspended, synced by hand, or in windows",
    why: "a step that is merged is not live, and its release waits; an abort waits as well",
    fix: "let it sync by itself",
  },
} as const satisfies Readonly<Record<string, Entry>>;

const TRAFFIC = {
  "two-providers": {
    area: "Traffic",
    severity: "error",
    what: "two controllers, or routes of two kinds, say how one service's requests are shared",
    why: "a release moves one of them, and the share that the canary gets is neither's",
    fix: "let one object share the requests of these Services; two Rollouts that share a route name rules of their own in it (routes)",
  },
  "two-routes": {
    area: "Traffic",
    severity: "error",
    what: "two VirtualServices route one host inside of the mesh, or two canary Ingresses are for one host and path",
    why: "only one of the two is followed, and which one is an accident of their age",
    fix: "write both into one object",
  },
} as const satisfies Readonly<Record<string, Entry>>;

const ENDPOINTS = {
  "subset-not-defined": {
    area: "Endpoints",
    severity: "error",
    what: "a VirtualService sends to a subset that the host's DestinationRule does not define",
    why: "Istio answers 503 to what is sent there",
    fix: "define the subset, with labels of its pods alone, or correct its name",
  },
  "subset-without-rule": {
    area: "Endpoints",
    severity: "warning",
    what: "a VirtualService sends to a subset, and no DestinationRule of the host is in the repository, though its Service is",
    why: "without one that defines the subset Istio answers 503 to what is sent there",
    fix: "write the DestinationRule beside the route; allow it where another repository has it",
  },
  "subset-without-labels": {
    area: "Endpoints",
    severity: "error",
    what: "a subset without labels, or a whole host, shares requests with a subset of the same host",
    why: "it is every pod of the host, so that one version gets a part of what is meant for the other",
    fix: "give each of the two a subset with a label of its pods alone",
  },
  "subsets-alike": {
    area: "Endpoints",
    severity: "error",
    what: "two subsets that share a host's requests have labels that the same pods have",
    why: "whatever the weights say, requests for one are answered by pods of the other",
    fix: "give each a value of its own for one label",
  },
  "subset-without-pods": {
    area: "Endpoints",
    severity: "error",
    what: "a VirtualService sends to a subset whose labels no pod of the Service has",
    why: "Istio answers 503 to what is sent there, whatever small share it is",
    fix: "let the subset's labels and those of the pod template agree",
  },
  "host-without-service": {
    area: "Endpoints",
    severity: "error",
    what: "a route or a Rollout sends to a Service that is not there, in a namespace whose Services the repository has",
    why: "what is sent there is answered with an error, or the controller refuses the object",
    fix: "correct the name, or add the Service",
  },
  "selector-without-pods": {
    area: "Endpoints",
    severity: "error",
    what: "a Service's selector takes no pods, and those that lie with it have other labels",
    why: "the Service has no endpoints: all that is sent to it fails",
    fix: "let the selector and the labels of the pod template agree",
  },
  "port-not-there": {
    area: "Endpoints",
    severity: "error",
    what: "a route sends to a port that the Service does not have",
    why: "what is sent there is answered with an error",
    fix: "name a port of the Service, by its number or by its name",
  },
  "target-port-unnamed": {
    area: "Endpoints",
    severity: "error",
    what: "a Service leads to a container's port by a name that no container of its pods has",
    why: "for this port the Service has no endpoints",
    fix: "name the container's port so, or write its number",
  },
  "raw-port": {
    area: "Endpoints",
    severity: "error",
    what: "rules for HTTP inside of the mesh, and the Service's port is called as one of raw TCP",
    why: "Istio goes by the port's name (or its appProtocol) and applies none of the rules: no weight, no retry",
    fix: "begin the port's name with http or grpc, or say so in appProtocol",
  },
  "admiral-name": {
    area: "Endpoints",
    severity: "warning",
    what: "a route sends to a name of Admiral's that no workload of the repository has it make",
    why: "Admiral makes such names from the identity of workloads; without one the name resolves to nothing",
    fix: "correct the identity in the name or in the workload; allow it where another repository has the workload",
  },
} as const satisfies Readonly<Record<string, Entry>>;

const REPLICAS = {
  "replicas-scaled": {
    area: "Replicas",
    severity: "warning",
    what: "a workload's replicas stand in git, and an autoscaler changes them",
    why: "each sync takes the pods back to the number in git, under whatever load there is",
    fix: "take replicas out of the manifest, or have Argo CD ignore /spec/replicas",
  },
  "two-autoscalers": {
    area: "Replicas",
    severity: "error",
    what: "two autoscalers scale one workload",
    why: "each undoes what the other one does, and the canary's capacity is anybody's guess",
    fix: "keep one; a ScaledObject makes an autoscaler of its own",
  },
  "autoscaler-of-the-idle": {
    area: "Replicas",
    severity: "error",
    what: "an autoscaler scales a Deployment whose pods a Rollout runs",
    why: "the Rollout stays at its number under whatever load there is, and the idle Deployment is woken",
    fix: "let scaleTargetRef name the Rollout (argoproj.io/v1alpha1)",
  },
  "replicas-of-the-idle": {
    area: "Replicas",
    severity: "warning",
    what: "the replicas of a Deployment stand in git, and a controller scales it to 0 (Flagger's target, a Rollout's workloadRef with scaleDown)",
    why: "each sync wakes it, the controller puts it to sleep again or does not: twice the pods, or a canary that starts by itself",
    fix: "take replicas out of the manifest, or write 0 where a Rollout runs the pods",
  },
  "canary-scaled": {
    area: "Replicas",
    severity: "warning",
    what: "an autoscaler changes replicas that releases of a service under Tidegate write or go by",
    why: "the two undo each other, or the canary is too small for its weight",
    fix: "as the finding says; docs/before.md has each case",
  },
} as const satisfies Readonly<Record<string, Entry>>;

const CONTROLLERS = {
  "analysis-in-cluster": {
    area: "Controllers",
    severity: "warning",
    what: "an analysis in the cluster (of Argo Rollouts or of Flagger) judges releases",
    why: "when it fails, the controller takes the traffic back and git goes on to ask for the version: the next sync, or a cluster that is built anew, runs it",
    fix: "let the gate of a pull request judge (docs/analysis.md uses the same templates); keep it where releases are not under Tidegate and somebody reverts git",
  },
  "decided-by-controller": {
    area: "Controllers",
    severity: "warning",
    what: "a Rollout has its controller skip steps, abort or hold weights by itself",
    why: "the cluster does what no commit says, and git does not say that it did",
    fix: "take the setting out",
  },
  "pause-blocks-sync": {
    area: "Controllers",
    severity: "error",
    what: "a Rollout pauses until it is promoted, and objects of a later sync wave or hook wait for it",
    why: "Argo CD takes a paused Rollout for unfinished: the sync does not end, and no later commit is applied, an abort least of all",
    fix: "put the Rollout into the last wave, without hooks behind it, or give its pauses a duration",
  },
  "rollout-paused": {
    area: "Controllers",
    severity: "warning",
    what: "a Rollout is paused in git (spec.paused)",
    why: "its controller takes no step, so that no release of it moves",
    fix: "take spec.paused out",
  },
} as const satisfies Readonly<Record<string, Entry>>;

const ANALYSIS = {
  "passes-without-data": {
    area: "Analysis",
    severity: "error",
    what: "a condition of an analysis template passes where there is no data, or on NaN, or there is no condition",
    why: "a version that nobody sent a request passes",
    fix: "write the condition as the finding says; docs/analysis.md explains it",
  },
  "analysis-danger": {
    area: "Analysis",
    severity: "error",
    what: "a metric of an analysis template cannot fail, is always an error, or does not ask what it seems to",
    why: "a bad release passes, or a good one is taken back",
    fix: "as the finding says; tidegate analysis lint tells more about the template",
  },
} as const satisfies Readonly<Record<string, Entry>>;

/** Every rule, by the name that people allow it by. */
export const CATALOGUE: Readonly<Record<RuleId, Entry>> = {
  ...TRAFFIC,
  ...ENDPOINTS,
  ...DELIVERY,
  ...REPLICAS,
  ...CONTROLLERS,
  ...ANALYSIS,
};

export type RuleId = PitfallRule;

/** Whether a word is the name of a rule. */
export function isRule(word: string): word is RuleId {
  return Object.hasOwn(CATALOGUE, word);
}

/** What the catalogue says of a rule. */
export function entryOf(rule: RuleId): Entry {
  return CATALOGUE[rule];
}
