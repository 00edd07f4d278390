import { setTimeout as sleep } from "node:timers/promises";
import { jsonLogger, logTo } from "./adapters/log.ts";
import { memoryQueue } from "./adapters/queue/memory.ts";
import { SYSTEM_TIMERS } from "./adapters/queue/timers.ts";
import { startTidegate } from "./bot.ts";
import { UserError } from "./core/error.ts";
import { redact } from "./core/redact.ts";
import type { Clock } from "./ports/clock.ts";
import { settingsOf } from "./settings.ts";

const REPOSITORIES_AT_ONCE = 8;
const MOST_REPOSITORIES = 10_000;

/** Runs a Tidegate on the machine's time and environment until a signal ends the process. */
async function main(): Promise<void> {
  const settings = settingsOf(process.env);
  const logger = jsonLogger(settings.LOG_LEVEL);
  const log = logTo(logger);
  const clock: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };
  const timers = SYSTEM_TIMERS;
  const queue = memoryQueue({ timers, log, concurrency: REPOSITORIES_AT_ONCE, capacity: MOST_REPOSITORIES });
  const tidegate = await startTidegate({ settings, logger, clock, timers, queue, environment: process.env });
  await ended();
  log.info("Tidegate ends: what is under way is finished first.");
  await tidegate.stop();
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

/** A mistake of the operator's is said in its own words; anything else is a fault of ours, and says where. */
function wordsOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${redact(wordsOf(error))}\n`);
  process.exitCode = 1;
}
