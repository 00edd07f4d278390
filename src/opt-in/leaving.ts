import { statePath } from "../config/state-file.ts";
import type { Name } from "../core/names.ts";
import type { ServiceState, TargetState } from "../core/state.ts";
import { evaluate, kustomizationOf, textsIn } from "../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { isMapping } from "../manifest/kustomize/value.ts";
import { folderOf, resolvePath, within } from "../manifest/services/paths.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { hasEntries } from "./entries.ts";
import { documentsIn, isListed } from "./listed.ts";
import type { Ground, Remark, Texts } from "./model.ts";
import { difference } from "./proof.ts";

/** What to write so that a service is opted out; the state is undefined where no target is left. */
export type Return = {
  readonly service: Name;
  readonly targets: readonly Name[];
  readonly files: Texts;
  readonly state: ServiceState | undefined;
  /** The targets of which this is the first of two steps: once it is seen live, opting out again writes the second. */
  readonly first: readonly Name[];
  /** The targets in which an object goes on as it stood before. */
  readonly standing: readonly Name[];
  readonly remarks: readonly Remark[];
};

/** A target that leaves its template. */
export type Leaving = { readonly state: ServiceState; readonly target: Name; readonly at: TargetState };

/** What is written for it; the owned folder may stay for a second step. */
export type Left = {
  readonly files: Map<string, string | undefined>;
  readonly remarks: readonly Remark[];
  readonly owned: readonly string[];
  /** What was claimed of an object that stood there is given back. */
  readonly isStanding?: true;
};

/** A kustomization, and an owned folder of which it has entries, from there. */
export type Entered = { readonly file: TextFile; readonly folder: string };

/** The kustomization that has the entries of an owned folder: in the folder above it, or the one above that. */
export function entryFor({ read }: Ground, owned: string): Entered | undefined {
  const folder = owned.replace(/\/$/, "");
  const above = [folderOf(folder), folderOf(folderOf(folder))];
  for (const upper of above) {
    const path = kustomizationOf(read, upper);
    const text = path === undefined ? undefined : read(path);
    const name = upper === "" ? folder : folder.slice(upper.length + 1);
    if (path !== undefined && text !== undefined && hasEntries({ path, text }, name))
      return { file: { path, text }, folder: name };
  }
  return undefined;
}

const OWN = ["kustomization.yaml", "arms.yaml"];

/** The owned files, gone: what the folder's kustomization lists, and what opting in writes besides. */
export function filesWithout({ read }: Ground, owned: string): Map<string, string | undefined> {
  const folder = owned.replace(/\/$/, "");
  const [said] = documentsIn(read, within(folder, "kustomization.yaml"));
  const listed = isMapping(said) ? textsIn(said, "resources").flatMap((name) => resolvePath(folder, name) ?? []) : [];
  const paths = [...OWN.map((name) => within(folder, name)), ...listed.filter((path) => path.startsWith(owned))];
  return new Map(paths.filter((path) => read(path) !== undefined).map((path) => [path, undefined]));
}

/** What somebody else has put into the owned folder, and a kustomization of theirs by now. */
type Leftover = { readonly files: Texts; readonly owned: string; readonly rest: TextFile };

/** What stays of an owned folder. */
export function remarksOnStrange(
  { inventory: { listing } }: Ground,
  target: Name,
  { files, owned }: Omit<Leftover, "rest">,
): readonly Remark[] {
  const stay = [...listing.keys()].filter((path) => path.startsWith(owned) && !files.has(path));
  return stay.map((path) => ({ target, path, line: 1, says: "it stays: opting in has not written it" }));
}

export function remarksOnLeft(ground: Ground, target: Name, { files, owned, rest }: Leftover): readonly Remark[] {
  const isKept = isListed(rest) && files.get(rest.path) !== undefined;
  return [
    ...remarksOnStrange(ground, target, { files, owned }),
    ...(isKept
      ? [{ target, path: rest.path, line: 1, says: "it stays: it has been changed since opting in added it" }]
      : []),
  ];
}

/** What is written, and which objects may be other or new by it. */
type Leave = {
  readonly files: Texts;
  readonly mayChange: (object: Built) => boolean;
  readonly mayCome?: (object: Built) => boolean;
};

/** What is rendered afterwards is what was rendered before without objects of ours; only some that are meant differ. */
export function leavingDoubt(
  { read }: Ground,
  file: TextFile,
  { files, mayChange, mayCome = () => false }: Leave,
): Refusal | undefined {
  const folder = folderOf(file.path);
  if (files.get(file.path) === undefined) return undefined;
  const after = (path: string) => (files.has(path) ? files.get(path) : read(path));
  const { added, changed } = difference(evaluate(read, folder), evaluate(after, folder));
  const [other] = [...added.filter((object) => !mayCome(object)), ...changed.filter((object) => !mayChange(object))];
  if (other === undefined) return undefined;
  return {
    path: other.path,
    line: other.line,
    found: `${kindOf(other)} ${nameOf(other)}`,
    why: "opting out would change it",
  };
}

/** A release or a weight that keeps a target from leaving. */
export function underWay({ state, at: { release, weight } }: Leaving): Refusal | undefined {
  if (release === undefined && weight === 0) return undefined;
  const found = release === undefined ? `a weight of ${weight}%` : `the release of ${release.image}`;
  return { path: statePath(state.service), line: 1, found, why: "it is under way" };
}
