import { sha, type Sha } from "../../core/names.ts";
import type { Log } from "../../ports/log.ts";
import { GitError } from "./error.ts";
import { removeLocks, replaceMirror } from "./mirror.ts";
import { fetchRefs, type Origin } from "./remote.ts";
import { git } from "./run.ts";

/** Brings a mirror up to date, one update after the other, and clones it anew when an update or a reader finds it damaged. */
export type Upkeep = {
  readonly update: () => Promise<ReadonlyMap<string, Sha>>;
  /** The same task; when it finds the mirror damaged, the next update replaces the mirror. */
  readonly noticing: <A extends readonly unknown[], T>(task: (...args: A) => Promise<T>) => (...args: A) => Promise<T>;
};

const UPDATES_PER_TIDYING = 500;
const TIDYING_MS = 10 * 60_000;

/** The upkeep of one mirror, which has no other. */
export function upkeepOf(origin: Origin, log: Log): Upkeep {
  const inTurn = turns();
  let damage: string | undefined;
  let updates = 0;
  const update = async () => {
    await (damage === undefined ? fetchOrHeal(origin, log) : heal(origin, log, damage));
    damage = undefined;
    updates += 1;
    if (updates % UPDATES_PER_TIDYING === 0) await tidy(origin, log);
    return refsOf(origin);
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

async function fetchOrHeal(origin: Origin, log: Log): Promise<void> {
  try {
    await fetchRefs(origin);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.fault === "locked") return unlock(origin, log);
    if (error.fault === "damaged") return heal(origin, log, error.message);
    throw error;
  }
}

async function unlock(origin: Origin, log: Log): Promise<void> {
  await removeLocks(origin.directory, log);
  await fetchRefs(origin);
}

async function heal(origin: Origin, log: Log, because: string): Promise<void> {
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
