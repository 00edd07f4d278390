import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../core/error.ts";
import type { Listing } from "../manifest/services/inventory.ts";

/** A work tree as it lies on disk, what is not committed included; links are not followed. */
export type Checkout = {
  /** Regular files by their path from the root. Their ids are their paths: nothing is compared by them. */
  readonly listing: Listing;
  /** Undefined for what is not there, larger than a mebibyte, or no UTF-8. */
  readonly text: (path: string) => string | undefined;
};

const LARGEST = 1_048_576;
const ASIDE: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** The files of a work tree, by its root. Throws a UserError where a folder in it cannot be read. */
export function checkoutAt(root: string): Checkout {
  const paths = new Set(pathsIn(root, ""));
  return {
    listing: new Map([...paths].map((path) => [path, path])),
    text: (path) => (paths.has(path) ? textOf(join(root, path)) : undefined),
  };
}

/** The root of the work tree that a folder is in: the nearest one that holds `.git`, else the folder itself. */
export function rootOf(folder: string): string {
  const start = resolve(folder);
  let at = start;
  while (!existsSync(join(at, ".git"))) {
    const above = dirname(at);
    if (above === at) return start;
    at = above;
  }
  return at;
}

function pathsIn(root: string, folder: string): readonly string[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  return entriesOf(join(root, folder)).flatMap((entry) => {
    if (entry.isFile()) return [`${prefix}${entry.name}`];
    return entry.isDirectory() && !ASIDE.has(entry.name) ? pathsIn(root, `${prefix}${entry.name}`) : [];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    throw new UserError(`The folder ${folder} cannot be read.`);
  }
}

function textOf(path: string): string | undefined {
  try {
    if (statSync(path).size > LARGEST) return undefined;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
}
