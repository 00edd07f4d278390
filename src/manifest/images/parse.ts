import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import { readTemplate } from "../../yaml/template.ts";
import type { Tree } from "../../yaml/tree.ts";
import { looseDocuments } from "./loose.ts";

/** The documents of a text that is YAML; undefined where it is none, or none that every reader reads alike. */
export function documentsOf(file: TextFile): readonly Tree[] | undefined {
  const source = attempt(() => readSource(file));
  return source.kind === "ok" ? source.value.documents : undefined;
}

/** The documents of any text: of YAML, of YAML around a template's actions, or by its lines as far as these can be read. */
export function anyDocuments(file: TextFile): { readonly documents: readonly Tree[]; readonly isYaml: boolean } {
  const documents = documentsOf(file);
  if (documents !== undefined) return { documents, isYaml: true };
  const template = file.text.includes("{{") ? attempt(() => readTemplate(file)) : undefined;
  if (template?.kind === "ok") return { documents: template.value.documents, isYaml: false };
  return { documents: looseDocuments(file.text), isYaml: false };
}
