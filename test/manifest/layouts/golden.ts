import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../golden/layouts/", import.meta.url));

/** The files of a golden folder, by their paths in it. */
export function goldenFiles(folder: string): ReadonlyMap<string, string> {
  const root = `${ROOT}${folder}/`;
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
  const files = paths.map((path) => path.replaceAll("\\", "/")).filter((path) => statSync(`${root}${path}`).isFile());
  return new Map(files.toSorted().map((path) => [path, readFileSync(`${root}${path}`, "utf8")]));
}
