import { Worker } from "node:worker_threads";
import { NOTHING, together, type Batch, type FailedSeed, type Tally } from "../test/simulation/batch.ts";

/** Seeds that a thread plays at once. */
const AT_ONCE = 50;

export type Run = Pick<Batch, "kinds" | "from" | "seeds" | "mutant"> & {
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly told: (seeds: number, failed: number) => void;
  /** Called at once with each seed that broke a law: an interrupted run has told of them too. */
  readonly broke: (failed: FailedSeed) => void;
};

/** Plays seeds on several threads. The tally is the same whatever their number; undefined where it was interrupted. */
export async function run({ kinds, from, seeds, mutant, jobs, signal, told, broke }: Run): Promise<Tally | undefined> {
  const batches: Batch[] = [];
  for (let at = 0; at < seeds; at += AT_ONCE)
    batches.push({ kinds, from: from + at, seeds: Math.min(AT_ONCE, seeds - at), mutant });
  const tallies: Tally[] = [];
  const waiting = [...batches.entries()].values();
  const worked = async (worker: Worker) => {
    for (const [index, batch] of waiting) {
      if (signal.aborted) return;
      const tally = await answerOf(worker, batch, signal);
      if (tally === undefined) return;
      tallies[index] = tally;
      tally.failed.forEach(broke);
      const done = tallies.flatMap((one) => one ?? []);
      told(
        done.reduce((sum, one) => sum + one.seeds, 0),
        done.reduce((sum, one) => sum + one.failed.length, 0),
      );
    }
  };
  const workers = Array.from(
    { length: Math.min(jobs, batches.length) },
    () => new Worker(new URL("simulate-worker.ts", import.meta.url)),
  );
  try {
    await Promise.all(workers.map(worked));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return signal.aborted ? undefined : tallies.reduce(together, NOTHING);
}

function answerOf(worker: Worker, batch: Batch, signal: AbortSignal): Promise<Tally | undefined> {
  return new Promise((resolve, reject) => {
    const interrupted = () => resolve(undefined);
    signal.addEventListener("abort", interrupted, { once: true });
    worker.once("message", (tally: Tally) => {
      signal.removeEventListener("abort", interrupted);
      worker.removeListener("error", reject);
      resolve(tally);
    });
    worker.once("error", reject);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(batch);
  });
}
