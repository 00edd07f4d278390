import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import { isImage } from "../src/core/image.ts";
import { at, itemsOf } from "./render-objects.ts";
import type { Json } from "./render-tools.ts";
import { closureOf, KUSTOMIZATION, type Files } from "./render-tree.ts";

/**
 * The kustomizations that Flux' controller makes of folders which have none: of every file in them that holds objects, by its path.
 * Only of folders with a whole Deployment that no kustomization of the corpus reads and no chart has.
 */
export function madeKustomizations(files: Files): Files {
  const read = readByOthers(files);
  const folders = Map.groupBy([...files.keys()], (path) => posix.dirname(path));
  return new Map(
    [...folders]
      .filter(
        ([folder, paths]) =>
          folder !== "." && !paths.some((path) => KUSTOMIZATION.test(path)) && !isChart(files, folder),
      )
      .flatMap(([folder, paths]) => {
        const own = paths.filter((path) => /\.ya?ml$/.test(path) && holdsObjects(files.get(path) ?? ""));
        const isBare = own.some((path) => !read.has(path) && objectsOf(files.get(path) ?? "").some(isWhole));
        return isBare ? [[`${folder}/kustomization.yaml`, kustomizationOf(own)] as const] : [];
      }),
  );
}

function readByOthers(files: Files): ReadonlySet<string> {
  const read = new Set<string>();
  for (const path of [...files.keys()].filter((one) => KUSTOMIZATION.test(one)))
    closureOf((one) => files.get(one), path, read);
  return read;
}

function isChart(files: Files, folder: string): boolean {
  const above = folder.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  return above.some((one) => one.endsWith("/templates") || files.has(`${one}/Chart.yaml`));
}

function holdsObjects(text: string): boolean {
  const objects = objectsOf(text);
  return (
    objects.length > 0 &&
    objects.every((object) => ["apiVersion", "kind"].every((key) => at(object, key) !== undefined))
  );
}

function objectsOf(text: string): readonly Json[] {
  if (!/^kind:/m.test(text)) return [];
  const documents = Array.from(parseAllDocuments(text, { logLevel: "silent" }));
  if (documents.some(({ errors }) => errors.length > 0)) return [];
  // What parses without tags is JSON.
  return documents.map((document) => document.toJS() as Json).filter((value) => value !== null);
}

// A patch has less.
function isWhole(object: Json): boolean {
  if (at(object, "kind") !== "Deployment" || at(object, "spec", "selector", "matchLabels") === undefined) return false;
  return itemsOf(at(object, "spec", "template", "spec", "containers")).some((item) => isImage(at(item, "image")));
}

function kustomizationOf(paths: readonly string[]): string {
  const names = paths.map((path) => `  - ${JSON.stringify(posix.basename(path))}\n`).toSorted();
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${names.join("")}`;
}
