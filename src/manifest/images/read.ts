import type { TextFile } from "../../yaml/refusal.ts";
import { readChart } from "./chart.ts";
import { readDocuments } from "./document.ts";
import { readEnv } from "./env.ts";
import { emptyFinds, reading, type Ground } from "./ground.ts";
import { looseDocuments } from "./loose.ts";
import { documentsOf } from "./parse.ts";
import { formOf, type Form } from "./form.ts";
import type { ImageReading, Surroundings } from "./site.ts";

const WORDS = /image|tag|digest|version|sha256:/i;
const NONE: ImageReading = { sites: [], unread: [] };

/** The images that a file writes, in the order of its text, and what looks like one and is left alone. Any text is read, and none throws. */
export function readImages(file: TextFile, around: Surroundings): ImageReading {
  const form = formOf(file.path);
  if (form.format === "none" || !WORDS.test(file.text)) return NONE;
  const ground: Ground = {
    file,
    base: 0,
    kind: form.kind,
    trust: form.trust,
    object: "",
    finds: emptyFinds(file.text),
    enter: readDocuments,
  };
  readInto(ground, form, around);
  return reading(file, ground.finds);
}

function readInto(ground: Ground, { format }: Form, around: Surroundings): void {
  if (format === "env") return readEnv(ground, around);
  const documents = documentsOf(ground.file);
  if (format === "chart") return readChart(ground, documents ?? looseDocuments(ground.file.text), around);
  if (documents !== undefined) return readDocuments(ground, documents);
  readDocuments(
    { ...ground, kind: ground.kind === "custom" ? "template" : ground.kind },
    looseDocuments(ground.file.text),
  );
}
