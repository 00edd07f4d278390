import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";

/** A route of the Gateway API; of several rules the first one is what traffic meets. */
export type HttpRoute = Place & {
  readonly kind: "HTTPRoute";
  readonly backends: readonly { readonly service: string; readonly weight: number }[];
};

const BackendRef = z.object({ name: DnsName, weight: z.int().min(0).max(1_000_000).default(1) });

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({ rules: z.array(z.object({ backendRefs: z.array(BackendRef).default([]) })).min(1) }),
});

/** Reads an HTTPRoute of `gateway.networking.k8s.io`. Throws a ManifestError. */
export function httpRouteOf(manifest: JsonObject): HttpRoute {
  const { metadata, spec } = valid(Manifest, manifest);
  const backends = (spec.rules[0]?.backendRefs ?? []).map(({ name, weight }) => ({ service: name, weight }));
  return { kind: "HTTPRoute", ...metadata, backends };
}
