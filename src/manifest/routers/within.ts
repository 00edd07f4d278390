import { look } from "../../yaml/look.ts";
import { attempt, lineAt, refuse, Refused } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited } from "../edit.ts";
import { saying } from "../intent.ts";
import type { At } from "../insert.ts";
import { offsetsIn } from "./json-text.ts";
import type { Within } from "./split.ts";

const CODED = "text that is spelled with codes or folded";

/** The JSON in the scalar at a path, to be read and edited by itself. Throws Refused where it is no text, or none whose characters are the file's own. */
export function jsonAt(source: Source, { document, path }: At): Within & { readonly start: number } {
  const tree = source.documents[document];
  const node = tree && look(source, tree, path);
  if (node?.kind !== "scalar" || typeof node.value !== "string")
    return refuse(source, node ?? 0, "no text", `${String(path.at(-1))} is JSON`);
  const within = offsetsIn(source, node);
  const offset = (at: number) =>
    within(at) ?? refuse(source, node, CODED, `${String(path.at(-1))} is written out plainly`);
  const start = offset(0);
  const inner = inside(source, start, () => readSource({ path: source.path, text: String(node.value) }));
  return {
    start: node.start,
    source: inner,
    lift: ({ splices, intents }, own) => {
      const text = edited(inner, own);
      if (text === inner.text) return { splices, intents };
      const put = own.splices.map((each) => ({
        start: offset(each.start),
        end: offset(each.end),
        text: node.style === "double" ? each.text.replaceAll("\\", "\\\\").replaceAll('"', '\\"') : each.text,
      }));
      const says = saying(text);
      return {
        splices: [...splices, ...put],
        intents: [...intents, { kind: "value", path: [document, ...path], says }],
      };
    },
  };
}

/** What is read inside of a text that begins at an offset of the file: a refusal names the line of the file. */
export function inside<T>(file: Source, start: number, work: () => T): T {
  const done = attempt(work);
  if (done.kind === "ok") return done.value;
  throw new Refused({ ...done.error, line: done.error.line + lineAt(file.text, start) - 1 });
}
