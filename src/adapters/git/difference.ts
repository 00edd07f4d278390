import { sha, type Sha } from "../../core/names.ts";
import { git, gitAnswer, records, type Place } from "./run.ts";

/** What a commit has at a path: a file of any kind, a link, a submodule. */
export type EntryAt = { readonly mode: string; readonly id: Sha };

/** A path at which two commits differ; undefined where one of them has nothing. */
export type Difference = {
  readonly path: string;
  readonly before: EntryAt | undefined;
  readonly after: EntryAt | undefined;
};

const NOTHING = "000000";

/** Every path at which two commits differ, however many. Renames are not looked for: what moved is gone in one place and new in another. */
export async function differences(place: Place, from: Sha, to: Sha): Promise<readonly Difference[]> {
  const output = await git(place, ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", from, to]);
  const fields = records(output);
  return fields.flatMap((field, index) => (index % 2 === 0 ? [differenceOf(field, fields[index + 1] ?? "")] : []));
}

function differenceOf(field: string, path: string): Difference {
  const match = /^:([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) [A-Z]$/.exec(field);
  if (match === null) throw new Error("git diff-tree answered in an unknown form.");
  const [, modeBefore = "", modeAfter = "", idBefore = "", idAfter = ""] = match;
  return { path, before: entryOf(modeBefore, idBefore), after: entryOf(modeAfter, idAfter) };
}

function entryOf(mode: string, id: string): EntryAt | undefined {
  return mode === NOTHING ? undefined : { mode, id: sha(id) };
}

/** The newest commit that two commits have in common; undefined where they have none. */
export async function mergeBase(place: Place, one: Sha, other: Sha): Promise<Sha | undefined> {
  const found = await gitAnswer(place, ["merge-base", one, other]);
  return found === undefined ? undefined : sha(found);
}

/** A branch by its full name, and the commit that it is at. */
export type Branch = { readonly ref: string; readonly commit: Sha };

const PLACES = ["", "refs/heads/", "refs/remotes/", "refs/remotes/origin/"];

/** The branch of a name, the clone's own before those of a remote; undefined where there is none. */
export async function branchOf(place: Place, name: string): Promise<Branch | undefined> {
  if (!/^[^\p{Cc} ~^:?*[\\]+$/u.test(name)) return undefined;
  const refs = PLACES.map((prefix) => `${prefix}${name}`).filter((ref) => /^refs\/(?:heads|remotes)\/./.test(ref));
  const found = await Promise.all(refs.map((ref) => branchAt(place, ref)));
  return found.find((branch) => branch !== undefined);
}

async function branchAt(place: Place, ref: string): Promise<Branch | undefined> {
  const commit = await gitAnswer(place, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  return commit === undefined ? undefined : { ref, commit: sha(commit) };
}

const USUAL = ["main", "master", "trunk"];

/** The branch that pull requests are for: the remote's, or a bare repository's own; else the first of the usual names. */
export async function defaultBranchOf(place: Place): Promise<Branch | undefined> {
  const isBare = (await git(place, ["rev-parse", "--is-bare-repository"])).toString().trim() === "true";
  const said = await Promise.all(
    ["refs/remotes/origin/HEAD", ...(isBare ? ["HEAD"] : [])].map((ref) =>
      gitAnswer(place, ["symbolic-ref", "--quiet", ref]),
    ),
  );
  const names = [...said.filter((ref) => ref !== undefined), ...USUAL];
  const found = await Promise.all(names.map((name) => branchOf(place, name)));
  return found.find((branch) => branch !== undefined);
}
