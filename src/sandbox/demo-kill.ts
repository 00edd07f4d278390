import { err, ok, type Result } from "../core/result.ts";
import { startMetricsFront, type MetricsFront } from "./cluster/metrics-front.ts";
import { interruption, optionsOf, wholeNumber } from "./command-line.ts";
import { killPoints, CALLS, type Blow } from "./kill-points.ts";
import { judged, runText, summaryOf, summaryText, type JudgedRun } from "./kill-report.ts";
import { playKillRun, type KillRun, type KillRunEnd } from "./kill-run.ts";
import { isRedisInstalled } from "./redis.ts";

const KILLS = { sole: 4, two: 2 } as const;
const REDIS_BLOWS: readonly Blow[] = ["killRedis", "flushRedis"];

const USAGE = `Plays a good and a bad version again and again, and kills the bot (kill -9) before or after its calls to GitHub and git.
Every run must end with the tree that a run without kills ends with, and nothing may happen twice.

Usage: npm run demo:kill -- [options]

  --runs N   how many runs with kills (default 20)
  --kills N  kills in each run, at most ${CALLS.length} (default 4), or ${CALLS.length - REDIS_BLOWS.length} (default ${KILLS.two}) with --redis
  --redis    two processes share a Redis, which is killed and flushed as well, once each in a run
  --at-once N  runs at the same time, each in a world of its own (default 3)
  --seed S   chooses where the bot is killed (default 1)
  --json     one JSON object per run on stdout; the last line is {"summary": …}
  --help     this text

Exit status: 0 when all ended alike, 1 when not, 2 for a wrong option, 130 after Ctrl-C.
`;

type Asked = {
  readonly runs: number;
  /** What each run gets. */
  readonly blows: readonly Blow[];
  readonly crew: "sole" | "two";
  readonly atOnce: number;
  readonly seed: string;
  readonly isJson: boolean;
};

function asked(): Result<Asked | "help", string> {
  const parsed = optionsOf({
    runs: { type: "string", default: "20" },
    kills: { type: "string" },
    redis: { type: "boolean", default: false },
    "at-once": { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (parsed.kind === "err") return parsed;
  const { help, seed, json, redis, ...numbers } = parsed.value;
  if (help) return ok("help");
  const crew = redis ? "two" : "sole";
  const besides = redis ? REDIS_BLOWS : [];
  const runs = wholeNumber("runs", numbers.runs, [1, 1000]);
  if (runs.kind === "err") return runs;
  const kills = wholeNumber("kills", numbers.kills ?? String(KILLS[crew]), [1, CALLS.length - besides.length]);
  if (kills.kind === "err") return kills;
  const atOnce = wholeNumber("at-once", numbers["at-once"], [1, 64]);
  if (atOnce.kind === "err") return atOnce;
  if (seed === "") return err("--seed must not be empty.");
  if (redis && !isRedisInstalled())
    return err("--redis needs redis-server, which is not installed: apt-get install redis-server");
  const blows = [...Array.from({ length: kills.value }, (): Blow => "kill"), ...besides];
  return ok({ runs: runs.value, blows, crew, atOnce: atOnce.value, seed, isJson: json });
}

async function main(): Promise<number> {
  const wanted = asked();
  if (wanted.kind === "err") {
    process.stderr.write(`${wanted.error}\n\n${USAGE}`);
    return 2;
  }
  if (wanted.value === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  const signal = interruption();
  const front = await startMetricsFront();
  try {
    return await playAll(wanted.value, front, signal);
  } finally {
    await front.close();
  }
}

async function playAll(options: Asked, front: MetricsFront, interrupted: AbortSignal): Promise<number> {
  const { runs, blows, crew, atOnce, seed, isJson } = options;
  const failing = new AbortController();
  const signal = AbortSignal.any([interrupted, failing.signal]);
  const began = Date.now();
  const play = (run: KillRun) =>
    playKillRun(run, { front, seed, crew, signal }).catch((error: unknown) => {
      // A run that cannot even be played ends them all, each of which cleans up.
      failing.abort();
      throw error;
    });
  const ended: JudgedRun[] = [];
  const tell = (run: KillRunEnd, undisturbed: KillRunEnd) => {
    const told = judged(run, undisturbed);
    ended.push(told);
    process.stdout.write(isJson ? `${JSON.stringify({ run: told })}\n` : runText(told));
  };
  const undisturbed = await play({ number: 0, points: [] });
  if (undisturbed === undefined) return 130;
  tell(undisturbed, undisturbed);
  const all = killPoints(seed, runs, blows).map((points, index): KillRun => ({ number: index + 1, points }));
  await inLanes(all, atOnce, async (run) => {
    const end = signal.aborted ? undefined : await play(run);
    if (end !== undefined) tell(end, undisturbed);
  });
  if (signal.aborted) return 130;
  const summary = summaryOf(ended, { runs, blows: [...new Set(blows)] }, (Date.now() - began) / 1000);
  process.stdout.write(isJson ? `${JSON.stringify({ summary })}\n` : summaryText(summary));
  return summary.ok ? 0 : 1;
}

/** Works everything off in order, that many at once. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = ended.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

process.exitCode = await main();
