import type { TextFile } from "../../yaml/refusal.ts";
import { readChart } from "./chart.ts";
import { copiesFrom } from "./copies.ts";
import { readDocuments } from "./document.ts";
import { readEnv } from "./env.ts";
import { emptyFinds, leftAlone, reading, type Ground } from "./ground.ts";
import { anyDocuments } from "./parse.ts";
import { formOf, type Form } from "./form.ts";
import type { ImageReading, Surroundings } from "./site.ts";

const WORDS = /image|tag|digest|version|sha256:|literals/i;
// Beyond any real manifest; what is larger than the YAML reader takes is read by its lines.
const LONGEST = 16 * 1024 * 1024;
const NONE: ImageReading = { sites: [], unread: [] };

/** The images that a file writes, in the order of its text, and what looks like one and is left alone. Any text is read, and none throws. */
export function readImages(file: TextFile, around: Surroundings): ImageReading {
  const form = formOf(file.path);
  if (form.format === "none" || (form.format !== "env" && !WORDS.test(file.text))) return NONE;
  const ground: Ground = {
    file,
    base: 0,
    kind: form.kind,
    trust: form.trust,
    object: "",
    finds: emptyFinds(file.text),
    copies: copiesFrom(file.path, around),
    enter: readDocuments,
  };
  if (file.text.length > LONGEST)
    leftAlone(ground, 0, `${file.text.length} characters`, `a file has at most ${LONGEST}`);
  else readInto(ground, form, around);
  return reading(file, ground.finds);
}

function readInto(ground: Ground, { format }: Form, around: Surroundings): void {
  if (format === "env") return readEnv(ground, around);
  const { documents, isYaml } = anyDocuments(ground.file);
  if (format === "chart") return readChart(ground, documents, around);
  readDocuments(isYaml || ground.kind !== "custom" ? ground : { ...ground, kind: "template" }, documents);
}
