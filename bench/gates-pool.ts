import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Job, Played } from "./gates-job.ts";

const WORKER = new URL("gates-worker.ts", import.meta.url);

/** Plays jobs on all cores, each thread taking the next as it is done with one; what comes back is in the jobs' order. */
export async function playAll(jobs: readonly Job[]): Promise<readonly Played[]> {
  const played: Played[] = [];
  const queue = jobs.entries();
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
    const settled = new AbortController();
    const { signal } = settled;
    const once = (event: string, then: (value: never) => void) => {
      const listen = (value: never) => {
        settled.abort();
        then(value);
      };
      thread.once(event, listen);
      signal.addEventListener("abort", () => thread.off(event, listen));
    };
    once("message", resolve);
    once("error", reject);
    thread.postMessage(job);
  });
}
