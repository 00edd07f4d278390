import { isRunning, type Facts } from "./facts.ts";
import type { TargetPattern, Unplaced } from "./model.ts";
import type { Occurrence } from "./occurrences.ts";
import { baseOf, folderOf, segmentsOf, stemOf, targetName, within } from "./paths.ts";
import { isGeneric, isStage } from "./words.ts";
import { referenceOf } from "./reference.ts";
import { quote } from "../../yaml/refusal.ts";
import { givenBy } from "./occurrences.ts";

/** A file of image versions without objects that a line of configuration gives to a target. */
export function looseOccurrence({ path, loose }: Facts, patterns: readonly TargetPattern[]): readonly Occurrence[] {
  const given = givenBy(patterns, [path]);
  const [first] = loose;
  if (given === undefined || first === undefined) return [];
  const stem = stemOf(path).replace(/^values$/i, "") || baseOf(folderOf(path));
  const name = given.home.at(-1) ?? (stem === given.target ? baseOf(folderOf(path)) : stem);
  const images = loose.map(({ image, version, key, line }) => ({ image, version, of: key, set: { path, line } }));
  const app = { name, namespace: undefined, workloads: [], images, waiting: [], routes: [], reads: [path] };
  const files = [".github/tidegate.yml"];
  return [
    {
      id: `${name} `,
      name,
      stem: undefined,
      app,
      source: "pattern",
      spine: [...segmentsOf(folderOf(path)), stem],
      clusters: [],
      namespace: undefined,
      files,
      given,
    },
  ];
}

/** Files of image versions that nothing reads, by the folders that look alike, with the lines that would place them. */
export function looseUnplaced(files: readonly Facts[]): readonly Unplaced[] {
  const folders = new Map<string, Set<string>>();
  for (const { path } of files)
    folders.set(folderOf(path), (folders.get(folderOf(path)) ?? new Set()).add(baseOf(path)));
  const siblings = Map.groupBy(folders.keys(), folderOf);
  return [...Map.groupBy(files, ({ path }) => patternOf(path, folders, siblings))].map(
    ([pattern, [first, ...more]]) => ({
      path: first?.path ?? "",
      line: first?.loose[0]?.line ?? 1,
      found:
        more.length === 0
          ? "an image's version"
          : `an image's version, as in ${more.length} more ${more.length === 1 ? "file" : "files"} like it`,
      why: "nothing that delivers or renders anything here reads the file",
      write: [`- { name: ${targetName(nameIn(pattern))}, path: ${JSON.stringify(pattern)} }`],
    }),
  );
}

/** The pattern of a file's target: its folder, where folders beside it hold mostly files of the same names, else the file, in whichever folder. */
function patternOf(path: string, folders: Names, siblings: ReadonlyMap<string, readonly string[]>): string {
  const folder = folderOf(path);
  const names = folders.get(folder) ?? new Set();
  const beside = (siblings.get(folderOf(folder)) ?? []).filter((one) => one !== folder);
  const twins = [...names].filter((name) => beside.some((one) => folders.get(one)?.has(name) === true));
  if (folder === "" || twins.length * 2 < names.size || twins.length === 0) return path;
  // Files of one usual name, in folders that are called like no environment: those are the services.
  const isUsual =
    [...names].every((name) => isGeneric(stemOf(name))) && ![folder, ...beside].some((one) => isStage(baseOf(one)));
  if (isUsual) return within(within(folderOf(folder), "*"), baseOf(path));
  // Several services in a folder: the folder is the target; values of one for each of several targets: the file is.
  const isFolder =
    [...names].some((name) => !/values/i.test(name)) && (names.size > beside.length + 1 || names.size === 1);
  return isFolder ? within(folder, "*") : within(within(folderOf(folder), "*"), baseOf(path));
}

type Names = ReadonlyMap<string, ReadonlySet<string>>;

function nameIn(pattern: string): string {
  const segments = segmentsOf(pattern);
  const last = segments.at(-1) ?? "";
  if (isGeneric(stemOf(last))) return "default";
  const text = last.includes("*") ? (segments.findLast((segment) => !segment.includes("*")) ?? "") : stemOf(last);
  return text.replace(/^values[-_.]|[-_.]values$/i, "");
}

/** A file that holds what runs, in the folder of a kustomization, or of a component of some. */
export type Beside = { readonly file: Facts; readonly isComponent: boolean };

/** Files that hold what runs and that no kustomization takes in. */
export function unlisted(files: readonly Beside[]): readonly Unplaced[] {
  return files.map(({ file: { path, objects }, isComponent }) => {
    const first = objects.find(isRunning);
    return {
      path,
      line: first?.line ?? 1,
      found: `the ${quote(first?.kind ?? "object").slice(1, -1)} ${quote(first?.name ?? "")}`,
      why: isComponent
        ? "nothing includes the component of its folder, or the component does not list the file"
        : "the kustomization of its folder does not list the file",
      write: [],
    };
  });
}

/** Containers whose image waits for what nothing in the repository says. */
export function waiting(all: readonly Occurrence[]): readonly Unplaced[] {
  return all.flatMap(({ app, name }) => {
    const [workload] = app.workloads;
    return app.waiting
      .filter(({ of }) => !app.images.some((use) => use.of === of))
      .filter(({ raw }) => referenceOf(raw) === undefined)
      .map(({ raw }) => ({
        path: workload?.path ?? "",
        line: workload?.line ?? 1,
        found: `the image ${quote(raw)} of ${quote(name)}`,
        why: "its variable has no value in the repository",
        write: [],
      }));
  });
}
