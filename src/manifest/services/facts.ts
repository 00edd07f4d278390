import { peek } from "../../yaml/look.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { attempt } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { chartFact, type ChartFact } from "./chart-facts.ts";
import { composeFacts } from "./compose-facts.ts";
import { copyFacts, objectWords, type CopyFact, type Word } from "./copy-facts.ts";
import { customFact, type ContainerFact, type ObjectFact } from "./object-facts.ts";
import { objectFact } from "./objects.ts";
import { kustomizationFact, patchesIn, type ImagePatch, type KustomizationFact } from "./kustomization-facts.ts";
import { linesOf, type Lines } from "./lines.ts";
import { textAt } from "./node.ts";
import { baseOf, segmentsOf } from "./paths.ts";
import { removalIn, type Removal } from "./removals.ts";
import { templateFacts } from "./template-facts.ts";
import { sitesOf, type SiteFact } from "./sites.ts";
import { variablesIn, type Variable } from "./variables.ts";

/** All that discovery asks of one file, whatever the other files say. */
export type Facts = {
  readonly path: string;
  readonly objects: readonly ObjectFact[];
  readonly kustomization: KustomizationFact | undefined;
  readonly chart: ChartFact | undefined;
  /** The services of a compose file. */
  readonly compose: readonly ContainerFact[];
  /** Places of image versions in a file that holds no objects: values, lists of tags. */
  readonly loose: readonly SiteFact[];
  /** A mapping without objects, as values files are: its top keys. */
  readonly keys: readonly string[];
  readonly unread: readonly Refusal[];
  /** The operations of a JSON patch that give an image. */
  readonly operations: readonly ImagePatch[];
  /** What it takes away as a patch. */
  readonly removals: readonly Removal[];
  /** What kustomize can copy from the file's objects, and the replacements of a file of them. */
  readonly words: readonly Word[];
  readonly copies: readonly CopyFact[];
  /** What a file of variables sets. */
  readonly variables: readonly Variable[];
  /** The text itself of what others are read by: a chart's Chart.yaml, its values, of its templates the lines that ask for the app's version; a kustomization. */
  readonly text: string | undefined;
  /** The kinds of objects that a template makes, with their lines. */
  readonly makes: readonly { readonly kind: string; readonly line: number }[];
};

const YAML = /\.ya?ml$/i;
const JSON_FILE = /\.json$/i;
const LONE = /^[a-z0-9][a-z0-9._-]*$/;

/** Whether discovery reads a file at all, by its path. */
export function isOfInterest(path: string): boolean {
  const name = baseOf(path);
  if (path.length > LONGEST || segmentsOf(path).some(isAside)) return false;
  if (YAML.test(name) || JSON_FILE.test(name) || name === "Kustomization" || name.endsWith(".env")) return true;
  if (name.endsWith(".tpl")) return isTemplate(path);
  return !name.includes(".") && LONE.test(name);
}

const LONGEST = 4_096;

const ASIDE: ReadonlySet<string> = new Set(["node_modules", "vendor", "testdata", "fixtures"]);

// What is no part of any cluster: workflows, tools' folders, other people's code.
function isAside(segment: string): boolean {
  return (segment.startsWith(".") && segment !== ".env") || ASIDE.has(segment);
}

/** Whether Helm writes the file anew before anybody reads it. */
export function isTemplate(path: string): boolean {
  return segmentsOf(path).slice(0, -1).includes("templates");
}

const NOTHING: Omit<Facts, "path"> = {
  objects: [],
  kustomization: undefined,
  chart: undefined,
  compose: [],
  loose: [],
  keys: [],
  unread: [],
  operations: [],
  removals: [],
  words: [],
  copies: [],
  variables: [],
  text: undefined,
  makes: [],
};

/** The facts of a file; a file that cannot be read has none, and says why where it looks as if it named an image. Never throws for any text. */
export function factsOf(file: TextFile): Facts {
  const { path } = file;
  if (isTemplate(path) && file.text.includes("{{")) return { path, ...NOTHING, ...templateFacts(file) };
  if (path.endsWith(".env")) return { path, ...NOTHING, variables: variablesIn(path, file.text) };
  if (!mayMatter(file)) return { path, ...NOTHING, text: smallText(file) };
  const read = attempt(() => readSource(file));
  if (read.kind === "err") return { path, ...NOTHING, unread: isSilent(file) ? [] : [read.error] };
  return { path, ...NOTHING, ...factsIn(read.value) };
}

// A quick look at the letters: most files of a repository that are no manifests are never parsed.
function mayMatter({ path, text }: TextFile): boolean {
  const name = baseOf(path);
  if (JSON_FILE.test(name)) return /"(?:kind|resources|image)"\s*:/.test(text) && text.length < MOST_JSON;
  if (!name.includes(".") && name !== "Kustomization")
    return text.length < MOST_LONE && /^[\w-]*(?:image|tag)[\w-]*\s*:\s*\S/im.test(text);
  if (KUSTOMIZATION.test(name) || /^chart\.ya?ml$/i.test(name)) return true;
  // As JSON is written, on one line.
  if (/^(?:---[ \t]*)?\{(?!\{)/m.test(text) && /["']?\bkind["']?\s*:/.test(text)) return true;
  return /^\s*(?:-\s+)?(?:"?kind"?\s*:|[\w.-]*(?:image|tag|digest)\w*["']?\s*:|apiVersion\s*:|value\s*:|resources\s*:|dependencies\s*:|targets\s*:)/im.test(
    text,
  );
}

const KUSTOMIZATION = /^kustomization(?:\.ya?ml)?$/i;
const MOST_JSON = 262_144;
const MOST_LONE = 4_096;

// Templates of every kind do not parse, and most of them are no manifests of this repository's clusters.
function isSilent({ path, text }: TextFile): boolean {
  return JSON_FILE.test(path) || text.includes("{{") || !/\bimage\b|newTag/i.test(text);
}

const MOST_SMALL = 4_096;

// What a generator of Argo CD may ask for: a few parameters in a file of their own.
function smallText({ path, text }: TextFile): string | undefined {
  return text.length <= MOST_SMALL && /\.(?:ya?ml|json)$/i.test(path) ? text : undefined;
}

function factsIn(source: Source): Partial<Facts> {
  const lines = linesOf(source.text);
  const name = baseOf(source.path).toLowerCase();
  const [first] = source.documents;
  if (first === undefined) return {};
  if (name === "chart.yaml" || name === "chart.yml")
    return { chart: chartFact(source.path, first, lines), text: source.text };
  if (isKustomization(name, first))
    return {
      kustomization: kustomizationFact(source, first, lines),
      text: smallText(source),
      ...inlineFacts(source, lines),
    };
  const compose = composeFacts(source.path, first, lines);
  if (compose.length > 0) return { compose };
  const objects = source.documents.flatMap((tree) => objectsIn(source, tree, lines));
  const copies = source.text.includes("targets:")
    ? source.documents.flatMap((tree) => copiesIn(source, tree, lines))
    : [];
  if (objects.length === 0) return { ...looseFacts(source, first), copies };
  const words = source.documents.flatMap((tree) => objectWords(source.path, tree, lines));
  const removals = source.documents.flatMap(removalIn);
  return { objects: withSites(source, objects), unread: [], removals, words, copies };
}

function copiesIn({ path }: Source, tree: Tree, lines: Lines): readonly CopyFact[] {
  return [...copyFacts(path, tree, lines), ...copyFacts(path, peek(tree, ["replacements"]), lines)];
}

function isKustomization(name: string, tree: Tree): boolean {
  if (!KUSTOMIZATION.test(name)) return false;
  const group = textAt(tree, ["apiVersion"]);
  return group === undefined || group.startsWith("kustomize.config.k8s.io/");
}

function inlineFacts(source: Source, lines: Lines): Partial<Facts> {
  const hasInline = /^(?:helmCharts|patches|helmChartInflationGenerator)\s*:/m.test(source.text);
  return hasInline && lines.count > 0 ? { loose: sitesOf(source).sites } : {};
}

/** Whether a file holds something that runs. */
export function runs({ objects, compose }: Facts): boolean {
  return compose.length > 0 || objects.some(isRunning);
}

/** Whether an object is something that runs. */
export function isRunning({ holds }: ObjectFact): boolean {
  if (holds.kind === "workload")
    return holds.containers.some(({ image }) => image !== undefined) || holds.runs !== undefined;
  if (holds.kind === "custom" || holds.kind === "argo-application") return holds.images.length > 0;
  return holds.kind === "helm-release";
}

/** The objects of a document, those of a `List` one by one. */
function objectsIn(source: Source, tree: Tree, lines: Lines): readonly ObjectFact[] {
  const items = peek(tree, ["items"]);
  if (textAt(tree, ["kind"])?.endsWith("List") === true && items?.kind === "list")
    return items.items.flatMap((item) => objectFact(source.path, item, lines) ?? []);
  const fact = objectFact(source.path, tree, lines);
  return fact === undefined ? [] : [fact];
}

/** What `readImages` finds in objects whose images stand elsewhere than in a pod template. */
function withSites(source: Source, objects: readonly ObjectFact[]): readonly ObjectFact[] {
  if (!objects.some(({ holds }) => "images" in holds) || !/image|tag|digest/i.test(source.text)) return objects;
  const { sites } = sitesOf(source);
  return objects.map((fact) => {
    const own = sites.filter(({ line }) => line >= fact.line && line <= fact.lastLine);
    return own.length === 0 ? fact : customFact(fact, own);
  });
}

const ANY = { kind: undefined, name: undefined };
const VALUES = /^values\.ya?ml$/;

function looseFacts(source: Source, tree: Tree): Partial<Facts> {
  if (tree.kind === "list") return { operations: patchesIn(tree, ANY, linesOf(source.text).at) };
  if (tree.kind !== "map") return {};
  const { sites, unread } = sitesOf(source);
  const text = VALUES.test(baseOf(source.path)) ? source.text : smallText(source);
  return { loose: sites, keys: tree.entries.map(({ key }) => key), unread, text };
}
