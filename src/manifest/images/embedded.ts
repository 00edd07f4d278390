import type { Scalar } from "../../yaml/tree.ts";
import { keyAbove, whereOf, type Ground, type Place } from "./ground.ts";
import { anyDocuments } from "./parse.ts";

// Text in text in text is somebody's joke.
const DEEPEST = 4;
const WORDS = /image|tag|sha256:|version/i;

/** Reads text of several lines that is a document of its own: values, a patch, a manifest in a ConfigMap. */
export function openText(ground: Ground, scalar: Scalar, place: Place): void {
  const { file, base } = ground;
  const start = file.text.indexOf("\n", base + scalar.start) + 1;
  const end = base + scalar.end;
  const text = file.text.slice(start, end);
  if (start === 0 || start >= end || !WORDS.test(text) || ground.object.split(" | ").length > DEEPEST) return;
  const key = keyAbove(place);
  const inner: Ground = {
    ...ground,
    base: start,
    ...kindOf(ground, key),
    object: `${ground.object} ${whereOf(ground, place)} |`.trim(),
  };
  for (const section of sectionsOf(text)) {
    const piece: Ground = { ...inner, base: start + section.at };
    ground.enter(piece, anyDocuments({ path: file.path, text: section.text }).documents);
  }
}

/** The documents of an indented text: the marks between them stand at its indentation. */
function sectionsOf(text: string): readonly { readonly text: string; readonly at: number }[] {
  const indent = /^[ \t]*(?=\S)/m.exec(text)?.[0] ?? "";
  const marks = [...text.matchAll(/^([ \t]*)---[ \t]*\r?$/gm)].filter(([, before]) => before === indent);
  const starts = [0, ...marks.map(({ 0: mark, index }) => index + mark.length)];
  const ends = [...marks.map(({ index }) => index), text.length];
  return starts.map((at, index) => ({ text: text.slice(at, ends[index]), at }));
}

function kindOf(ground: Ground, key: string): Pick<Ground, "kind" | "trust"> {
  if (/^(?:values|valuesContent|valuesYaml|values\.ya?ml|.*values[^/]*\.ya?ml)$/i.test(key))
    return { kind: ground.kind, trust: "values" };
  if (/patch/i.test(key)) return { kind: "patch", trust: "manifest" };
  return { kind: "embedded", trust: "manifest" };
}
