import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Job, Played } from "./gates-job.ts";

const WORKER = new URL("gates-worker.ts", import.meta.url);

/** Plays jobs on all cores, each thread taking the next as it is done with one; what comes back is in the jobs' order. */
export async function playAll(jobs: readonly Job[]): Promise<readonly Played[]> {
  const played: Played[] = [];
  // One iterator for all threads: each job is taken once.
  const queue = [...jobs.entries()].values();
  const threads = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, () => new Worker(WORKER));
  try {
    await Promise.all(
      threads.map(async (thread) => {
        for (const [position, job] of queue) played[position] = await playedBy(thread, job);
      }),
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return played;
}

function playedBy(thread: Worker, job: Job): Promise<Played> {
  return new Promise((resolve, reject) => {
    thread.once("message", (played: Played) => {
      thread.removeListener("error", reject);
      resolve(played);
    });
    thread.once("error", reject);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(job);
  });
}
