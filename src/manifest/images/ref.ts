import { partsOf } from "../../core/image.ts";

/** What an image reference says: its name, and the version with its offset in the text; the version may be tag, digest, or both. */
export type Reference = { readonly name: string; readonly version: string; readonly at: number };

/** A text that stands for an image, and cannot be set here: what makes it so. */
export type Blocked = "a template" | "a variable" | "a placeholder";

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^[a-z0-9]+:[0-9a-f]{32,128}$/;
const HEX = /^[0-9a-f]{64}$/;
const NAME = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/;
const LONGEST = 512;

/** The reference of a text; undefined where it is none, or names no version. */
export function referenceOf(text: string): Reference | undefined {
  const parts = partsOf(text);
  // A digest alone reads as a name and a tag.
  if (parts === undefined || (DIGEST.test(text) && parts.digest === undefined)) return undefined;
  const at = parts.name.length + 1;
  return { name: parts.name, version: text.slice(at), at };
}

/** Whether the text is a repository without a version: `registry:port/path/name`. A web address and a version are none. */
export function isRepository(text: string): boolean {
  return text.length <= LONGEST && NAME.test(text) && !/^v?\d+(?:\.\d+)*$/.test(text);
}

/** Whether the text is a tag, or a tag and a digest as some charts write into one value. */
export function isVersion(text: string): boolean {
  if (text.length > LONGEST) return false;
  const at = text.indexOf("@");
  if (at === -1) return TAG.test(text) || DIGEST.test(text);
  return TAG.test(text.slice(0, at)) && DIGEST.test(text.slice(at + 1));
}

/** Whether the text is a digest, with its algorithm or, as some charts write it, without. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text) || HEX.test(text);
}

// Tags that move, and have no digit in them.
const MOVING =
  /^(?:latest|stable|main|master|trunk|edge|nightly|dev|develop|development|rolling|release|canary|beta|alpha|next|lts|prod|production|staging|testing|unstable|mainline)$/;

const COMMIT = /^[0-9a-f]{7,40}$/;

/** Whether a text without anything beside it can be taken for a version. */
export function looksVersioned(text: string): boolean {
  return isVersion(text) && (/\d/.test(text) || MOVING.test(text) || COMMIT.test(text));
}

/** Whether the text is a version by its own look: a number, a build, or a tag that moves. */
export function looksNumbered(text: string): boolean {
  return isVersion(text) && (/^v?\d/.test(text) || MOVING.test(text) || COMMIT.test(text) || BUILD.test(text));
}

// A calendar date with a time, or a commit: what builds are called, and no chart can be, as charts have semantic versions.
const BUILD =
  /^(?:.*[-_.])?(?:\d{4}-?\d{2}-?\d{2}[-_.T]?\d{4,6}|(?=[0-9a-f]*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40})(?:[-_.].*)?$/;

/** Whether the text is the name of a build: an image's version and no chart's. */
export function looksBuilt(text: string): boolean {
  return isVersion(text) && !/^v?\d+\.\d+\.\d+/.test(text) && BUILD.test(text);
}

const DEFAULTED = /\$\{\w+:?-([^${}]*)\}/g;

/** The reference whose version, name, or whole is the default of variables, as Compose writes it: `${REPO:-acme/app}:${TAG:-1.2.3}`. */
export function defaultedReference(text: string): Reference | undefined {
  if (text.length > LONGEST) return undefined;
  const whole = /^\$\{\w+:?-([^${}]+)\}$/.exec(text);
  if (whole?.[1] !== undefined) {
    const inner = referenceOf(whole[1]);
    return inner === undefined ? undefined : { ...inner, at: inner.at + text.indexOf(whole[1]) };
  }
  const [, named = "", held, plain] = /^(.+?):(?:\$\{\w+:?-([^${}]+)\}|([\w.-]+))$/.exec(text) ?? [];
  const [name, version] = [named.replace(DEFAULTED, "$1"), held ?? plain ?? ""];
  if (!isRepository(name) || !isVersion(version)) return undefined;
  return { name, version, at: text.length - version.length - (held === undefined ? 0 : 1) };
}

const FILLED_IN = /\{\{[^{}]*\}\}|\$\{[^${}]*\}|\$\([^$()]*\)|\$[A-Za-z_]\w*/g;

/** The version of a reference whose name is filled in elsewhere, in part or wholly: `{{ .Values.registry }}/app:1.2.3`. */
export function versionBehind(text: string): { readonly version: string; readonly at: number } | undefined {
  const plain = text.length > LONGEST ? "" : text.replace(FILLED_IN, (part) => "x".repeat(part.length));
  const reference = plain === text ? undefined : referenceOf(plain);
  if (reference === undefined || text.slice(reference.at) !== reference.version) return undefined;
  return { version: reference.version, at: reference.at };
}

/** What makes the text no reference to read, though it stands where one should. */
export function blockedBy(text: string): Blocked | undefined {
  if (text.includes("{{") || text.includes("{%")) return "a template";
  if (/\$[\w({]/.test(text)) return "a variable";
  return /<[\w. -]+>|@@?[A-Z_]+@@?|^%\w+%$/.test(text) ? "a placeholder" : undefined;
}
