import { createHash } from "node:crypto";
import { printState } from "../config/state-text.ts";
import type { Change } from "../core/change.ts";
import { bumpedIn, filesOf, pinnedIn } from "../core/manifests.ts";
import { sha, type Sha } from "../core/names.ts";
import type { Blob, GitReader } from "../ports/git.ts";
import { pathOf, type Readings, type Sources } from "./readings.ts";

/** A file was read for a decision, and yet cannot be edited by it. */
export class Unwritable extends Error {
  override readonly name = "Unwritable";
}

/** Where a change's texts are read and remembered. */
export type Desk = { readonly git: GitReader; readonly readings: Pick<Readings, "changed"> };

/** The whole texts that a change makes different, by path; a function of the change and of the commits that it names. Throws Unwritable. */
export async function textsOf(change: Change, { git, readings }: Desk): Promise<ReadonlyMap<string, string>> {
  let texts: ReadonlyMap<string, string> = new Map();
  for (const one of [change, ...(change.also ?? [])]) {
    // oxlint-disable-next-line no-await-in-loop -- one member's edits may be of a file that another's have changed
    const manifests = readings.changed(await sourcesOf(one, texts, git), one);
    // That one cannot be edited is said to whoever reads the log, and looked at again.
    if (manifests.kind === "refused") throw new Unwritable(manifests.problems.join("\n"));
    texts = new Map([...texts, ...manifests.value]);
  }
  const path = pathOf(change.service);
  const state = printState(change.state);
  const before = (await git.read(change.base, [path])).get(path)?.text;
  return before === state ? texts : new Map([...texts, [path, state]]);
}

async function sourcesOf(change: Change, texts: ReadonlyMap<string, string>, git: GitReader): Promise<Sources> {
  const at = change.state.targets.get(change.target);
  if (at === undefined) throw new Error(`The state of ${change.service} has no target ${change.target}.`);
  const { canaryTemplate } = change;
  const before = await git.read(change.base, filesOf(at.manifests));
  return {
    manifests: new Map([...before].map(([path, blob]) => [path, writtenOver(blob, texts.get(path))])),
    older: {
      canary:
        canaryTemplate?.kind === "asAt" ? await blobAt(git, canaryTemplate.commit, bumpedIn(at.manifests)) : undefined,
      stable: await stableBefore(git, change, pinnedIn(at.manifests)),
    },
  };
}

/** A text that is in no commit yet has a digest of its own in the place of git's id. */
function writtenOver(blob: Blob, text: string | undefined): Blob {
  return text === undefined ? blob : { id: sha(createHash("sha1").update(text).digest("hex")), text };
}

/** Stable's file at the commit that the change gives its pod template back from. */
async function stableBefore(
  git: GitReader,
  { stableTemplate, canaryTemplate }: Change,
  path: string,
): Promise<Blob | undefined> {
  if (stableTemplate?.kind === "asAt") return blobAt(git, stableTemplate.commit, path);
  return canaryTemplate?.kind === "asStableAt" ? blobAt(git, canaryTemplate.commit, path) : undefined;
}

async function blobAt(git: GitReader, commit: Sha, path: string): Promise<Blob | undefined> {
  return (await git.read(commit, [path])).get(path);
}
