import type { Facts } from "./facts.ts";
import { byText, folderOf, within } from "./paths.ts";

/** What discovery may ask of a repository. Folders are full paths, the root is the empty text. */
export type Sight = {
  readonly facts: (path: string) => Facts | undefined;
  /** The files that lie directly in a folder, sorted. */
  readonly files: (folder: string) => readonly string[];
  readonly folders: (folder: string) => readonly string[];
};

/** Folders with what lies directly in them. */
export type Folders = ReadonlyMap<string, { readonly files: readonly string[]; readonly folders: readonly string[] }>;

type Draft = Map<string, { readonly files: string[]; readonly folders: string[] }>;

/** The folders of some paths. */
export function foldersOf(paths: Iterable<string>): Folders {
  const folders: Draft = new Map([["", { files: [], folders: [] }]]);
  for (const path of paths) open(folders, folderOf(path)).files.push(path);
  for (const { files, folders: inner } of folders.values()) {
    files.sort(byText);
    inner.sort(byText);
  }
  return folders;
}

function open(folders: Draft, folder: string): { readonly files: string[]; readonly folders: string[] } {
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const made = { files: [], folders: [] };
  folders.set(folder, made);
  open(folders, folderOf(folder)).folders.push(folder);
  return made;
}

/** The folders with some files more and some less; folders that are left empty are gone. */
export function withPaths(folders: Folders, added: readonly string[], removed: readonly string[]): Folders {
  const next = new Map(folders);
  for (const path of added) add(next, folderOf(path), "files", path);
  for (const path of removed) remove(next, folderOf(path), "files", path);
  return next;
}

type Editable = Map<string, { readonly files: readonly string[]; readonly folders: readonly string[] }>;

const EMPTY = { files: [], folders: [] };

function add(folders: Editable, folder: string, list: "files" | "folders", path: string): void {
  const known = folders.get(folder);
  if (known === undefined) add(folders, folderOf(folder), "folders", folder);
  const content = known ?? EMPTY;
  folders.set(folder, { ...content, [list]: [...content[list], path].toSorted(byText) });
}

function remove(folders: Editable, folder: string, list: "files" | "folders", path: string): void {
  const known = folders.get(folder) ?? EMPTY;
  const content = { ...known, [list]: known[list].filter((one) => one !== path) };
  if (folder !== "" && content.files.length + content.folders.length === 0) {
    folders.delete(folder);
    remove(folders, folderOf(folder), "folders", folder);
  } else folders.set(folder, content);
}

/** A sight of folders and facts. */
export function sightOf(folders: Folders, facts: ReadonlyMap<string, Facts>): Sight {
  return {
    facts: (path) => facts.get(path),
    files: (folder) => folders.get(folder)?.files ?? [],
    folders: (folder) => folders.get(folder)?.folders ?? [],
  };
}

/** What was asked: files by their paths, and folders whose contents were listed. */
export type Asked = { readonly paths: ReadonlySet<string>; readonly folders: ReadonlySet<string> };

/** The same sight, and what has been asked through it so far. */
export function watched(sight: Sight): { readonly sight: Sight; readonly asked: Asked } {
  const paths = new Set<string>();
  const folders = new Set<string>();
  const noting = (folder: string, list: Sight["files"]) => {
    folders.add(folder);
    return list(folder);
  };
  return {
    asked: { paths, folders },
    sight: {
      facts: (path) => {
        paths.add(path);
        return sight.facts(path);
      },
      files: (folder) => noting(folder, sight.files),
      folders: (folder) => noting(folder, sight.folders),
    },
  };
}

/** Whether there is a file, of whatever kind. */
export function exists(sight: Sight, path: string): boolean {
  return sight.facts(path) !== undefined || sight.files(folderOf(path)).includes(path);
}

/** Every file below a folder, in order of folders. */
export function filesBelow(sight: Sight, folder: string): readonly string[] {
  return [...sight.files(folder), ...sight.folders(folder).flatMap((inner) => filesBelow(sight, inner))];
}

const KUSTOMIZATIONS = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** The kustomization of a folder: kustomize takes exactly one of three names. */
export function kustomizationIn(sight: Sight, folder: string): Facts | undefined {
  for (const name of KUSTOMIZATIONS) {
    const facts = sight.facts(within(folder, name));
    if (facts?.kustomization !== undefined) return facts;
  }
  return undefined;
}

/** The chart of a folder. */
export function chartIn(sight: Sight, folder: string): Facts | undefined {
  const facts = sight.facts(within(folder, "Chart.yaml"));
  return facts?.chart === undefined ? undefined : facts;
}
