import type { Refusal } from "../../yaml/refusal.ts";
import type { Word } from "./copy-facts.ts";
import type { InflatedChart } from "./kustomization-facts.ts";
import type { ImageInUse } from "./model.ts";
import type { RenderedObject } from "./rendered.ts";

/** What a kustomization builds. */
export type Built = {
  readonly objects: readonly RenderedObject[];
  /** Images that are set for objects which lie on other machines or which a chart makes. */
  readonly elsewhere: readonly ImageInUse[];
  readonly charts: readonly (InflatedChart & { readonly path: string })[];
  /** Resources on other machines. */
  readonly remotes: readonly string[];
  /** A generator makes objects that are not known. */
  readonly generates: boolean;
  /** What replacements may copy. */
  readonly words: readonly Word[];
  /** Every kustomization, and every file that it reads. */
  readonly reads: readonly string[];
  /** The kustomizations of which not all is read. */
  readonly cut: readonly string[];
};

export const EMPTY: Built = {
  objects: [],
  elsewhere: [],
  charts: [],
  remotes: [],
  generates: false,
  words: [],
  reads: [],
  cut: [],
};
const MOST_OBJECTS = 20_000;

/** What is said of a kustomization of which not all is read. */
export function cutText(path: string): Refusal {
  return { path, line: 1, found: "more than 20,000 objects or files", why: "what comes after them is not read" };
}

/** Parts of a kustomization, one after the other. `path`: where it is written. */
export function joined(path: string, parts: readonly Built[]): Built {
  const [objects, words, reads] = [
    parts.flatMap((part) => part.objects),
    parts.flatMap((part) => part.words),
    parts.flatMap((part) => part.reads),
  ];
  const isCut = [objects, words, reads].some(({ length }) => length > MOST_OBJECTS);
  return {
    objects: objects.slice(0, MOST_OBJECTS),
    elsewhere: parts.flatMap(({ elsewhere }) => elsewhere),
    charts: parts.flatMap(({ charts }) => charts),
    remotes: parts.flatMap(({ remotes }) => remotes),
    generates: parts.some(({ generates }) => generates),
    words: words.slice(0, MOST_OBJECTS),
    reads: reads.slice(0, MOST_OBJECTS),
    cut: [...new Set([...parts.flatMap(({ cut }) => cut), ...(isCut ? [path] : [])])],
  };
}
