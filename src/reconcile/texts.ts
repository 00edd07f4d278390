import { printState } from "../config/state-text.ts";
import type { Change } from "../core/change.ts";
import type { Sha } from "../core/names.ts";
import { applyChange, type Material } from "../manifest/change.ts";
import type { GitReader } from "../ports/git.ts";
import { refusalText } from "../yaml/refusal.ts";
import { pathOf } from "./readings.ts";

/** The whole texts that a change makes different, by path; a function of the change and of the commits that it names. */
export async function textsOf(change: Change, git: GitReader): Promise<ReadonlyMap<string, string>> {
  const result = applyChange(await materialOf(change, git), change);
  if (result.kind === "ok") return result.value;
  // The files were read for the decision, so they can be edited; that one cannot be is said to whoever reads the log, and looked at again.
  throw new Error(refusalText(result.error));
}

async function materialOf(change: Change, git: GitReader): Promise<Material> {
  const at = change.state.targets.get(change.target);
  if (at === undefined) throw new Error(`The state of ${change.service} has no target ${change.target}.`);
  const { canary, stable, route } = at.manifests;
  const path = pathOf(change.service);
  const { stableTemplate, canaryTemplate } = change;
  const oldCanary = canaryTemplate && (await textAt(git, canaryTemplate.commit, canary));
  const oldStable = stableTemplate?.kind === "asAt" ? await textAt(git, stableTemplate.commit, stable) : undefined;
  const blobs = await git.read(change.base, [canary, stable, route, path]);
  return {
    files: new Map([...blobs].map(([file, { text }]) => [file, text])),
    older: { ...(oldCanary !== undefined && { canary: oldCanary }), ...(oldStable !== undefined && { stable: oldStable }) },
    state: { path, text: printState(change.state) },
  };
}

async function textAt(git: GitReader, commit: Sha, path: string): Promise<string | undefined> {
  return (await git.read(commit, [path])).get(path)?.text;
}
