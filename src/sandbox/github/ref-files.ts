import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RefChange } from "./repo.ts";

/** A ref by its full name, and the commit that it is at. */
export type Ref = { readonly name: string; readonly sha: string };

/** All refs of a bare repository by git's own files, sorted; undefined where only git can tell: packed refs, tags, links from one ref to another. */
export function refsIn(dir: string): readonly Ref[] | undefined {
  if (textOf(join(dir, "packed-refs")) !== undefined) return undefined;
  const files = readdirSync(join(dir, "refs"), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !file.name.endsWith(".lock"))
    .map(({ parentPath, name }) => join(parentPath, name).slice(dir.length + 1));
  const refs = files.toSorted((a, b) => (a < b ? -1 : 1)).flatMap((name) => refAt(dir, name));
  return refs.every(({ name, sha }) => isCommit(sha) && !name.startsWith("refs/tags/")) ? refs : undefined;
}

/** The branch that HEAD names. */
export function headIn(dir: string): string | undefined {
  return /^ref: (refs\/heads\/.+)\n$/.exec(textOf(join(dir, "HEAD")) ?? "")?.[1];
}

/** Moves one ref by its file, under git's own lock, or finds that it is elsewhere; undefined where that is left to git. */
export function moveRefFile(dir: string, { ref, before, after }: RefChange): "moved" | "lost" | undefined {
  const path = join(dir, ref);
  const lock = `${path}.lock`;
  if (!ref.startsWith("refs/") || textOf(join(dir, "packed-refs")) !== undefined) return undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(lock, `${after}\n`, { flag: "wx" });
  } catch {
    return undefined;
  }
  try {
    if ((textOf(path)?.replace(/\n$/, "") ?? ABSENT) !== before) return "lost";
    if (after === ABSENT) rmSync(path);
    else renameSync(lock, path);
    return "moved";
  } catch {
    // a folder of that name, with refs in it or left behind by them
    return undefined;
  } finally {
    rmSync(lock, { force: true });
  }
}

const ABSENT = "0".repeat(40);

// One that was removed since its folder was read is gone.
function refAt(dir: string, name: string): readonly Ref[] {
  const text = textOf(join(dir, name));
  return text === undefined ? [] : [{ name, sha: text.replace(/\n$/, "") }];
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

// Small files, and asked for all the time: they are read sooner than waited for.
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
