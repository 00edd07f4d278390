import type { Image } from "./image.ts";
import type { Name } from "./names.ts";
import type { Weight } from "./weight.ts";

/** What the files of a member say at one commit. */
export type Manifest = {
  readonly weight: Weight;
  /** Whether testers go to the canary while nobody else does; absent where the route has no rule for them. */
  readonly testers?: boolean;
  /** Of how many per cent of the requests copies go to the canary; absent where the route has no mirror to it. */
  readonly mirror?: number;
  readonly canary: Workload;
  readonly stable: Workload;
  /** What makes the share where no route does. */
  readonly ratio?: Ratio;
  /** An Argo Rollout whose number of pods git does not say: an autoscaler's, or one. */
  readonly scaled?: true;
  /** An Argo Rollout of two colours: a new version has all of its pods at weight 0, and no weight is between that and 100. */
  readonly blueGreen?: true;
  /** Of Flagger's Canary, where its gates stand: its pods are those of two Deployments, of which Flagger makes stable's. */
  readonly flagger?: CanaryGates;
  /** The weights above 0 of its list, rising; absent where its gates leave none. */
  readonly listed?: readonly Weight[];
  /** The autoscaler that a Canary names, by its kind and its name: Flagger makes another one of it for stable's pods. */
  readonly autoscaler?: string;
};

/** All gates closed; the same, and what has begun is taken back; pods of a new version may start; it may have a weight; it may be promoted. */
export type CanaryGates = "rest" | "back" | "begin" | "weight" | "promotion";

/** Pods of both arms together, and how many more there may be for a while. */
export type Ratio = { readonly replicas: number; readonly surge: number };

/**
 * `deployment` is what its pods are called after, and `replicas` how many of them git asks for: the least, where they come and go with requests.
 * `template` is a digest of the pod template without its labels, 16 hexadecimal digits: equal for workloads that run the same.
 * `besides` is the same wherever nothing but the image differs.
 */
export type Workload = {
  readonly deployment: Name;
  readonly container: Name;
  readonly replicas: number;
  readonly image: Image;
  readonly template: string;
  readonly besides: string;
};

/** What tells one release from another. */
export type Version = Pick<Workload, "image" | "template">;
