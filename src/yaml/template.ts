import { overlaps, type Range } from "./ranges.ts";
import type { TextFile } from "./refusal.ts";
import { scan } from "./scan.ts";
import { checkText, MANIFEST_LIMITS, parsed, type Limits, type Source } from "./source.ts";
import { maskTemplates } from "./template-mask.ts";
import type { Entry, Scalar, Tree } from "./tree.ts";

/** A template that reads as YAML without its actions. `masks` are the actions' ranges, sorted. Branches may give a mapping the same key twice. */
export type TemplateSource = Source & { readonly masks: readonly Range[] };

const TEMPLATED = "a template";

/** A Go template read as YAML around its actions: a scalar that holds one has the oddity "a template" and the file's own words as value. Throws Refused where what remains is no YAML. */
export function readTemplate(file: TextFile, limits: Limits = MANIFEST_LIMITS): TemplateSource {
  checkText(file, limits);
  const { text, masks } = maskTemplates(file.text);
  const read = scan(text, { nodes: limits.tokens, depth: limits.depth, repeats: "kept" });
  const documents = (read ?? parsed(file, text, limits, "kept")).map((tree) => unmasked(file.text, masks, tree));
  return { ...file, documents, masks };
}

function unmasked(text: string, masks: readonly Range[], tree: Tree): Tree {
  switch (tree.kind) {
    case "map":
      return { ...tree, entries: tree.entries.map((entry) => unmaskedEntry(text, masks, entry)) };
    case "list":
      return { ...tree, items: tree.items.map((item) => unmasked(text, masks, item)) };
    case "scalar":
      return unmaskedScalar(text, masks, tree);
    default:
      return tree;
  }
}

function unmaskedEntry(text: string, masks: readonly Range[], { key, start, value }: Entry): Entry {
  const from = /["']/.test(text.charAt(start)) ? start + 1 : start;
  const written = { start: from, end: from + key.length };
  const own = overlaps(masks, written) ? text.slice(written.start, written.end) : key;
  return { key: own, start, value: unmasked(text, masks, value) };
}

function unmaskedScalar(text: string, masks: readonly Range[], scalar: Scalar): Scalar {
  if (!overlaps(masks, scalar)) return scalar;
  const own = ownWords(text, scalar);
  return { ...scalar, oddity: TEMPLATED, value: own, source: own };
}

function ownWords(text: string, { style, start, end }: Scalar): string {
  if (style === "plain") return text.slice(start, end);
  if (style === "block") return text.slice(text.indexOf("\n", start) + 1, end);
  return text.slice(start + 1, end - 1);
}
