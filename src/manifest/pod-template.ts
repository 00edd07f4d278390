import type { Result } from "../core/result.ts";
import { canonical } from "../yaml/canonical.ts";
import { entryAt, lookMapping, type YamlPath } from "../yaml/look.ts";
import { attempt, refuse, type Refusal, type TextFile } from "../yaml/refusal.ts";
import { readSource, type Source } from "../yaml/source.ts";
import type { Entry, Mapping } from "../yaml/tree.ts";
import { findDeployment, partOf, TEMPLATE, templateDigest, type Deployment, type DeploymentOf } from "./deployment.ts";
import { edited, lineBreakAt, lineStart, type Splice } from "./edit.ts";
import { blockOf } from "./extent.ts";
import type { Intent } from "./intent.ts";

/** A file with a Deployment, and which one. */
export type TemplateAt = { readonly file: TextFile; readonly of: DeploymentOf };

/**
 * The text of `to` with the spec and the annotations of its pod template written as in `from`, comments included, at its own indentation.
 * The pod template's labels, unless they are counted, and every other byte stay. Parts that say the same already are not touched.
 */
export function copyTemplate(from: TemplateAt, to: TemplateAt): Result<string, Refusal> {
  return attempt(() => {
    const [origin, place] = [ends(from), ends(to)];
    const digests = [
      templateDigest(origin.source, origin.tree, to.of),
      templateDigest(place.source, place.tree, to.of),
    ];
    if (digests[0] === digests[1]) return to.file.text;
    const changed = (to.of.labels === undefined ? PARTS : [LABELS, ...PARTS]).filter(
      (part) => say(origin, part) !== say(place, part),
    );
    const splices = changed.map((part) => replacement(origin, place, part));
    const intents = changed.map((part) => intentOf(origin, place, part));
    return edited(place.source, { splices, intents });
  });
}

type End = Deployment & { readonly source: Source };

/** The mapping that holds the part (below the pod template), and its key. */
type Part = { readonly parent: YamlPath; readonly key: string };

const PARTS: readonly Part[] = [
  { parent: ["metadata"], key: "annotations" },
  { parent: [], key: "spec" },
];
const LABELS: Part = { parent: ["metadata"], key: "labels" };

function ends({ file, of }: TemplateAt): End {
  const source = readSource(file);
  return { source, ...findDeployment(source, of) };
}

function say({ source, tree }: End, { parent, key }: Part): string {
  return partOf(source, tree, [...parent, key]);
}

function replacement(origin: End, place: End, part: Part): Splice {
  return inBraces(origin, place, part) ?? inLines(origin, place, part);
}

/** A value in braces written over another one in braces; undefined where either has lines of its own, or one is not there. */
function inBraces(origin: End, place: End, part: Part): Splice | undefined {
  const [written, present] = [saidBy(origin, part)?.value, saidBy(place, part)?.value];
  if (mappingOf(place, part)?.isFlow !== true || present === undefined) return undefined;
  if (written?.kind !== "map" || !written.isFlow) return undefined;
  const text = origin.source.text.slice(written.start, written.end);
  return text.includes("\n") ? undefined : { start: present.start, end: present.end, text };
}

function inLines(origin: End, place: End, part: Part): Splice {
  const written = entryOf(origin, part);
  const present = entryOf(place, part);
  if (written === undefined) return removal(place, present, part);
  const target = present ?? firstOf(place, part);
  const block = blockOf(place.source, target);
  const indent = target.start - lineStart(place.source, target.start);
  const lines = linesAt(origin.source, written, indent).join(lineBreakAt(place.source.text, target.start));
  if (present !== undefined) return { ...block, text: lines };
  return { start: block.start, end: block.start, text: `${lines}${lineBreakAt(place.source.text, target.start)}` };
}

function removal({ source }: End, entry: Entry | undefined, { key }: Part): Splice {
  if (entry === undefined) throw new Error(`Neither pod template has ${key}, and yet they differ in it.`);
  const { start, end } = blockOf(source, entry);
  const next = source.text.indexOf("\n", end);
  return { start, end: next === -1 ? end : next + 1, text: "" };
}

function entryOf(end: End, part: Part): Entry | undefined {
  const mapping = parentOf(end, part);
  return mapping === undefined ? undefined : entryAt(mapping, part.key);
}

function firstOf(end: End, part: Part): Entry {
  const first = parentOf(end, part)?.entries[0];
  return (
    first ?? refuse(end.source, end.tree, "a pod template without labels", `${part.key} needs a place beside them`)
  );
}

function parentOf(end: End, part: Part): Mapping | undefined {
  const mapping = mappingOf(end, part);
  if (mapping?.isFlow === true) {
    const why = "what is copied stands on lines of its own, without braces around it";
    refuse(end.source, mapping, `${part.key} in braces`, why);
  }
  return mapping;
}

function mappingOf({ source, tree }: End, { parent }: Part): Mapping | undefined {
  return lookMapping(source, tree, [...TEMPLATE, ...parent]);
}

function saidBy(end: End, part: Part): Entry | undefined {
  const mapping = mappingOf(end, part);
  return mapping === undefined ? undefined : entryAt(mapping, part.key);
}

/** The lines of an entry, moved as a whole from its column to another; what stands further left, such as comments at the margin, stays there. */
function linesAt(source: Source, entry: Entry, indent: number): readonly string[] {
  const { start, end } = blockOf(source, entry);
  const column = entry.start - start;
  return source.text
    .slice(start, end)
    .split(/\r?\n/)
    .map((line) => moved(line, column, indent));
}

function moved(line: string, from: number, to: number): string {
  if (line.startsWith(" ".repeat(from))) return " ".repeat(to) + line.slice(from);
  // A line of blanks must not grow into the content of a block of text.
  return line.trim() === "" ? line.slice(0, to) : line;
}

function intentOf(origin: End, place: End, part: Part): Intent {
  const path = [place.document, ...TEMPLATE, ...part.parent, part.key];
  const entry = saidBy(origin, part);
  return entry === undefined ? { kind: "gone", path } : { kind: "value", path, says: canonical(entry.value) };
}
