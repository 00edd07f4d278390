import type { Asking, Copies, Offer, Variable } from "./copies.ts";
import { isAboutImage, meaningOf } from "./keys.ts";
import { blockedBy, isDigest, isRepository, isVersion, referenceOf } from "./ref.ts";
import { isMeant, isWritten, partOf, withPart, type FieldPath, type Part, type Target } from "./replacement.ts";

/** What a text becomes in an image: all of it, its tag or its digest; `image` where the image can be seen. `at`: where in the text that begins. */
export type Copy = {
  readonly image: string | undefined;
  readonly holds: "reference" | "tag" | "digest";
  readonly text: string;
  readonly at: number;
};

type CopyText = Omit<Copy, "at">;

/** What a text becomes in an image elsewhere; undefined where nothing copies it into one. */
export function copyOf(offer: Offer, copies: Copies): Copy | undefined {
  const { object, is, text } = offer;
  for (const { source, targets } of copies.replacements()) {
    if (isWritten(source) || !isMeant(source, object) || !is(source.path)) continue;
    const part = partOf(text, source.part);
    const copy = part === undefined ? undefined : copyInto(part.text, targets, copies);
    if (part !== undefined && copy !== undefined) return { ...copy, at: part.at };
  }
  for (const variable of copies.variables(offer)) {
    const copy = isMeant(variable.object, object) && is(variable.path) ? filled(variable, text) : undefined;
    if (copy !== undefined) return { ...copy, at: 0 };
  }
  return undefined;
}

/** What a text becomes in the first of some targets that is an image. */
export function copyInto(text: string, targets: readonly Target[], copies: Copies): CopyText | undefined {
  for (const target of targets) {
    for (const path of target.paths) {
      const holds = fieldHolds(path);
      const copy = holds === undefined ? undefined : copyAt(text, holds, copies.seen(target, path), target.part);
      if (copy !== undefined) return copy;
    }
  }
  return undefined;
}

/** What a field is by its own path, a variable of a container by its name; labels and annotations are no images. */
export function fieldHolds(path: FieldPath): Asking["holds"] | undefined {
  if (path.includes("labels") || path.includes("annotations")) return undefined;
  const [above = "", last = ""] = path.slice(-2);
  const { says, ofImage } = meaningOf(last === "value" ? above.replace(/^\[name=(.*)\]$/, "$1") : last);
  switch (says) {
    case "image":
      return says;
    case "tag":
    case "digest":
      return ofImage || isAboutImage(above) ? says : undefined;
    default:
      return undefined;
  }
}

function copyAt(text: string, holds: Asking["holds"], seen: readonly string[], part: Part): CopyText | undefined {
  if (holds !== "image") return part === undefined ? wordOf(text, holds, undefined) : undefined;
  const copies = seen.map((old) => copyOver(old, part, text));
  return seen.length === 0 ? unseen(text, part) : copies.find((copy) => copy !== undefined);
}

/** What a text is in an image that it is put into. */
function copyOver(old: string, part: Part, text: string): CopyText | undefined {
  const put = withPart(old, part, text);
  const reference = referenceOf(put);
  // The old one may be no more than a word that keeps the place: `IMAGE:TAG`.
  if (reference === undefined) return put.endsWith(`${part?.delimiter ?? ""}${text}`) ? unseen(text, part) : undefined;
  const { name: image, version } = reference;
  if (part === undefined) return { image, holds: "reference", text };
  if (isDigest(text)) return version.endsWith(text) ? { image, holds: "digest", text } : undefined;
  return version === text || version.startsWith(`${text}@`) ? { image, holds: "tag", text } : undefined;
}

function wordOf(text: string, holds: "tag" | "digest", image: string | undefined): CopyText | undefined {
  const isOne = holds === "tag" ? isVersion(text) : isDigest(text);
  return isOne ? { image, holds, text } : undefined;
}

function wholeOf(text: string): CopyText | undefined {
  const reference = referenceOf(text);
  return reference === undefined ? undefined : { image: reference.name, holds: "reference", text };
}

// Where the image itself cannot be seen, the delimiter says which part of it is meant.
function unseen(text: string, part: Part): CopyText | undefined {
  if (part === undefined) return wholeOf(text);
  if (part.index < 1) return undefined;
  if (part.delimiter === ":") return wordOf(text, "tag", undefined);
  return part.delimiter === "@" ? wordOf(text, "digest", undefined) : undefined;
}

function filled({ token, asking }: Variable, text: string): CopyText | undefined {
  for (const one of asking()) {
    const copy = filledInto(one, token, text);
    if (copy !== undefined) return copy;
  }
  return undefined;
}

/** What a text becomes where a variable asks for it: `app:$(TAG)`, or `$(IMAGE)` alone. */
function filledInto({ text: image, holds, image: beside }: Asking, token: RegExp, text: string): CopyText | undefined {
  const asked = token.exec(image);
  if (asked === null) return undefined;
  const [before, after] = [image.slice(0, asked.index), image.slice(asked.index + asked[0].length)];
  if (holds !== "image") return before + after === "" ? wordOf(text, holds, nameIn(beside)) : undefined;
  if (before + after === "") return wholeOf(text);
  const at = before.search(/[:@][^:@/]*$/);
  if (at === -1 || after.includes("/")) return undefined;
  return wordOf(text, before[at] === "@" ? "digest" : "tag", nameIn(before.slice(0, at)));
}

function nameIn(text: string | undefined): string | undefined {
  return text === undefined || blockedBy(text) !== undefined || !isRepository(text) ? undefined : text;
}
