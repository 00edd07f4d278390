import { closest } from "../core/closest.ts";
import { err, ok, type Result } from "../core/result.ts";

/** What the words in braces of an argument stand for, of one service in one target. All are Kubernetes names. */
export type GateWords = Readonly<
  Record<"service" | "namespace" | "target" | "canary" | "stable" | "canary-workload" | "stable-workload", string>
>;

// Braces mean something in query languages as well: only a lone lower-case word may be one of ours.
const WORD = /\{([a-z]+(?:-[a-z]+)*)\}/g;
const HASH = /^(?:(?:canary|stable|latest|pod|pods|pod-template|template|rollouts-pod-template)-)?hash$/;

/** The text with its words filled in, or why one of them stands for nothing here, a sentence's end. */
export function wordsIn(text: string, words: GateWords): Result<string, string> {
  const known = new Map(Object.entries(words));
  const used = [...text.matchAll(WORD)].map(([, word = ""]) => word);
  const hash = used.find((word) => HASH.test(word));
  if (hash !== undefined) return err(`{${hash}} is not known: ${NO_HASH}`);
  const meant = used.flatMap((word) => (known.has(word) ? [] : (closeTo(word, [...known.keys()]) ?? [])))[0];
  if (meant !== undefined) return err(meant);
  return ok(text.replaceAll(WORD, (whole, word: string) => known.get(word) ?? whole));
}

function closeTo(word: string, known: readonly string[]): string | undefined {
  const found = closest(word, known);
  return found === undefined ? undefined : `{${word}} stands for nothing: did you mean {${found}}?`;
}

/** Why a pod template's hash cannot be an argument, and what can be. */
export const NO_HASH =
  "a pod template's hash is made in the cluster and is nowhere in git; {canary} and {stable} are the names that tell the arms apart in the metrics, {canary-workload} and {stable-workload} those of their workloads";
