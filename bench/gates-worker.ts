import { parentPort } from "node:worker_threads";
import { play, type Job } from "./gates-job.ts";

const port = parentPort;
if (port === null) throw new Error("This is a thread of bench/gates.ts.");

port.on("message", (job: Job) => {
  port.postMessage(play(job));
});
