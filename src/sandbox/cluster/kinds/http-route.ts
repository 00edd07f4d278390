import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";
import { asksForHeaders, together, whoMeets } from "./testers.ts";

/** A route of the Gateway API; of several rules the first one that asks for no header is what traffic meets, and what testers meet one that does. */
export type HttpRoute = Place & {
  readonly kind: "HTTPRoute";
  readonly backends: readonly Backend[];
};

/** `copied`: the part of all requests of which it is sent copies, besides. */
type Backend = { readonly service: string; readonly weight: number; readonly copied?: number };

const BackendRef = z.object({ name: DnsName, weight: z.int().min(0).max(1_000_000).default(1) });

const Mirror = z.object({
  backendRef: z.object({ name: DnsName }),
  percent: z.int().min(0).max(100).default(100),
});

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    rules: z
      .array(
        z.object({
          matches: z.array(z.looseObject({})).default([]),
          backendRefs: z.array(BackendRef).default([]),
          filters: z.array(z.object({ requestMirror: Mirror.optional() })).default([]),
        }),
      )
      .min(1),
  }),
});

/** Reads an HTTPRoute of `gateway.networking.k8s.io`. Throws a ManifestError. */
export function httpRouteOf(manifest: JsonObject): HttpRoute {
  const { metadata, spec } = valid(Manifest, manifest);
  const { everybody, testers } = whoMeets(spec.rules, ({ matches }) => asksForHeaders(matches));
  const listed = (rule: typeof everybody) => rule?.backendRefs.map(({ name, weight }) => ({ service: name, weight }));
  const backends = together({ everybody: listed(everybody) ?? [], testers: listed(testers) }, ({ service }) => service);
  const mirrors = (everybody?.filters ?? []).flatMap(({ requestMirror }) => requestMirror ?? []);
  const copies = ({ service }: Backend) =>
    mirrors.filter(({ backendRef }) => backendRef.name === service).map(({ percent }) => ({ copied: percent / 100 }));
  return { kind: "HTTPRoute", ...metadata, backends: backends.map((one) => ({ ...one, ...copies(one)[0] })) };
}
