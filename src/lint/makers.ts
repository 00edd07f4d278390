import { segmentsOf } from "../manifest/services/paths.ts";

/** What brings objects that are not known: into which namespace, where that is said, under which names, and where it is written. */
export type Maker = {
  readonly namespace: string | undefined;
  readonly names: readonly string[];
  readonly folder: string;
};

/** An object that may be among those that something brings. */
export type Wanted = { readonly namespace: string | undefined; readonly name: string };

/**
 * Whether any of some makers may bring an object as far as a folder goes: into its namespace where both are said; else by lying in its folder, above or below
 * it, or by a name that begins as the other's. Asked for each route and Service, so everything is looked up.
 */
export function madeBy(makers: readonly Maker[]): (folder: string, wanted: Wanted) => boolean {
  const namespaces = new Set(makers.flatMap(({ namespace }) => namespace ?? []));
  const anywhere = likenessTo(makers);
  const unsaid = likenessTo(makers.filter(({ namespace }) => namespace === undefined));
  return (folder, { namespace, name }) =>
    namespace === undefined ? anywhere(folder, name) : namespaces.has(namespace) || unsaid(folder, name);
}

function likenessTo(makers: readonly Maker[]): (folder: string, name: string) => boolean {
  const folders = new Set(makers.map(({ folder }) => folder));
  const above = new Set(makers.flatMap(({ folder }) => foldersAbove(folder)));
  const names = new Set(makers.flatMap((maker) => maker.names).filter((name) => name !== ""));
  const beginnings = new Set([...names].flatMap(beginningsOf));
  return (folder, name) =>
    folders.has(folder) ||
    above.has(folder) ||
    foldersAbove(folder).some((one) => folders.has(one)) ||
    beginnings.has(name) ||
    beginningsOf(name).some((one) => names.has(one));
}

/** The folders that a folder lies in; the root is none of them, since everything lies in it. */
export function foldersAbove(folder: string): readonly string[] {
  const parts = segmentsOf(folder);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function beginningsOf(name: string): readonly string[] {
  return Array.from({ length: name.length + 1 }, (_, length) => name.slice(0, length));
}
