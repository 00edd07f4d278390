import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "../../support/until.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

export type WorkerProcess = {
  /** What it said, a line each. */
  readonly lines: () => readonly string[];
  readonly kill: () => Promise<void>;
};

/** A process that works on a queue; each of its looks takes so many milliseconds. Resolves when it takes looks. Others soon take over from a quick one. */
export async function workerProcess(url: string, takesMs: number, further: readonly "quick"[]): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [WORKER, url, String(takesMs), ...further], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const lines = () => said.split("\n").filter((line) => line !== "");
  await until("a worker starts", () => lines().includes("works"));
  return {
    lines,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
