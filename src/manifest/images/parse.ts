import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";

/** The documents of a text that is YAML; undefined where it is none, or none that every reader reads alike. */
export function documentsOf(file: TextFile): readonly Tree[] | undefined {
  const source = attempt(() => readSource(file));
  return source.kind === "ok" ? source.value.documents : undefined;
}
