import type { Refusal } from "../../yaml/refusal.ts";
import { standsFor } from "../services/glob.ts";
import { baseOf, folderOf, segmentsOf, within } from "../services/paths.ts";

/**
 * What of a kustomization is not known, and for which reason nothing can be said of it at all: `missing`, it names a file that is surely not there when it is
 * rendered, and nothing renders without it; `too-large`, not all of it is made.
 */
export type Open = Refusal & { readonly prevents?: "missing" | "too-large" };

type Read = (path: string) => string | undefined;

/** What a kustomization names that cannot be read; `at` is where that would lie, undefined outside the repository. */
export type Named = {
  readonly owner: string;
  readonly what: string;
  readonly name: string;
  readonly at: string | undefined;
};

/** Why a file or folder that a kustomization names is not read, with the line that names it. */
export function notThere(read: Read, { owner, what, name, at }: Named, why: string): Open {
  const place = { path: owner, line: lineNaming(read(owner) ?? "", name) };
  const isGone = at !== undefined && at !== "" && isAbsent(read, at);
  return { ...place, found: `the ${what} ${name.slice(0, LONGEST)}`, why, ...(isGone && { prevents: "missing" }) };
}

const LONGEST = 120;

/** Whether nothing stands for a path that is not there: a link on the way, a submodule, or a rule of .gitignore, which says that something else makes it. */
function isAbsent(read: Read, path: string): boolean {
  const folders = foldersOf(path);
  const modules = new Set(submodulesIn(read).map((one) => one.path));
  const isElsewhere = [path, ...folders].some((one) => modules.has(one));
  const isLinked = folders.some((folder) => folder !== "" && read(folder) !== undefined);
  return !isElsewhere && !isLinked && !folders.some((folder) => isIgnored(read, folder, path));
}

/** Where a repository says which submodules it has. */
export const GITMODULES = ".gitmodules";

/** The submodules of a repository, and the lines (from 1) that say where they are. */
export function submodulesIn(read: Read): readonly { readonly path: string; readonly line: number }[] {
  return (read(GITMODULES) ?? "").split("\n").flatMap((text, index) => {
    const [, path] = /^\s*path\s*=\s*(.+?)\s*$/.exec(text) ?? [];
    return path === undefined ? [] : [{ path, line: index + 1 }];
  });
}

/** The folders that a path lies in, the root among them. */
function foldersOf(path: string): readonly string[] {
  const folder = folderOf(path);
  return folder === "" ? [""] : [folder, ...foldersOf(folder)];
}

// By the last name of each rule alone: whatever may be meant by it is not said to be missing.
function isIgnored(read: Read, folder: string, path: string): boolean {
  const lines = (read(within(folder, ".gitignore")) ?? "").split("\n").map((line) => line.trim());
  const rules = lines.filter((line) => /^[^#!]/.test(line)).map((line) => baseOf(line.replace(/\/+$/, "")));
  const names = segmentsOf(path).slice(segmentsOf(folder).length);
  return rules.some((rule) => names.some((name) => standsFor(rule, name) !== undefined));
}

const SPECIAL = /[.*+?^${}()|[\]\\]/g;

function lineNaming(text: string, name: string): number {
  const whole = new RegExp(`(?<![\\w./-])${name.replace(SPECIAL, String.raw`\$&`)}(?![\\w./-])`);
  const index = text.split("\n").findIndex((line) => !/^\s*#/.test(line) && whole.test(line));
  return Math.max(1, index + 1);
}
