import { partsOf } from "../../core/image.ts";
import type { Result } from "../../core/result.ts";
import { unreachable } from "../../core/unreachable.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { respell, type Piece } from "../span.ts";
import type { ImageSite, Span } from "./site.ts";

/** The parts of a version; it has at least one of them. */
type Version = { readonly tag: string | undefined; readonly digest: string | undefined };

const VERSION = /^(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:(?:^|@)(?<digest>[a-z0-9]+:[0-9a-f]{32,128}))?$/;
const ALGORITHM = "sha256:";

/**
 * The text with a site's version set: a tag, a digest or `tag@digest`. Every part of the site must still say what it said when it was read.
 * Refused where the place cannot hold that version: a digest where a tag alone is written, a tag alone where a digest goes before it, and the like.
 */
export function setImageAt(file: TextFile, site: ImageSite, version: string): Result<string, Refusal> {
  return attempt(() => {
    const [was, wanted] = [versionIn(site.version), versionIn(version)];
    if (was === undefined || wanted === undefined) {
      return refuse(
        file,
        startOf(site),
        quote(was === undefined ? site.version : version),
        "a version is a tag, a digest or tag@digest",
      );
    }
    const spans = site.spans.filter(({ holds }) => holds !== "name");
    spans.forEach((span) => checkStill(file, site, span, was));
    if (version === site.version) return file.text;
    checkFits(file, site, was, wanted);
    return respell(
      file,
      spans.map((span) => pieceOf(file, site, span, wanted)),
      site.kind === "env" ? "lines" : "yaml",
    );
  });
}

function versionIn(text: string): Version | undefined {
  const parts = VERSION.exec(text)?.groups;
  if (text === "" || parts === undefined) return undefined;
  return { tag: parts["tag"], digest: parts["digest"] };
}

function startOf({ spans }: ImageSite): number {
  return spans.find(({ holds }) => holds !== "name")?.start ?? 0;
}

function checkStill(file: TextFile, site: ImageSite, span: Span, was: Version): void {
  const found = file.text.slice(span.start, span.end);
  if (found === textFor(file, site, span, was)) return;
  refuse(
    file,
    Math.min(span.start, file.text.length),
    quote(found),
    `${quote(site.version)} stood there when the file was read`,
  );
}

/** Whether the version can be written where the old one is, and would be what runs. */
function checkFits(file: TextFile, site: ImageSite, was: Version, wanted: Version): void {
  const first = site.spans.find(({ holds }) => holds !== "name");
  if (first === undefined) return refuse(file, 0, "no place for a version", "an image is written somewhere");
  if (first.holds === "reference") return;
  const found = `a place for ${nameOf(was)}`;
  const isApart = site.spans.filter(({ holds }) => holds === "tag" || holds === "digest").length > 1;
  const fits = isApart || was.tag === undefined ? nameOf(was) === nameOf(wanted) : wanted.tag !== undefined;
  if (!fits || (was.digest === undefined && wanted.digest !== undefined)) {
    refuse(file, first, found, `${nameOf(wanted)} cannot be written there`);
  }
}

function nameOf({ tag, digest }: Version): string {
  if (tag === undefined) return "a digest alone";
  return digest === undefined ? "a tag alone" : "a tag and a digest";
}

function pieceOf(file: TextFile, site: ImageSite, span: Span, wanted: Version): Piece {
  return { start: span.start, end: span.end, text: textFor(file, site, span, wanted) };
}

/** What a span says where the version is another; its style of writing stays. */
function textFor(file: TextFile, { spans }: ImageSite, span: Span, version: Version): string {
  const { tag = "", digest = "" } = version;
  const now = file.text.slice(span.start, span.end);
  switch (span.holds) {
    case "reference":
      return `${nameIn(file, span, now)}${tag === "" ? "" : `:${tag}`}${digest === "" ? "" : `@${digest}`}`;
    case "tag":
      return spans.some(({ holds }) => holds === "digest") ? tag : textOf(version);
    case "digest":
      // Some charts write it without its algorithm.
      return now.includes(":") ? digest : digest.replace(ALGORITHM, "");
    case "name":
      return now;
    default:
      return unreachable(span.holds);
  }
}

function nameIn(file: TextFile, { start }: Span, reference: string): string {
  const parts = partsOf(reference);
  if (parts !== undefined) return parts.name;
  const why = "an image reference stood there when the file was read";
  return refuse(file, Math.min(start, file.text.length), quote(reference), why);
}

function textOf({ tag, digest }: Version): string {
  return [tag, digest].filter((part) => part !== undefined).join("@");
}
