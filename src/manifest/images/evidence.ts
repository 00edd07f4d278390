import { unreachable } from "../../core/unreachable.ts";
import { spanOf, writtenIn, type Ground } from "./ground.ts";
import { isAboutImage, isAboutSource } from "./keys.ts";
import { markedAs } from "./marker.ts";
import { blockedBy, isRepository, looksBuilt, looksNumbered, looksVersioned, referenceOf } from "./ref.ts";
import type { Beside, Said } from "./said.ts";
import type { Span } from "./site.ts";

/** Whether a tag or a version is that of an image: by its own key, by what it stands under, or by what stands beside it. */
export function isTrusted(ground: Ground, one: Said, text: string, beside: Beside): boolean {
  if (one.says === "tag" && (one.ofImage || isAboutImage(beside.above))) return true;
  if (isAboutSource(beside.above) || isBesideChart(one, beside.said)) return false;
  if (isMarkedTag(ground, one)) return true;
  const { image } = imageOf(ground, one, beside);
  if (image !== undefined) return one.says === "tag" || isVersionOf(ground, one, beside);
  if (one.ofImage) return looksVersioned(text);
  return !isBesideAddress(ground, beside.said) && isTrustedAlone(ground, one, text, beside.above);
}

/** Whether a version alone is that of an image: in values and variables by its key, elsewhere only where it is the name of a build. */
function isTrustedAlone({ trust, kind }: Ground, one: Said, text: string, above: string): boolean {
  const { says, about, key } = one;
  if (kind === "substitution" && says === "tag" && /[_-]TAG$/.test(key)) return looksNumbered(text);
  switch (trust) {
    case "manifest":
      return false;
    case "plain":
      return about === "" && looksBuilt(text);
    case "values":
      return isTrustedInValues(kind, one, text, above);
    default:
      return unreachable(trust);
  }
}

function isTrustedInValues(kind: Ground["kind"], { says, about }: Said, text: string, above: string): boolean {
  if (says === "tag") return about === "" ? looksVersioned(text) : looksNumbered(text);
  if (isAboutImage(above)) return looksVersioned(text);
  return (about === "" || kind === "substitution" || kind === "env") && looksBuilt(text);
}

/** Whether the chart beside a value is what the value is the version of. */
export function isBesideChart({ about }: Said, said: readonly Said[]): boolean {
  return said.some((one) => one.says === "chart" && one.about === about);
}

// A chart, a role or a module comes from an address; an image's repository is none.
function isBesideAddress(ground: Ground, said: readonly Said[]): boolean {
  return said.some(
    ({ says, node }) => says === "name" && /^(?:https?|git|ssh|file|oci):/.test(writtenIn(ground, node)?.text ?? ""),
  );
}

// `version` beside a whole reference is what an operator wants to know of it; beside a bare repository, of anything.
function isVersionOf(ground: Ground, { about, ofImage }: Said, { said, above }: Beside): boolean {
  if (ofImage || isAboutImage(above)) return true;
  const images = said.filter((one) => one.says === "image" && one.about === about);
  if (images.some(({ node }) => isReference(ground, node))) return false;
  return ground.trust === "values" || (about === "" && images.length > 0);
}

function isReference(ground: Ground, node: Said["node"]): boolean {
  const written = writtenIn(ground, node);
  return written !== undefined && referenceOf(written.text) !== undefined;
}

function isMarkedTag(ground: Ground, { node }: Said): boolean {
  const written = ground.finds.isMarked ? writtenIn(ground, node) : undefined;
  return written !== undefined && markedAs(ground, written.end) === "tag";
}

/** The image that a version belongs to, with the span of its name where that is written in one place. */
export function imageOf(
  ground: Ground,
  { about }: Said,
  { said, above }: Beside,
): { readonly image: string | undefined; readonly name?: Span } {
  const near = said.filter((one) => one.about === about || one.about === "");
  const names = near
    .filter((one) => canName(ground, one, above))
    .toSorted((a, b) => Number(b.about === about) - Number(a.about === about) || rank(a) - rank(b));
  for (const one of names) {
    const written = writtenIn(ground, one.node);
    if (written === undefined || !isRepository(written.text)) continue;
    const registry = registryIn(ground, near);
    if (registry !== undefined) return { image: `${registry}/${written.text}` };
    return { image: written.text, name: spanOf(written, "name") };
  }
  return { image: undefined };
}

// `repo` is that of a git repository as often.
function canName({ trust }: Ground, { says, key, ofImage }: Said, above: string): boolean {
  if (key === "name") return isAboutImage(above);
  if (says === "name") return ofImage || key !== "repo" || trust === "values" || isAboutImage(above);
  return says === "image" || key === "hub";
}

function rank({ key, says }: Said): number {
  if (key === "newName") return 0;
  return says === "name" ? 1 : says === "image" ? 2 : 3;
}

function registryIn(ground: Ground, said: readonly Said[]): string | undefined {
  const one = said.find(({ says }) => says === "registry");
  const written = one === undefined ? undefined : writtenIn(ground, one.node);
  return written === undefined || blockedBy(written.text) !== undefined ? undefined : written.text.replace(/\/+$/, "");
}
