import type { Elsewhere } from "../core/snapshot.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { RepoKey } from "../ports/queue.ts";
import { elsewhereIn, type Extending } from "../reconcile/elsewhere.ts";
import type { Readings } from "../reconcile/readings.ts";
import type { SharedSources } from "../operator/shared-sources.ts";

export type PreviewParts = {
  readonly shared: Pick<SharedSources, "extending">;
  readonly sightOf: (key: RepoKey) => Promise<Extending>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
};

/** So many repositories are looked at for a preview: it is a sample where there are more. */
const MOST = 20;
/** For so long a preview goes for the same proposal, milliseconds. */
const FRESH_MS = 300_000;

/** Tells what proposals for what a repository shares make of those that extend it; the last proposal of each is kept for a while. */
export function sharedPreviews(parts: PreviewParts): (key: RepoKey) => Readings["elsewhere"] {
  const known = new Map<string, { readonly at: number; readonly found: readonly Elsewhere[] }>();
  return (key) => async (then) => {
    const id = `${key.installation}/${key.repo} ${then.id}`;
    const last = known.get(id);
    if (last !== undefined && parts.clock.now() - last.at < FRESH_MS) return last.found;
    const { keys, now } = parts.shared.extending(key);
    const bases = {
      now: now ?? { kind: "none" as const },
      next: { kind: "read" as const, repo: key.repo, now: then, before: [] },
    };
    const found: Elsewhere[] = [];
    for (const one of keys.slice(0, MOST)) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time: a preview is in no hurry
      const there = await attempted(parts, one, (sight) => elsewhereIn(one.repo, sight, bases));
      if (there !== undefined) found.push(there);
    }
    known.clear();
    known.set(id, { at: parts.clock.now(), found });
    return found;
  };
}

async function attempted<T>(
  { sightOf, log }: PreviewParts,
  key: RepoKey,
  work: (sight: Extending) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work(await sightOf(key));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn("A preview leaves out a repository that cannot be read.", { repo: key.repo, reason });
    return undefined;
  }
}
