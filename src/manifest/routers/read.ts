import { ok, type Result } from "../../core/result.ts";
import { unreachable } from "../../core/unreachable.ts";
import { pathText, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import { readTemplate } from "../../yaml/template.ts";
import type { Mapping, Scalar, Tree } from "../../yaml/tree.ts";
import { annotationSpots } from "./annotations.ts";
import { looseSpots, patchSpots } from "./loose.ts";
import type { Arm, Spot, Unit, WeightReading, WeightSite } from "./site.ts";
import { finderOf } from "./table.ts";

const WORDS = /weight|percent/i;
const NUMBER = /^(0|[1-9]\d{0,6}(?:\.\d{1,3})?)(m?)$/;
// Text in text in text is somebody's joke.
const DEEPEST = 4;

/** The weights that a file writes, in the order of its text, and what looks like one and is left alone. Any text is read, and none throws. */
export function readWeights(file: TextFile): WeightReading {
  if (!WORDS.test(file.text)) return { sites: [], unread: [] };
  const documents = documentsOf(file);
  if (documents.kind === "err") return { sites: [], unread: [documents.error] };
  const finds: Find[] = [];
  documents.value.forEach((tree, index) => {
    const trail: Trail = { object: `#${index}`, router: "", path: [], reads: "what is unmistakable" };
    visit({ file, base: 0, depth: 0, finds }, tree, trail);
  });
  return readingOf(file, finds);
}

/** What is written at an offset of a file's text, and what the weight there would be. */
export function weightOf(written: string): { readonly weight: number; readonly unit: Unit } | undefined {
  const [, digits = "", unit = ""] = NUMBER.exec(written) ?? [];
  if (digits === "" || String(Number(digits)) !== digits) return undefined;
  return unit === "m" ? { weight: Number(digits) / 1000, unit } : { weight: Number(digits), unit: "" };
}

/** The text that a walk is in, and how deep within other texts; `base` is its offset in the file. */
type Ground = { readonly file: TextFile; readonly base: number; readonly depth: number; readonly finds: Find[] };

/** Where a walk stands: below which object, and whether that is of a kind that says where its weights are. */
type Trail = {
  readonly object: string;
  readonly router: string;
  readonly path: YamlPath;
  readonly reads: "its kind" | "what is unmistakable";
};

type Find = { readonly spot: Spot; readonly trail: Trail; readonly base: number };

function documentsOf(file: TextFile): Result<readonly Tree[], Refusal> {
  const source = attempt(() => readSource(file));
  // Read as a template, a mapping may have a key twice: what is read there, an edit refuses.
  const read = source.kind === "ok" ? source : attempt(() => readTemplate(file));
  return read.kind === "ok" ? ok(read.value.documents) : read;
}

function visit(ground: Ground, node: Tree, trail: Trail): void {
  switch (node.kind) {
    case "map":
      return visitMapping(ground, node, trail);
    case "list":
      return node.items.forEach((item, index) => visit(ground, item, { ...trail, path: [...trail.path, index] }));
    case "scalar":
      return node.style === "block" ? visitText(ground, node, trail) : undefined;
    case "alias":
      return undefined;
    default:
      return unreachable(node);
  }
}

function visitMapping(ground: Ground, mapping: Mapping, above: Trail): void {
  const kind = peekText(mapping, ["kind"]);
  const isObject = kind !== undefined && mapping.entries.some(({ key }) => key === "apiVersion" || key === "spec");
  const finder = isObject ? finderOf(kind, peekText(mapping, ["apiVersion"])?.split("/")[0]) : undefined;
  const reads = isObject ? (finder === undefined ? "what is unmistakable" : "its kind") : above.reads;
  const trail: Trail = isObject ? { object: nameOf(mapping), router: kind, path: [], reads } : above;
  const spots = finder === undefined ? [] : finder.spots(mapping);
  note(ground, reads === "its kind" ? spots : [...looseSpots(mapping), ...patchSpots(mapping)], trail);
  mapping.entries.forEach(({ key, value }) => visitValue(ground, key, value, { ...trail, path: [...trail.path, key] }));
}

// What a cluster reports of an object, and what a pod prefers its neighbours to be, is no traffic.
function visitValue(ground: Ground, key: string, value: Tree, trail: Trail): void {
  if (key === "status" || /affinity$/i.test(key)) return;
  if (key === "annotations" && value.kind === "map") note(ground, annotationSpots(ground.file, value), trail);
  visit(ground, value, trail);
}

// Text of several lines may be a document of its own, such as values or a patch. It is read as it stands there, indented.
function visitText(ground: Ground, scalar: Scalar, trail: Trail): void {
  const start = ground.file.text.indexOf("\n", scalar.start) + 1;
  const text = ground.file.text.slice(start, scalar.end);
  if (start === 0 || ground.depth === DEEPEST || !WORDS.test(text)) return;
  const file = { path: ground.file.path, text };
  const documents = documentsOf(file);
  if (documents.kind === "err") return;
  const inner = { ...ground, file, base: ground.base + start, depth: ground.depth + 1 };
  documents.value.forEach((tree) => visit(inner, tree, { ...trail, reads: "what is unmistakable" }));
}

function note({ finds, base }: Ground, spots: readonly Spot[], trail: Trail): void {
  finds.push(...spots.map((spot) => ({ spot, trail, base })));
}

function nameOf(mapping: Mapping): string {
  const [namespace, name] = [peekText(mapping, ["metadata", "namespace"]), peekText(mapping, ["metadata", "name"])];
  return [namespace, name].filter((part) => part !== undefined).join("/");
}

function readingOf(file: TextFile, finds: readonly Find[]): WeightReading {
  const lines = lineCounter(file.text);
  const sorted = finds.toSorted((a, b) => a.base + a.spot.start - (b.base + b.spot.start));
  const once = sorted.filter((find, index) => startOf(find) !== startOf(sorted[index - 1]));
  const read = once.map((find) => siteOf(file, find, lines(find.base + find.spot.start)));
  return {
    sites: read.flatMap((each) => ("weight" in each ? [each] : [])),
    unread: read.flatMap((each) => ("why" in each ? [each] : [])),
  };
}

function startOf(find: Find | undefined): number | undefined {
  return find === undefined ? undefined : find.base + find.spot.start;
}

// Sites come in the order of the text, so that its lines are counted once.
function lineCounter(text: string): (offset: number) => number {
  let [line, at] = [1, 0];
  return (offset) => {
    for (let next = text.indexOf("\n", at); next !== -1 && next < offset; next = text.indexOf("\n", at)) {
      line += 1;
      at = next + 1;
    }
    return line;
  };
}

function siteOf({ path, text }: TextFile, { spot, trail, base }: Find, line: number): WeightSite | Refusal {
  const [start, end] = [base + spot.start, base + spot.end];
  const said = spot.written === undefined ? undefined : weightOf(spot.written);
  if (said === undefined) {
    return {
      path,
      line,
      found: quote(text.slice(start, end)),
      why: "a weight is a number that is written out plainly",
    };
  }
  const { object, router } = trail;
  const place = `${router} ${object}`.trim();
  const where = `${place} ${labelled([...trail.path, ...spot.path], spot.backend)}`.trim();
  const split = `${place} ${pathText([...trail.path, ...spot.split])}`.trim();
  return {
    path,
    line,
    where,
    router,
    object,
    split,
    backend: spot.backend,
    arm: armOf(spot.backend),
    ...said,
    start,
    end,
  };
}

function labelled(path: YamlPath, backend: string | undefined): string {
  const last = path.findLastIndex((part) => typeof part === "number");
  if (backend === undefined || last === -1) return pathText(path);
  return `${pathText(path.slice(0, last))}[${backend}]${pathText(["", ...path.slice(last + 1)])}`;
}

// A step and a bound are the canary's.
function armOf(backend: string | undefined): Arm {
  if (backend === undefined || /(?:^|[-_.])(?:canary|preview)(?:$|[-_.])/.test(backend)) return "canary";
  return /(?:^|[-_.])(?:stable|primary|baseline)(?:$|[-_.])/.test(backend) ? "stable" : undefined;
}
