import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap, type YAMLSeq } from "yaml";

/** Files of an archive, by their paths in it. */
export type Files = ReadonlyMap<string, string>;

/** A copy of the files on disk that can be changed and put back. */
export type Workplace = {
  readonly folder: string;
  /** Puts texts in place of what is there, runs `work`, and puts everything back. */
  readonly withTexts: <T>(texts: Files, work: () => Promise<T>) => Promise<T>;
  readonly read: (path: string) => string | undefined;
  readonly remove: () => void;
};

/** Writes the files into a new temporary folder. Only regular files are in them: an archive's links are never followed. */
export function workplace(files: Files): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-render-"));
  const now = new Map<string, string>();
  const put = (path: string, text: string | undefined) => {
    const target = join(folder, path);
    if (text === undefined) rmSync(target, { force: true });
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    if (text === undefined) now.delete(path);
    else now.set(path, text);
  };
  for (const [path, text] of files) if (isInside(path)) put(path, text);
  return {
    folder,
    read: (path) => now.get(path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
    withTexts: async (texts, work) => {
      const before = [...texts.keys()].map((path) => [path, now.get(path)] as const);
      for (const [path, text] of texts) put(path, text);
      try {
        return await work();
      } finally {
        for (const [path, text] of before) put(path, text);
      }
    },
  };
}

function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.includes("\\") && path.split("/").every((part) => part !== ".." && part !== "");
}

export const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** Lists of a kustomization that name files or folders beside it. */
const LISTS = [
  "resources",
  "bases",
  "components",
  "crds",
  "configurations",
  "patchesStrategicMerge",
  "generators",
  "transformers",
  "validators",
];

/**
 * The kustomizations without what they name and the archive does not hold, again and again until nothing is missing; remote bases and inflated charts
 * count as missing. Only those that differ.
 */
export function withoutMissing(files: Files): Files {
  const mended = new Map<string, string>();
  const present = new Map(files);
  for (let rounds = 0; rounds < 10; rounds += 1) {
    const changed = [...present]
      .filter(([path]) => KUSTOMIZATION.test(path))
      .flatMap(([path, text]) => mend(present, path, text));
    if (changed.length === 0) return mended;
    for (const [path, text] of changed) {
      present.set(path, text);
      mended.set(path, text);
    }
  }
  return mended;
}

function mend(files: Files, path: string, before: string): readonly (readonly [string, string])[] {
  const document = parseDocument(before, { logLevel: "silent" });
  if (document.errors.length > 0 || !isMap(document.contents)) return [];
  const folders = foldersOf(files);
  const has = (name: unknown) =>
    typeof name === "string" && isThere(files, folders, posix.join(posix.dirname(path), name));
  const root = document.contents;
  const dropped = [
    ...LISTS.map((key) => keepItems(root, key, (item) => !isScalar(item) || isInline(item.value) || has(item.value))),
    ...["patches", "patchesJson6902"].map((key) => keepItems(root, key, (item) => namesAll(item, ["path"], has))),
    ...["configMapGenerator", "secretGenerator"].map((key) =>
      keepItems(root, key, (item) => namesAll(item, ["files", "envs", "env"], has)),
    ),
    keepItems(root, "helmCharts", () => false),
    keepItems(root, "replacements", (item) => namesAll(item, ["path"], has)),
  ];
  const text = dropped.some(Boolean) ? printed(document) : undefined;
  return text === undefined ? [] : [[path, text]];
}

// What was dropped may have held the anchor of what stays.
function printed(document: Document): string | undefined {
  try {
    return String(document);
  } catch {
    return undefined;
  }
}

// A patch or an object written into the list itself.
function isInline(value: unknown): boolean {
  return typeof value === "string" && value.includes("\n");
}

function foldersOf(files: Files): ReadonlySet<string> {
  const kustomizations = [...files.keys()].filter((path) => KUSTOMIZATION.test(path));
  return new Set(kustomizations.map((path) => posix.dirname(path)));
}

function isThere(files: Files, folders: ReadonlySet<string>, path: string): boolean {
  return files.has(path) || folders.has(path.replace(/\/$/, ""));
}

/** Whether any item went. */
function keepItems(root: YAMLMap, key: string, keep: (item: unknown) => boolean): boolean {
  const list = root.get(key);
  if (!isSeq(list)) return false;
  const kept = list.items.filter(keep);
  if (kept.length === list.items.length) return false;
  const all: YAMLSeq = list;
  all.items = kept;
  if (kept.length === 0) root.delete(key);
  return true;
}

function namesAll(item: unknown, keys: readonly string[], has: (name: unknown) => boolean): boolean {
  if (!isMap(item)) return true;
  return keys.every((key) => {
    const value: unknown = item.get(key);
    const names = isSeq(value) ? value.items.map((each) => (isScalar(each) ? each.value : undefined)) : [value];
    return names.every(
      (name) => name === undefined || has(typeof name === "string" ? name.slice(name.indexOf("=") + 1) : name),
    );
  });
}

/** What a kustomization is made of: the files that it and what it names are written in, itself first. */
export function closureOf(
  files: (path: string) => string | undefined,
  path: string,
  seen = new Set<string>(),
): readonly string[] {
  const text = files(path);
  if (text === undefined || seen.has(path)) return [];
  seen.add(path);
  if (!KUSTOMIZATION.test(path)) return [path];
  const named = namedIn(parseDocument(text, { logLevel: "silent" })).map((name) =>
    posix.join(posix.dirname(path), name),
  );
  return [path, ...named.flatMap((name) => closureOf(files, kustomizationIn(files, name) ?? name, seen))];
}

function namedIn(document: Document.Parsed): readonly string[] {
  if (!isMap(document.contents)) return [];
  const root = document.contents;
  const lists = [...LISTS, "patches", "patchesJson6902"].flatMap((key) => {
    const list = root.get(key);
    return isSeq(list) ? list.items : [];
  });
  return lists.flatMap((item) => {
    const value: unknown = isScalar(item) ? item.value : isMap(item) ? item.get("path") : undefined;
    return typeof value === "string" && !value.includes("\n") && !value.includes("://") ? [value] : [];
  });
}

function kustomizationIn(files: (path: string) => string | undefined, folder: string): string | undefined {
  const names = ["kustomization.yaml", "kustomization.yml", "Kustomization"].map((name) => posix.join(folder, name));
  return names.find((name) => files(name) !== undefined);
}
