import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { templateHash } from "../random.ts";

export type Labels = Readonly<Record<string, string>>;

/** What pods are made from; the hash is of the whole template as written, so that any change of it makes new pods. */
export type Template = {
  readonly hash: string;
  readonly labels: Labels;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
};

/** Where an object is. */
export type Place = { readonly namespace: string; readonly name: string };

/** A manifest that the API server would refuse; the message says why. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

export const Label = z.record(z.string(), z.string());

export const DnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);

export const Metadata = z.object({ name: DnsName, namespace: DnsName.default("default") });

export const PodTemplate = z.looseObject({
  metadata: z.object({ labels: Label }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: DnsName, image: z.string().min(1) })).min(1) }),
});

const Raw = z.object({ spec: z.object({ template: z.unknown() }) });

/** The template of a manifest that was found to have one. */
export function templateOf(manifest: JsonObject): Template {
  const raw = valid(Raw, manifest).spec.template;
  const { metadata, spec } = valid(PodTemplate, raw);
  const containers = spec.containers.map(({ name, image }) => ({ name, image }));
  return { hash: templateHash(JSON.stringify(raw)), labels: metadata.labels, containers };
}

/** Reads what a schema describes. Throws a ManifestError. */
export function valid<T extends z.ZodType>(schema: T, manifest: unknown): z.output<T> {
  const result = schema.safeParse(manifest);
  if (!result.success) throw new ManifestError(z.prettifyError(result.error));
  return result.data;
}

/** Whether labels carry everything that a selector asks for; an empty selector selects nothing. */
export function selects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}
