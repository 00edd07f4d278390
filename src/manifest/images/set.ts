import type { Result } from "../../core/result.ts";
import { unreachable } from "../../core/unreachable.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { respell, type Piece } from "../span.ts";
import type { ImageSite, Span } from "./site.ts";

/** A version in its two parts, of which there is at least one. */
type Version = { readonly tag: string | undefined; readonly digest: string | undefined };

const VERSION = /^(?:([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:(?:^|@)([a-z0-9]+:[0-9a-f]{32,128}))?$/;

/**
 * The text with a site's version set: a tag, a digest or `tag@digest`. The site must still be what it was when it was read.
 * Refused where the place cannot hold that version: a digest where only a tag is written, a tag alone beside a digest, and the like.
 */
export function setImageAt(file: TextFile, site: ImageSite, version: string): Result<string, Refusal> {
  return attempt(() => {
    checkStill(file, site);
    if (version === site.version) return file.text;
    const [was, wanted] = [versionOf(file, site, site.version), versionOf(file, site, version)];
    const pieces = site.spans.map((span) => pieceOf(file, site, span, { was, wanted }));
    checkWhole(file, site, { was, wanted });
    return respell(file, pieces, site.kind === "env" ? "lines" : "yaml");
  });
}
