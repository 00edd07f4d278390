import { setTimeout as sleep } from "node:timers/promises";
import { jsonLogger, logTo } from "./adapters/log.ts";
import { logContext } from "./adapters/observe/context.ts";
import { memoryQueue } from "./adapters/queue/memory.ts";
import { SYSTEM_TIMERS } from "./adapters/queue/timers.ts";
import type { SharedWork } from "./adapters/redis/shared-work.ts";
import { startTidegate } from "./server/bot.ts";
import { UserError } from "./core/error.ts";
import { redactor } from "./core/redact.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import { misnamedIn, secretsIn, settingsOf, type Settings } from "./operator/settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const REPOSITORIES_AT_ONCE = 8;
const MOST_REPOSITORIES = 10_000;

/** Runs a Tidegate on the machine's time and environment until a signal ends the process. */
async function run(environment: Environment): Promise<void> {
  const settings = settingsOf(environment);
  const context = logContext();
  const logger = jsonLogger(settings.LOG_LEVEL, undefined, {
    around: context.fields,
    secrets: [...secretsIn(environment), settings.PRIVATE_KEY],
  });
  const log = logTo(logger);
  for (const { written, known } of misnamedIn(environment))
    log.warn("A variable of the environment is read by nothing.", { variable: written, probably: known });
  const clock: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };
  const timers = SYSTEM_TIMERS;
  const work = await workOf(settings, log);
  const own = { context, ofProcess: true };
  // Heard from now on: whoever ends it while it starts does not cut off what it has begun.
  const told = ended();
  const tidegate = await startTidegate({ settings, logger, clock, timers, ...work, environment, ...own });
  await told;
  log.info("Tidegate ends: what is under way is finished first.");
  await tidegate.stop();
  // What did not end in time is cut off: a look that hangs, or a Redis that does not answer, keeps no process alive.
  process.exit();
}

/** The queue inside the process, or the one on Redis with what keeps its processes apart. */
async function workOf(
  { QUEUE_URL: url }: Settings,
  log: Log,
): Promise<Pick<SharedWork, "queue"> & Partial<SharedWork>> {
  const timers = SYSTEM_TIMERS;
  const concurrency = REPOSITORIES_AT_ONCE;
  if (url === undefined) return { queue: memoryQueue({ timers, log, concurrency, capacity: MOST_REPOSITORIES }) };
  // Some 13 MB of a process that has no Redis.
  const { sharedWork } = await import("./adapters/redis/shared-work.ts");
  return sharedWork({ url, timers, log, concurrency });
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

/** Runs Tidegate by this environment; resolves to its exit status where it could not start, and ends the process otherwise. */
export async function serve(environment: Environment): Promise<number> {
  try {
    await run(environment);
    return 0;
  } catch (error) {
    // A connection that stays open would keep the process alive.
    process.stderr.write(`${redactor(secretsIn(environment))(wordsOf(error))}\n`, () => process.exit(1));
    return 1;
  }
}

if (import.meta.main) process.exitCode = await serve(process.env);
