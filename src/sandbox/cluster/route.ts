import type { Labels, Place } from "./kinds/manifest.ts";
import type { SplitKind } from "./kinds/split-route.ts";

/** What splits traffic, whatever its kind. */
export type Route = Place & {
  readonly kind: "HTTPRoute" | "VirtualService" | "Ingress" | "Service" | "Mapping" | "KnativeRoute" | SplitKind;
  readonly arms: readonly Arm[];
  /** The arm that is the canary's, where one can tell. */
  readonly canary: string | undefined;
};

/** A share of a route's traffic, and the pods that answer it. */
export type Arm = {
  /** Its Service; `host/subset` where it is a part of one; `canary`, `stable` or a hash where pods alone split it. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly selector: Labels;
  readonly weight: number;
  /** The part of the route's requests, between 0 and 1, of which its pods are sent copies that nobody waits for. */
  readonly copied?: number;
  /** Who answers where no pod is ready: nobody, the first arm (NGINX leaves a canary without endpoints out), or a pod that is started for it (Knative's activator holds a request until then). */
  readonly empty: "unanswered" | "first" | "held";
};
