import { AMBASSADOR } from "./ambassador.ts";
import { APISIX } from "./apisix.ts";
import { APP_MESH } from "./app-mesh.ts";
import { CONSUL } from "./consul.ts";
import { CONTOUR } from "./contour.ts";
import { FLAGGER } from "./flagger.ts";
import { GATEWAY_API } from "./gateway-api.ts";
import { GLOO } from "./gloo.ts";
import { ISTIO } from "./istio.ts";
import { KNATIVE } from "./knative.ts";
import { KUMA } from "./kuma.ts";
import { OPENSHIFT } from "./openshift.ts";
import { ROLLOUT } from "./rollout.ts";
import type { Finder } from "./site.ts";
import { SKIPPER } from "./skipper.ts";
import { SMI } from "./smi.ts";
import { TRAEFIK } from "./traefik.ts";

const FINDERS: readonly Finder[] = [
  ...GATEWAY_API,
  ...ISTIO,
  ...SMI,
  ...ROLLOUT,
  ...FLAGGER,
  ...TRAEFIK,
  ...CONTOUR,
  ...APISIX,
  ...AMBASSADOR,
  ...APP_MESH,
  ...OPENSHIFT,
  ...KNATIVE,
  ...KUMA,
  ...CONSUL,
  ...GLOO,
  ...SKIPPER,
];
const BY_KIND: ReadonlyMap<string, readonly Finder[]> = Map.groupBy(FINDERS, ({ kind }) => kind);

/** The finder for objects of a kind and an API group; a file that names no group means the first of that kind. */
export function finderOf(kind: string, group: string | undefined): Finder | undefined {
  const all = BY_KIND.get(kind) ?? [];
  return group === undefined ? all[0] : all.find(({ groups }) => groups.includes(group));
}
