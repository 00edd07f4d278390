import { imageOf, isTrusted } from "./evidence.ts";
import { found, leftAlone, spanOf, writtenIn, type Ground } from "./ground.ts";
import { isAboutImage } from "./keys.ts";
import { blockedBy, isDigest, isVersion } from "./ref.ts";
import type { Beside, Said } from "./said.ts";
import type { Span } from "./site.ts";

/** Reads a tag, or a version that is one, together with its digest where that stands beside it. */
export function readVersion(ground: Ground, one: Said, beside: Beside): void {
  const written = writtenIn(ground, one.node);
  if (written === undefined || !isVersion(written.text) || !isTrusted(ground, one, written.text, beside)) {
    if (written !== undefined) leaveBlocked(ground, one, beside);
    if (beside.digest !== undefined) readDigest(ground, beside.digest, beside);
    return;
  }
  const digest = beside.digest === undefined ? undefined : digestIn(ground, beside.digest);
  const { image, name } = imageOf(ground, one, beside);
  const version = digest === undefined ? written.text : `${written.text}@${digest.text}`;
  found(ground, one.place, { image, version, spans: inOrder([spanOf(written, "tag"), digest?.span, name]) });
}

function leaveBlocked(ground: Ground, { node, ofImage }: Said, { above }: Beside): void {
  const written = writtenIn(ground, node);
  const blocked = written === undefined ? undefined : blockedBy(written.text);
  if (written === undefined || blocked === undefined || !(ofImage || isAboutImage(above))) return;
  leftAlone(ground, written.start, blocked, "the image's version is written elsewhere");
}

/** Reads a digest that has no tag beside it. */
export function readDigest(ground: Ground, one: Said, beside: Beside): void {
  const digest = digestIn(ground, one);
  if (digest === undefined) return;
  const { image, name } = imageOf(ground, one, beside);
  if (!one.ofImage && !isAboutImage(beside.above) && image === undefined) return;
  found(ground, one.place, { image, version: digest.text, spans: inOrder([digest.span, name]) });
}

// Some charts write a digest without its algorithm, which is then SHA-256.
function digestIn(ground: Ground, { node }: Said): { readonly text: string; readonly span: Span } | undefined {
  const written = writtenIn(ground, node);
  if (written === undefined || !isDigest(written.text)) return undefined;
  const text = written.text.includes(":") ? written.text : `sha256:${written.text}`;
  return { text, span: spanOf(written, "digest") };
}

function inOrder(spans: readonly (Span | undefined)[]): readonly Span[] {
  return spans.filter((span) => span !== undefined).toSorted((a, b) => a.start - b.start);
}
