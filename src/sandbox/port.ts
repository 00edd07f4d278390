import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below what Linux (from 32768) and the other systems (from 49152) give to outgoing connections: those would take a port
// that its owner gives up for a moment, as a program does that is killed and started again.
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;

/** A loopback port that nobody listened on a moment ago, and that the system gives to nobody who does not name it; tries `candidate` until one is free. */
export async function freePort(candidate: () => number = () => randomInt(LOWEST, HIGHEST)): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = candidate();
    if (await isFree(port)) return port;
  }
  throw new Error(`No port could be had: ${ATTEMPTS} were taken.`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
