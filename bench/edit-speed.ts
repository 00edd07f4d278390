import { isMap, isScalar, isSeq, parseAllDocuments, type Document, type Scalar, type YAMLMap } from "yaml";
import { readImages } from "../src/manifest/images/read.ts";
import { setImageAt } from "../src/manifest/images/set.ts";
import type { ImageSite, Surroundings } from "../src/manifest/images/site.ts";
import type { TextFile } from "../src/yaml/refusal.ts";
import { otherVersion } from "./edit-other.ts";

/** How much faster than a full parse and print of the same files, both reading the same images and setting the first. */
export type Speed = {
  /** Files that both read alike; `unlike` is how many they do not. */
  readonly files: number;
  readonly unlike: number;
  /** The median over files of each one's median ratio over repetitions. */
  readonly speedup: number;
  /** The median over repetitions of the ratio of the times of all files together, where few large files weigh most. */
  readonly inAll: number;
  readonly oursMs: number;
  readonly theirsMs: number;
};

const WARM_UPS = 2;
const REPETITIONS = 7;
const NOTHING: Surroundings = { read: () => undefined, list: () => [] };

export function speedOf(files: readonly TextFile[]): Speed {
  const plain = files.filter((file) => isParsed(file.text) && readImages(file, NOTHING).sites.length > 0);
  const alike = plain.filter(areAlike);
  for (let round = 0; round < WARM_UPS; round += 1) alike.forEach((file) => [ours(file), theirs(file.text)]);
  const rounds = Array.from({ length: REPETITIONS }, (_, round) =>
    alike.map((file, index) => timed(file, (round + index) % 2 === 0)),
  );
  const sums = rounds.map((times) => ({
    ours: sum(times.map((time) => time.ours)),
    theirs: sum(times.map((time) => time.theirs)),
  }));
  const each = alike.map((_, index) => median(rounds.map((times) => ratioOf(times[index]))));
  return {
    files: alike.length,
    unlike: plain.length - alike.length,
    speedup: median(each),
    inAll: median(sums.map(ratioOf)),
    oursMs: median(sums.map((time) => time.ours)),
    theirsMs: median(sums.map((time) => time.theirs)),
  };
}

type Times = { readonly ours: number; readonly theirs: number };

function ratioOf(times: Times | undefined): number {
  return times === undefined ? 0 : times.theirs / times.ours;
}

function timed(file: TextFile, oursFirst: boolean): Times {
  if (oursFirst) return { ours: timeOf(() => ours(file)), theirs: timeOf(() => theirs(file.text)) };
  const theirTime = timeOf(() => theirs(file.text));
  return { ours: timeOf(() => ours(file)), theirs: theirTime };
}

function timeOf(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function ours(file: TextFile): { readonly sites: readonly ImageSite[]; readonly text: string } {
  const { sites } = readImages(file, NOTHING);
  const [first] = sites;
  if (first === undefined) return { sites, text: file.text };
  const set = setImageAt(file, first, otherVersion(first.version));
  return { sites, text: set.kind === "ok" ? set.value : file.text };
}

/** The way of the `yaml` package: parse, walk, setIn, toString. */
function theirs(text: string): { readonly sites: readonly Found[]; readonly text: string } {
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  const sites = documents.flatMap((document) => foundBelow(document, document.contents, []));
  const [first] = sites;
  first?.document.setIn(first.path, `${first.name}${otherVersion(first.version)}`);
  return { sites, text: documents.map(String).join("---\n") };
}

type Found = {
  readonly document: Document;
  readonly path: readonly unknown[];
  readonly name: string;
  readonly version: string;
  readonly start: number;
};

const REFERENCE = /^((?:[\w.-]+(?::\d+)?\/)?[\w./-]+[:@])([\w][\w.:@-]*)$/;

function foundBelow(document: Document, node: unknown, path: readonly unknown[]): readonly Found[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => foundBelow(document, item, [...path, index]));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const here = [...path, isScalar(key) ? key.value : key];
    if (!isScalar(value)) return foundBelow(document, value, here);
    return isScalar(key) ? imageAt(document, { key: String(key.value), map: node, value, path: here }) : [];
  });
}

type Pair = { readonly key: string; readonly map: YAMLMap; readonly value: Scalar; readonly path: readonly unknown[] };

function imageAt(document: Document, { key, map, value, path }: Pair): readonly Found[] {
  const said = typeof value.value === "string" ? value.value : (value.source ?? "");
  const start = value.range?.[0] ?? 0;
  const reference = key === "image" ? REFERENCE.exec(said) : null;
  if (reference?.[1] !== undefined && reference[2] !== undefined) {
    return [{ document, path, name: reference[1], version: reference[2], start }];
  }
  const isTag = key === "newTag" || (key === "tag" && typeof map.get("repository") === "string");
  return isTag && said !== "" ? [{ document, path, name: "", version: said, start }] : [];
}

function isParsed(text: string): boolean {
  return parseAllDocuments(text, { logLevel: "silent", prettyErrors: false }).every(
    ({ errors }) => errors.length === 0,
  );
}

// Their offsets are those of the scalars, ours those within quotes and behind names.
function areAlike(file: TextFile): boolean {
  const [mine, other] = [ours(file), theirs(file.text)];
  const lines = mine.sites.map(({ line }) => line);
  const found = other.sites.map(({ start }) => file.text.slice(0, start).split("\n").length);
  return mine.text !== file.text && lines.join() === found.join();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
