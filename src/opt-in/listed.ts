import { err, ok, type Result } from "../core/result.ts";
import type { Data } from "../manifest/data.ts";
import { GITMODULES, submodulesIn } from "../manifest/kustomize/absent.ts";
import { kustomizationOf, objectsOf, type Read } from "../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at, dataOf, isMapping, itemsOf, textAt, type Values } from "../manifest/kustomize/value.ts";
import { ownedText } from "../manifest/layouts/owned-text.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import { baseOf, folderOf, isUnder, resolvePath, segmentsOf, within } from "../manifest/services/paths.ts";
import type { Placed } from "../manifest/services/placed.ts";
import { attempt, type Refusal, type TextFile } from "../yaml/refusal.ts";
import { readSource } from "../yaml/source.ts";
import type { Ground } from "./model.ts";

/** What the first line of a kustomization says that opting in has added. */
const HEADER =
  "# Made when a service here was opted in: it lists what was applied from this folder before. It is yours.\n";

/** Whether a kustomization was added by opting in. */
export function isListed({ text }: TextFile): boolean {
  return text.startsWith(HEADER);
}

/** Whether an added kustomization lists what would be applied without it, written as it was added. */
export function isAsListed(ground: Ground, { path, text }: TextFile, owned: string): boolean {
  const folder = folderOf(path);
  const isOurs = (name: string) => within(folder, name) === path || `${within(folder, name)}/`.startsWith(owned);
  return [false, true].some((isRecursive) => {
    const names = isRecursive ? below(ground, folder) : beside(ground, folder);
    if (elsewhereIn(ground, folder, isRecursive) !== undefined) return false;
    const files = names.filter((name) => !isOurs(name));
    const listed = files.filter(
      (name) => name.endsWith("/") || objectsOf(ground.read, within(folder, name)).objects.length > 0,
    );
    return text === textOf(listed.map((name) => name.replace(/\/$/, "")));
  });
}

const MANIFEST = /\.(?:ya?ml|json)$/i;

/**
 * The kustomization of a folder that is applied without one: it lists exactly the files that are applied now. Refused where that cannot be known or said:
 * generators of Argo CD's own, files that are no manifests, the same object in two files, manifests in folders above.
 */
export function listing(ground: Ground, { root, by }: Placed): Result<TextFile, Refusal> {
  const path = within(root.folder, "kustomization.yaml");
  const special = by.flatMap((delivery) => optionsOf(ground, delivery.by));
  if (special[0] !== undefined) return err(special[0]);
  const isRecursive = root.kind === "folder" && root.isRecursive;
  const names = isRecursive ? below(ground, root.folder) : beside(ground, root.folder);
  const above = by.length === 0 ? manifestAbove(ground, root.folder) : undefined;
  if (above !== undefined) return err({ path: above, line: 1, found: "manifests in the folder above", why: UNSAID });
  const files = names.filter((name) => !name.endsWith("/")).map((name) => within(root.folder, name));
  const missed = elsewhereIn(ground, root.folder, isRecursive) ?? missedIn(ground, root.folder, files);
  const against = missed ?? oddIn(ground.read, files);
  if (against !== undefined) return err(against);
  const listed = names.filter(
    (name) => name.endsWith("/") || objectsOf(ground.read, within(root.folder, name)).objects.length > 0,
  );
  const objects = files.flatMap((file) => objectsOf(ground.read, file).objects);
  const wrong = unlistable(objects);
  if (wrong !== undefined) return err(wrong);
  return ok({ path, text: textOf(listed.map((name) => name.replace(/\/$/, ""))) });
}

const UNSAID = "nothing in the repository says from which folder on files are applied";

function textOf(resources: readonly string[]): string {
  const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
  return `${HEADER}${ownedText(kustomization)}`;
}

/** A file of which what is applied is not known: a list without it would take that away. */
function missedIn({ inventory }: Ground, folder: string, files: readonly string[]): Refusal | undefined {
  const dark = files.find((file) => isOfInterest(file) && !inventory.state.facts.has(file));
  const why = "it is too large or no UTF-8, and what it has may be applied";
  if (dark !== undefined) return { path: dark, line: 1, found: "a file that cannot be read", why };
  const prefix = folder === "" ? "" : `${folder}/`;
  const program = [...inventory.listing.keys()].find((path) => path.startsWith(prefix) && path.endsWith(".jsonnet"));
  const applied = "Argo CD applies what it makes, which no kustomization can list";
  return program === undefined ? undefined : { path: program, line: 1, found: "a program of Jsonnet", why: applied };
}

const READ = /\.(?:ya?ml|json|jsonnet)$|^kustomization$/i;

/** A file that is applied and cannot be listed. */
function oddIn(read: Read, files: readonly string[]): Refusal | undefined {
  const path = files.find((file) => looksApplied(read, file) && objectsOf(read, file).open.length > 0);
  if (path === undefined) return undefined;
  const [open] = objectsOf(read, path).open;
  const why = "no kustomization can list a file that is no plain YAML";
  return { path, line: open?.line ?? 1, found: open?.found ?? "no manifest", why };
}

/** What brings manifests into a folder that lie elsewhere. */
function elsewhereIn(ground: Ground, folder: string, isRecursive: boolean): Refusal | undefined {
  return linkedIn(ground, folder, isRecursive) ?? (isRecursive ? submoduleIn(ground, folder) : undefined);
}

/** A submodule below a folder that is applied with all that is below it: what delivers may check it out. */
function submoduleIn(ground: Ground, folder: string): Refusal | undefined {
  const found = submodulesIn(ground.read).find(
    ({ path }) => isUnder(path, folder) && kustomizedAbove(ground, folder, `${path}/`) === undefined,
  );
  if (found === undefined) return undefined;
  const why =
    "what it has may be applied, is not in this repository, and a kustomization that does not list it would take it away";
  return { path: GITMODULES, line: found.line, found: `the submodule ${found.path}`, why };
}

/** A link that may bring manifests into a folder: by its name, or because it leads to no file that is there. */
function linkedIn(ground: Ground, folder: string, isRecursive: boolean): Refusal | undefined {
  const link = [...ground.links].find(([path, to]) => {
    const isBelow = isRecursive && isUnder(path, folder) && kustomizedAbove(ground, folder, path) === undefined;
    const place = to.startsWith("/") ? undefined : resolvePath(folderOf(path), to);
    const isOther = !READ.test(baseOf(path)) && place !== undefined && ground.inventory.listing.has(place);
    return (isBelow || folderOf(path) === folder) && !isOther;
  });
  if (link === undefined) return undefined;
  const [path, to] = link;
  const why = "what it leads to may be applied, and a kustomization that does not list that would take it away";
  return { path, line: 1, found: `a link to ${to}`, why };
}

/** The files that lie in a folder, sorted. */
function beside({ inventory: { listing: all } }: Ground, folder: string): readonly string[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  return [...all.keys()]
    .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/") && MANIFEST.test(path))
    .map((path) => path.slice(prefix.length))
    .toSorted();
}

/** The same with the files of folders below; of a folder with a kustomization its name with a slash. */
function below(ground: Ground, folder: string): readonly string[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const inside = [...ground.inventory.listing.keys()].filter((path) => path.startsWith(prefix));
  const names = inside.flatMap((path) => {
    const own = kustomizedAbove(ground, folder, path);
    if (own !== undefined) return [`${own}/`];
    return MANIFEST.test(path) ? [path.slice(prefix.length)] : [];
  });
  return [...new Set(names)].toSorted();
}

/** The outermost folder with a kustomization between a folder and a path below it, from that folder on. */
function kustomizedAbove({ read }: Ground, folder: string, path: string): string | undefined {
  const parts = segmentsOf(folder === "" ? path : path.slice(folder.length + 1));
  return parts
    .slice(0, -1)
    .map((_, index) => parts.slice(0, index + 1).join("/"))
    .find((inner) => kustomizationOf(read, within(folder, inner)) !== undefined);
}

/** Whether a file looks as if it were applied: it speaks of a kind and a version of one. */
function looksApplied(read: Read, path: string): boolean {
  const text = read(path) ?? "";
  return /^["'\s{-]*kind["']?\s*:/m.test(text) && /^["'\s{-]*apiVersion["']?\s*:/m.test(text);
}

/** A manifest in the folder that a folder lies in: what is applied there may be all that lies below. */
function manifestAbove(ground: Ground, folder: string): string | undefined {
  const upper = folderOf(folder);
  if (folder === "") return undefined;
  return beside(ground, upper)
    .map((name) => within(upper, name))
    .find((path) => objectsOf(ground.read, path).objects.some(isOwn));
}

// What delivers lies above what it delivers.
const DELIVERING: ReadonlySet<string> = new Set(["Application", "ApplicationSet", "AppProject", "Kustomization"]);

function isOwn(object: Built): boolean {
  return !DELIVERING.has(kindOf(object));
}

function unlistable(objects: readonly Built[]): Refusal | undefined {
  const seen = new Map<string, Built>();
  for (const object of objects) {
    const { path, line } = object;
    const key = [
      textAt(object.value, "apiVersion"),
      kindOf(object),
      textAt(object.value, "metadata", "namespace"),
      nameOf(object),
    ].join("/");
    if (nameOf(object) === "")
      return { path, line, found: `a ${kindOf(object)} without a name`, why: "no kustomization can list it" };
    if (seen.has(key))
      return {
        path,
        line,
        found: `${kindOf(object)} ${nameOf(object)} again`,
        why: `${seen.get(key)?.path} has it too`,
      };
    seen.set(key, object);
  }
  return undefined;
}

/** What the object that delivers a folder says of it besides which folder it is. */
function optionsOf(ground: Ground, { path, line, name }: Placed["by"][number]["by"]): readonly Refusal[] {
  return sourcesIn(ground.read, path, name).flatMap((source) => {
    const directory = at(source, "directory");
    const keys = isMapping(directory) ? Object.keys(directory).filter((key) => key !== "recurse") : [];
    const why = "what it applies of the folder is not what a kustomization would list";
    return keys.slice(0, 1).map((key) => ({ path, line, found: `directory.${key} of ${name}`, why }));
  });
}

/** The sources of an Argo CD Application, or of an ApplicationSet's template, by its file and name. */
export function sourcesIn(read: Read, path: string, name: string): readonly Values[] {
  const found = documentsIn(read, path).filter((data) => textAt(data, "metadata", "name") === name);
  return found.flatMap((data) =>
    [["spec"], ["spec", "template", "spec"]].flatMap((spec) => {
      const one = at(data, ...spec, "source");
      return [...(one === undefined ? [] : [one]), ...itemsOf(at(data, ...spec, "sources"))].filter(isMapping);
    }),
  );
}

/** What the documents of a file say; none of a file that cannot be read. */
export function documentsIn(read: Read, path: string): readonly Data[] {
  const text = read(path);
  if (text === undefined) return [];
  const data = attempt(() => {
    const source = readSource({ path, text });
    return source.documents.map((tree) => dataOf(source, tree));
  });
  return data.kind === "ok" ? data.value : [];
}
