import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, type Dirent } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../core/error.ts";
import type { Listing } from "../manifest/services/inventory.ts";

/** A work tree as it lies on disk, what is not committed included; links are not followed. */
export type Checkout = {
  /** Regular files by their path from the root. Their ids are their paths: nothing is compared by them. */
  readonly listing: Listing;
  /** Where links lead, as they say it, by path. */
  readonly links: ReadonlyMap<string, string>;
  /** Undefined for what is not there, larger than a mebibyte, or no UTF-8. */
  readonly text: (path: string) => string | undefined;
};

const LARGEST = 1_048_576;
const ASIDE: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** The files of a work tree, by its root. Throws a UserError where a folder in it cannot be read. */
export function checkoutAt(root: string): Checkout {
  const entries = [...entriesBelow(root, "")];
  const paths = new Set(entries.flatMap(({ path, entry }) => (entry.isFile() ? [path] : [])));
  const links = entries.flatMap(({ path, entry }) => (entry.isSymbolicLink() ? [path] : []));
  return {
    listing: new Map([...paths].map((path) => [path, path])),
    links: new Map(links.map((path) => [path, readlinkSync(join(root, path))])),
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

type Entry = { readonly path: string; readonly entry: Dirent };

function* entriesBelow(root: string, folder: string): Generator<Entry> {
  const prefix = folder === "" ? "" : `${folder}/`;
  for (const entry of entriesOf(join(root, folder))) {
    const path = `${prefix}${entry.name}`;
    if (!entry.isDirectory()) yield { path, entry };
    else if (!ASIDE.has(entry.name)) yield* entriesBelow(root, path);
  }
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
