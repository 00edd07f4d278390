import { closest } from "./closest.ts";
import type { Name } from "./names.ts";

/** The words that stand for names in a configured query; each is written in braces. */
const PLACEHOLDERS = ["service", "namespace", "arm", "workload"] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** What the words stand for. Every name is of RFC 1123's alphabet, so none can end a string or begin a clause in any query language. */
export type Fillings = Readonly<Record<Placeholder, Name>>;

// Braces have a meaning of their own in most query languages: only a lone lower-case word may be one of ours.
const WORD = /\{([a-z]+)\}/g;

/** The text with every placeholder replaced; other braces are left as they are. */
export function filled(text: string, names: Fillings): string {
  return text.replace(WORD, (whole, word: string) => (isPlaceholder(word) ? names[word] : whole));
}

/** Why a text would ask the same for both arms, or not what was meant; a sentence's end. Undefined where it tells the arms apart. `besides`: further words that do. */
export function armless(text: string, besides: readonly string[] = []): string | undefined {
  const words = [...text.matchAll(WORD)].map(([, word = ""]) => word);
  const known = [...PLACEHOLDERS, ...besides];
  const meant = words.flatMap((word) => (known.includes(word) ? [] : (mistyped(word, known) ?? [])))[0];
  if (meant !== undefined) return `holds {${meant.word}}: did you mean {${meant.known}}?`;
  const telling = [...besides, "arm", "workload"];
  if (telling.some((word) => words.includes(word))) return undefined;
  const named = telling.map((word) => `{${word}}`);
  const all = `${named.slice(0, -1).join(", ")} or ${named.at(-1) ?? ""}`;
  return `must hold ${all}: without it both arms would be counted as one`;
}

function mistyped(word: string, all: readonly string[]): { readonly word: string; readonly known: string } | undefined {
  const known = closest(word, all);
  return known === undefined ? undefined : { word, known };
}

function isPlaceholder(word: string): word is Placeholder {
  return PLACEHOLDERS.some((one) => one === word);
}
