import { parseState, statePath } from "../config/state-file.ts";
import { bumpedInAny, toldIn } from "../core/manifests.ts";
import type { OptChange, OptSettling } from "../core/opting.ts";
import type { TargetState } from "../core/state.ts";
import { readPlanned } from "../manifest/routers/rollout-plan.ts";
import type { GitReader } from "../ports/git.ts";
import type { Sha } from "../core/names.ts";

/** Where it is looked: the tracked branch, before anything is claimed. */
type Sight = { readonly head: Sha; readonly eyes: { readonly git: Pick<GitReader, "history" | "read"> } };

/**
 * Until when a version may be on its way by the controllers whose objects are opted in as they stand. Nothing in git tells whether it has arrived: the newest
 * commit that may have brought one does, with how long it takes at most. Undefined where no such object is opted in.
 */
export async function settlingOf(sight: Sight, change: OptChange): Promise<OptSettling | undefined> {
  const { wish, files, standing = [] } = change;
  if (wish.verb !== "opt-in" || standing.length === 0) return undefined;
  const path = statePath(wish.service);
  const state = parseState({ path, text: files.get(path) ?? "" });
  const targets = state.kind === "ok" ? standing.flatMap((target) => state.value.targets.get(target) ?? []) : [];
  const all = await Promise.all(targets.map(async (at) => settlingIn(sight, at)));
  if (all.length < standing.length) return UNKNOWN;
  return all.reduce((latest, one) => {
    const last = one.until > latest.until ? one : latest;
    return { ...last, waits: latest.waits || one.waits };
  });
}

const UNKNOWN: OptSettling = { commit: undefined, until: 0, waits: true };

async function settlingIn({ head, eyes: { git } }: Sight, at: TargetState): Promise<OptSettling> {
  const { manifests, namespace } = at;
  if (manifests.layout !== "rollout") return UNKNOWN;
  const path = toldIn(manifests);
  const found = await Promise.all(bumpedInAny(manifests).map(async (one) => git.history(head, one, 1)));
  const newest = found.flat().toSorted((a, b) => b.at - a.at)[0];
  const text = (await git.read(head, [path])).get(path)?.text ?? "";
  const planned = readPlanned({ path, text }, { namespace });
  if (newest === undefined) return UNKNOWN;
  const commit = newest.sha;
  if (planned.kind === "err") return { commit, until: newest.at + UNREAD_MS, waits: true };
  return { commit, until: newest.at + planned.value.takesMs, waits: planned.value.waits };
}

/** What an object that says its plan in another way is given at least. */
const UNREAD_MS = 600_000;
