import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Loaded into the process that is measured: on SIGUSR2 it collects its garbage and says on stderr how much of its heap is live. Nothing of it runs before. */
process.on("SIGUSR2", () => {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") for (let times = 0; times < 2; times += 1) Reflect.apply(collect, undefined, []);
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.stderr.write(`${JSON.stringify({ collected: { heapUsed, external, arrayBuffers } })}\n`);
});
