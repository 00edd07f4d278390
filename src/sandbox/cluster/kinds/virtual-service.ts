import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";
import { asksForHeaders, together, whoMeets } from "./testers.ts";

/** Istio's route; the destinations are of the one route that plain traffic meets. */
export type VirtualService = Place & { readonly kind: "VirtualService"; readonly destinations: readonly Destination[] };

/** A host and, where it is split further, a subset of its DestinationRule. */
export type Destination = {
  readonly host: string;
  readonly subset: string | undefined;
  readonly weight: number;
  /** The part of all requests of which it is sent copies, besides. */
  readonly copied?: number;
};

const Host = z.object({ host: z.string().min(1), subset: z.string().optional() });

const Weighted = z.object({
  destination: Host,
  weight: z.int().min(0).default(0),
});

const Percent = z.object({ value: z.number().min(0).max(100) });

const Route = z.object({
  match: z.array(z.looseObject({})).default([]),
  route: z.array(Weighted).default([]),
  mirror: Host.optional(),
  mirrorPercentage: Percent.default({ value: 100 }),
});

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    http: z.array(Route).default([]),
    tls: z.array(Route).default([]),
    tcp: z.array(Route).default([]),
  }),
});

/** Reads a VirtualService of `networking.istio.io`. Throws a ManifestError. */
export function virtualServiceOf(manifest: JsonObject): VirtualService {
  const { metadata, spec } = valid(Manifest, manifest);
  const met = spec.http.find(takesAll) ?? spec.http.at(-1) ?? spec.tls[0] ?? spec.tcp[0];
  const { testers } = whoMeets(spec.http, ({ match }) => asksForHeaders(match));
  const destinations = together(
    { everybody: destinationsOf(met), testers: testers === met ? undefined : testers && destinationsOf(testers) },
    ({ host, subset }) => `${host}/${subset}`,
  );
  return {
    kind: "VirtualService",
    ...metadata,
    destinations: destinations.map((one) => ({ ...one, ...copiedTo(one, met) })),
  };
}

/** Everybody's requests alone are copied. */
function copiedTo({ host, subset }: Destination, met: z.output<typeof Route> | undefined): Pick<Destination, "copied"> {
  const { mirror, mirrorPercentage } = met ?? {};
  return mirror?.host === host && mirror.subset === subset ? { copied: (mirrorPercentage?.value ?? 100) / 100 } : {};
}

function destinationsOf(met: z.output<typeof Route> | undefined): readonly Destination[] {
  return (met?.route ?? []).map(({ destination, weight }, _, { length }) => ({
    host: destination.host,
    subset: destination.subset,
    weight: length === 1 ? 1 : weight,
  }));
}

// The first route that matches is taken; a request without anything special about it matches these.
function takesAll({ match, route }: z.output<typeof Route>): boolean {
  const isPlain = match.length === 0 || match.some((one) => JSON.stringify(one) === '{"uri":{"prefix":"/"}}');
  return isPlain && route.length > 0;
}
