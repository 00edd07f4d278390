import { readImages } from "../../../src/manifest/images/read.ts";
import type { Surroundings } from "../../../src/manifest/images/site.ts";

/** Surroundings that know some files. */
export function folderOf(files: Readonly<Record<string, string>> = {}): Surroundings {
  return {
    read: (path) => files[path],
    list: (folder) => Object.keys(files).filter((path) => path.startsWith(folder === "" ? "" : `${folder}/`)),
  };
}

/** The images of a file, one line each: the image, a space, the version. */
export function seen(path: string, text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  return readImages({ path, text }, folderOf(files)).sites.map(({ image, version }) => `${image ?? "?"} ${version}`);
}

/** What the sites of a file are, by their kind and place. */
export function places(path: string, text: string): readonly string[] {
  return readImages({ path, text }, folderOf()).sites.map(({ kind, where }) => `${kind}: ${where}`);
}

export const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
