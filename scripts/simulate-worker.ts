import { parentPort } from "node:worker_threads";
import { played, type Batch } from "../test/simulation/batch.ts";
import { teller } from "../test/simulation/seeds.ts";

const port = parentPort;
if (port === null) throw new Error("This is a thread of scripts/simulate.ts.");

const tell = teller();

function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

port.on("message", (batch: Batch) => {
  void played(batch, cpu, tell).then((tally) => port.postMessage(tally));
});
