import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isWanted, takeInventory } from "../../src/manifest/services/inventory.ts";
import { lintRepository, type Linted } from "../../src/lint/lint.ts";
import type { Files } from "../manifest/services/repo.ts";

/** What is found in a repository of some texts by path. */
export function lintOf(files: Files): Linted {
  const listing = new Map(Object.keys(files).map((path) => [path, path]));
  const read = (path: string) => files[path];
  return lintRepository(
    takeInventory(listing, (path) => (isWanted(path, []) ? read(path) : undefined)),
    read,
  );
}

/** Findings as lines: the rule, the place, the words. */
export function linesOf({ findings }: Pick<Linted, "findings">): readonly string[] {
  return findings.map(({ rule, path, line, what }) => `${rule} ${path}:${line} ${what}`);
}

/** The texts of a folder and all below it, by their paths from there. */
export function filesIn(root: string, folder = ""): Files {
  return Object.fromEntries(
    readdirSync(join(root, folder)).flatMap((name) => {
      const path = folder === "" ? name : `${folder}/${name}`;
      return statSync(join(root, path)).isDirectory()
        ? Object.entries(filesIn(root, path))
        : [[path, readFileSync(join(root, path), "utf8")]];
    }),
  );
}
