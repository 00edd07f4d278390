import type { Tree } from "../../yaml/tree.ts";
import { isBesideChart } from "./evidence.ts";
import { found, leftAlone, spanOf, writtenIn, type Ground, type Place, type Written } from "./ground.ts";
import { markedAs } from "./marker.ts";
import { blockedBy, defaultedReference, isVersion, referenceOf, type Reference, versionBehind } from "./ref.ts";
import type { Said } from "./said.ts";
import type { Span } from "./site.ts";

/** Whether a value is a reference with a version. */
export function isWhole(ground: Ground, node: Tree): boolean {
  const written = writtenIn(ground, node);
  return written !== undefined && referenceOf(written.text) !== undefined;
}

/** Reads the reference that a scalar holds; one that is a template or a variable is left alone. */
export function readReference(ground: Ground, { node, place }: Said): void {
  if (node.kind === "alias") {
    return leftAlone(ground, ground.base + node.start, "an alias", "the image is written where its anchor is");
  }
  const written = withoutScheme(writtenIn(ground, node));
  if (written === undefined) return;
  const reference = referenceOf(written.text) ?? defaultIn(ground, written.text);
  if (reference !== undefined) return foundReference(ground, place, written, reference);
  const behind = versionBehind(written.text);
  if (behind !== undefined) return foundBehind(ground, place, written, behind.at);
  const blocked = blockedBy(written.text);
  if (blocked !== undefined) leftAlone(ground, written.start, blocked, "the image's version is written elsewhere");
}

// `oci://registry/name:tag`, as proxies and runtimes name what they fetch by themselves.
function withoutScheme(written: Written | undefined): Written | undefined {
  const scheme = /^(?:oci|docker):\/\//.exec(written?.text ?? "")?.[0].length ?? 0;
  return written === undefined || scheme === 0
    ? written
    : { ...written, text: written.text.slice(scheme), start: written.start + scheme };
}

function defaultIn({ kind }: Ground, text: string): Reference | undefined {
  return kind === "compose" || kind === "env" ? defaultedReference(text) : undefined;
}

function foundReference(ground: Ground, place: Place, written: Written, { name, version, at }: Reference): void {
  const isAll = at === name.length + 1;
  const start = written.start + (isAll ? 0 : at);
  const end = written.start + at + version.length;
  const holds = isAll ? "reference" : "tag";
  found(ground, place, { image: name, version, spans: [{ start, end, holds, style: written.style }] });
}

function foundBehind(ground: Ground, place: Place, { text, start, end, style }: Written, at: number): void {
  const spans: readonly Span[] = [{ start: start + at, end, holds: "tag", style }];
  found(ground, place, { image: undefined, version: text.slice(at), spans });
}

/** Reads a value whose line says which policy of Flux sets it, where its key alone does not say enough; whether it did. */
export function readMarked(ground: Ground, one: Said, said: readonly Said[]): boolean {
  if (!ground.finds.isMarked || one.says === "chart" || isBesideChart(one, said)) return false;
  const written = writtenIn(ground, one.node);
  const marked = written === undefined ? undefined : markedAs(ground, written.end);
  if (written === undefined || marked === undefined || marked === "name") return false;
  if (marked === "reference") return readMarkedReference(ground, one, written);
  if (one.says === "tag" || one.says === "digest" || !isVersion(written.text)) return false;
  found(ground, one.place, { image: undefined, version: written.text, spans: [spanOf(written, marked)] });
  return true;
}

function readMarkedReference(ground: Ground, { place }: Said, written: Written): boolean {
  const reference = referenceOf(written.text);
  if (reference !== undefined) foundReference(ground, place, written, reference);
  return reference !== undefined;
}
