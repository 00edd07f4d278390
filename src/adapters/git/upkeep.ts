import { sha, type Sha } from "../../core/names.ts";
import type { Log } from "../../ports/log.ts";
import { GitError } from "./error.ts";
import { removeLocks, replaceMirror } from "./mirror.ts";
import { fetchRefs, type Fetched, type Origin } from "./remote.ts";
import { git } from "./run.ts";

/** Brings a mirror up to date, one update after the other, and clones it anew when an update or a reader finds it damaged. */
export type Upkeep = {
  readonly update: () => Promise<ReadonlyMap<string, Sha>>;
  /** The same task; when it finds the mirror damaged, the next update replaces the mirror. */
  readonly noticing: <A extends readonly unknown[], T>(task: (...args: A) => Promise<T>) => (...args: A) => Promise<T>;
};

const UPDATES_PER_TIDYING = 500;
const TIDYING_MS = 10 * 60_000;

/** The upkeep of one mirror, which has no other. Whoever holds the mirror open lets go of it by `release` before it is replaced. */
export function upkeepOf(origin: Origin, log: Log, release: () => void): Upkeep {
  const heal = async (because: string): Promise<Fetched> => {
    release();
    await replaced(origin, log, because);
    // What was asked meanwhile may have been asked of the one that is gone.
    release();
    return "moved";
  };
  const inTurn = turns();
  let damage: string | undefined;
  let updates = 0;
  let refs: ReadonlyMap<string, Sha> | undefined;
  const update = async () => {
    const before = refs;
    // A fetch that fails half-way may have moved some of them.
    refs = undefined;
    const fetched = await (damage === undefined ? fetchOr(heal, origin, log) : heal(damage));
    damage = undefined;
    updates += 1;
    if (updates % UPDATES_PER_TIDYING === 0) await tidy(origin, log);
    refs = before !== undefined && fetched === "unmoved" ? before : await refsOf(origin);
    return refs;
  };
  return {
    update: () => inTurn(update),
    noticing:
      (task) =>
      async (...args) => {
        try {
          return await task(...args);
        } catch (error) {
          if (error instanceof GitError && error.fault === "damaged") damage = error.message;
          throw error;
        }
      },
  };
}

async function fetchOr(heal: (because: string) => Promise<Fetched>, origin: Origin, log: Log): Promise<Fetched> {
  try {
    return await fetchRefs(origin);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.fault === "locked") return unlock(origin, log);
    if (error.fault === "damaged") return heal(error.message);
    throw error;
  }
}

// The one that found the lock may have moved refs before it did.
async function unlock(origin: Origin, log: Log): Promise<Fetched> {
  await removeLocks(origin.directory, log);
  await fetchRefs(origin);
  return "moved";
}

async function replaced(origin: Origin, log: Log, because: string): Promise<void> {
  log.warn("The mirror is damaged and is cloned anew.", { directory: origin.directory, because });
  await replaceMirror(origin);
}

async function refsOf(origin: Origin): Promise<ReadonlyMap<string, Sha>> {
  const output = await git(origin, ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/pull"]);
  const lines = output.toString().split("\n").filter(Boolean);
  return new Map(lines.map((line) => [line.slice(41), sha(line.slice(0, 40))]));
}

/** Packs what many small fetches and commits have left lying about. In the foreground: nothing of git's may run when we do not know. */
async function tidy(origin: Origin, log: Log): Promise<void> {
  const patient: Origin = { ...origin, timeoutMs: TIDYING_MS };
  await git(patient, ["-c", "gc.auto=6700", "-c", "gc.autoDetach=false", "gc", "--auto", "--quiet"]).catch(
    (error: unknown) => {
      log.warn("The mirror could not be tidied.", { because: error instanceof Error ? error.message : String(error) });
    },
  );
}

/** Runs tasks one after the other, in the order in which they were given. */
function turns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task, task);
    last = mine;
    return mine;
  };
}
