import type { Evidence } from "./gate/evidence.ts";
import type { GateName } from "./gate/settings.ts";
import type { GaugeMemory } from "./gauge-memory.ts";
import type { Image } from "./image.ts";
import type { LatencyMemory } from "./latency-memory.ts";
import type { Name, Sha } from "./names.ts";
import type { Weight } from "./weight.ts";

/** What Tidegate knows of one service, in git, changed in the same commit as the weights. The text form is in config/state-file.ts. */
export type ServiceState = {
  readonly service: Name;
  /** `revision` is the commit that the template is pinned to. */
  readonly template: { readonly name: string; readonly revision: Sha };
  /** Files and folders (with a trailing slash) that only Tidegate writes. */
  readonly owned: readonly string[];
  /** Single scalars that Tidegate writes in files of others. */
  readonly claims: readonly Claim[];
  readonly targets: ReadonlyMap<Name, TargetState>;
  readonly blocked: readonly Blocked[];
  readonly holds: readonly Hold[];
  /** The highest id of a comment whose effect is in git; 0 before the first. A comment up to it is never obeyed again. */
  readonly heard: number;
};

/** `at` is a path of keys joined by dots, such as `spec.replicas`, or a place as places are named: `Deployment shop/checkout spec.replicas`. */
export type Claim = {
  readonly path: string;
  readonly at: string;
  /** What was written there before it was claimed, which opting out gives back; empty where nothing was. Absent where nobody has recorded it. */
  readonly was?: string | undefined;
};

export type TargetState = {
  readonly namespace: Name;
  readonly manifests: Manifests;
  readonly arms: Arms;
  readonly weight: Weight;
  /** Testers go to the canary, and nobody else: the weight is 0. */
  readonly testers?: true;
  /** Copies of so many per cent of the requests go to the canary, and no request does: the weight is 0. */
  readonly mirror?: number;
  readonly stable: Image;
  readonly release: ReleaseState | undefined;
};

/**
 * The kinds of objects whose YAML holds the weight. `VirtualService` is Istio's, `Ingress` that of NGINX and its kin; where several makers call a kind the same,
 * the others have their maker's name before it.
 */
export const ROUTER_KINDS = [
  "HTTPRoute",
  "GRPCRoute",
  "TLSRoute",
  "TCPRoute",
  "VirtualService",
  "Ingress",
  "ALBIngress",
  "SkipperIngress",
  "TrafficSplit",
  "TraefikService",
  "IngressRoute",
  "HTTPProxy",
  "ApisixRoute",
  "Mapping",
  "VirtualRouter",
  "OpenShiftRoute",
  "ServiceSplitter",
  "TrafficRoute",
  "MeshHTTPRoute",
  "GlooVirtualService",
  "GlooRouteTable",
  "UpstreamGroup",
  "GlooMeshRouteTable",
  "KnativeRoute",
] as const;

export type RouterKind = (typeof ROUTER_KINDS)[number];

/** What a route calls the two arms, where that is more than their Services' names: subsets of one host. */
export type Destinations = { readonly [arm in "canary" | "stable"]: Destination };

export type Destination = { readonly host: Name; readonly subset: Name | undefined };

/** Names that tell canary from stable in the metrics: of the Services behind the route, or, where both have one Service, of the workloads. */
export type Arms = { readonly canary: Name; readonly stable: Name; readonly by: "service" | "workload" };

/** Where a member is written and how; the paths may be equal but for canary's and stable's. */
export type Manifests = WorkloadFiles | Places | RolloutFiles;

/** Two Deployments and the route that splits traffic between them. */
export type WorkloadFiles = {
  readonly layout: "workloads";
  readonly router: RouterKind;
  readonly canary: string;
  readonly stable: string;
  readonly route: string;
  readonly destinations: Destinations | undefined;
};

/** Single scalars in files that Kustomize or Helm renders both arms from. */
export type Places = {
  readonly layout: "places";
  /** What people and bots bump. */
  readonly canary: ImagePlace;
  /** What stable is pinned to. */
  readonly stable: ImagePlace;
  readonly weight: WeightPlace;
  /** Undefined where the pods of both arms come and go with requests, as Knative's do. */
  readonly canaryReplicas: Place | undefined;
  /** A number where none is written: what the chart or the autoscaler gives at most. */
  readonly stableReplicas: Place | number;
  /** As they are called in the cluster. */
  readonly workloads: { readonly canary: Name; readonly stable: Name };
  readonly container: Name;
};

/** An Argo Rollout whose steps are ours; its controller makes canary and stable of one pod template. */
export type RolloutFiles = {
  readonly layout: "rollout";
  readonly rollout: string;
  /** The file with all that the Rollout is, if `rollout` is an owned patch with the steps alone. */
  readonly of?: string | undefined;
  /** Has the pod template: of the Deployment that the Rollout refers to or, in the same file, of the Rollout itself. */
  readonly workload: string;
  /** Where people and bots bump the version, if an overlay says another one than that file: an entry of its `images:`. */
  readonly image?: ImagePlace | undefined;
  /** Digest of the pod template that stable runs: no manifest says it. */
  readonly stableTemplate: string;
};

/** One scalar of a file: `at` names its object where it has a kind and a name (`Deployment shop/checkout`), then its keys joined by dots, items of lists by their names in brackets. */
export type Place = { readonly path: string; readonly at: string };

/** `image` is the repository, where the file holds a version alone or its overlay renders another one. */
export type ImagePlace = Place & { readonly image: string | undefined };

/** A route, or the canary's share as a number in a values file, where a dot within a key has a backslash before it. */
export type WeightPlace =
  | {
      readonly kind: "route";
      readonly path: string;
      readonly router: RouterKind;
      readonly destinations: Destinations | undefined;
    }
  | ({ readonly kind: "values" } & Place);

export type ReleaseState = {
  readonly image: Image;
  readonly from: Image;
  /** Digest of the canary's pod template that the plan was made for; another digest under way is a change from outside. */
  readonly template: string;
  /** The commit on the tracked branch that brought the image; its first parent is what an abort gives back. */
  readonly commit: Sha;
  /** The bump's pull request; undefined where it was pushed without one. */
  readonly source: number | undefined;
  /** When the bump landed, milliseconds since the epoch. */
  readonly since: number;
  /** Index in the plan of the step that this state commits to. */
  readonly step: number;
  readonly evidence: Evidence;
  /** Absent while it is not known whether latency is judged, and where it is not. */
  readonly latency?: LatencyMemory | undefined;
  /** Absent while no gauge has been compared. */
  readonly gauges?: GaugeMemory | undefined;
  /** Which of the configured plans it follows, fixed when it begins. */
  readonly plan: PlanName;
  /** A person let this step merge without a passed gate. */
  readonly override: Override | undefined;
  /** Gates that a person had left out, each once, from that step to the end of the release. */
  readonly skips: readonly Skip[];
  readonly aborting: Aborting | undefined;
};

/** The usual waves, or the shorter plan of hotfixes. */
export type PlanName = "usual" | "expedite";

/** Said in a comment, or done by hand in a commit. `full` reaches to the end of the release, step by step. */
export type Override = {
  readonly by: string;
  readonly comment: number | undefined;
  readonly commit: Sha | undefined;
  readonly reach: "step" | "full";
};

export type Skip = {
  readonly gate: GateName;
  readonly by: string;
  readonly comment: number;
  readonly reason: string;
};

/** Who ends a release before its end. `containment`: something landed that the gates never judged. */
export type AbortedBy = "gate" | "person" | "containment";

export type Aborting = {
  readonly by: AbortedBy;
  /** The person's login, where a person did it. */
  readonly who: string | undefined;
  readonly reason: string;
};

/** A version that does not start again by itself. `template` narrows the block where the release changed no image; `commit` is what brought it. */
export type Blocked = {
  readonly image: Image;
  readonly template: string | undefined;
  readonly commit: Sha | undefined;
  readonly by: AbortedBy;
  readonly reason: string;
};

/** Asked for in a comment, or by closing the step's pull request. */
export type Hold = {
  readonly target: Name;
  readonly by: string;
  readonly comment: number | undefined;
  readonly closed: number | undefined;
  /** When that was closed, milliseconds: what was said before does not lift it. */
  readonly at: number | undefined;
  readonly reason: string | undefined;
};
