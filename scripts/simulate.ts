import { availableParallelism } from "node:os";
import { err, ok, type Result } from "../src/core/result.ts";
import { interruption, optionsOf, wholeNumber } from "../src/sandbox/command-line.ts";
import { kindOf, type FailedSeed, type Kinds } from "../test/simulation/batch.ts";
import { MUTANTS } from "../test/simulation/mutants.ts";
import { reduced, traced } from "../test/simulation/retell.ts";
import { run } from "./simulate-run.ts";
import { summaryOf, summaryText } from "./simulate-report.ts";

const USAGE = `Plays stories in the model world, git, GitHub and a cluster as values on a virtual clock, and holds each against the laws.
A seed that breaks a law is reduced to a smallest story that still does, and told line by line.

Usage: npm run simulate -- [options]

  --seeds N    how many seeds (default 2000; with --mutants 200 for each)
  --from S     the first seed (default 0)
  --kind K     alone: bump bots and what goes wrong; people: people in them as well; all: three of four with people (default all)
  --mutants    play bots that break a law, and say in how many seeds each was caught
  --jobs J     threads (default: as many as there are cores)
  --trace S    tell one seed's story, as it is, and nothing else
  --json       results as JSON, an object a line; the last is {"summary": …}
  --help       this text

Exit status: 0 when no law was broken (with --mutants: when every mutant was caught), 1 when not, 2 for a wrong option,
130 after Ctrl-C.
`;

type Asked = {
  readonly seeds: number;
  readonly from: number;
  readonly kinds: Kinds;
  readonly isMutants: boolean;
  readonly jobs: number;
  readonly trace: number | undefined;
  readonly isJson: boolean;
};

const MOST = 100_000_000;

function asked(): Result<Asked | "help", string> {
  const parsed = optionsOf({
    seeds: { type: "string" },
    from: { type: "string", default: "0" },
    kind: { type: "string", default: "all" },
    mutants: { type: "boolean", default: false },
    jobs: { type: "string", default: String(availableParallelism()) },
    trace: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (parsed.kind === "err") return parsed;
  const { value } = parsed;
  if (value.help) return ok("help");
  const seeds = wholeNumber("seeds", value.seeds ?? (value.mutants ? "200" : "2000"), [1, MOST]);
  if (seeds.kind === "err") return seeds;
  const from = wholeNumber("from", value.from, [0, MOST]);
  if (from.kind === "err") return from;
  const jobs = wholeNumber("jobs", value.jobs, [1, 64]);
  if (jobs.kind === "err") return jobs;
  const trace = value.trace === undefined ? ok(undefined) : wholeNumber("trace", value.trace, [0, MOST]);
  if (trace.kind === "err") return trace;
  const kinds = (["alone", "people", "all"] as const).find((kind) => kind === value.kind);
  if (kinds === undefined) return err(`--kind must be alone, people or all, not ${JSON.stringify(value.kind)}.`);
  return ok({
    seeds: seeds.value,
    from: from.value,
    kinds,
    isMutants: value.mutants,
    jobs: jobs.value,
    trace: trace.value,
    isJson: value.json,
  });
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
  const options = wanted.value;
  const signal = interruption();
  if (options.trace !== undefined) return tell(options.trace, options);
  return options.isMutants ? mutants(options, signal) : laws(options, signal);
}

async function tell(seed: number, { kinds, isJson }: Asked): Promise<number> {
  const lines = await traced({ kind: kindOf(kinds, seed), seed });
  process.stdout.write(isJson ? `${JSON.stringify({ seed, trace: lines })}\n` : `${lines.join("\n")}\n`);
  return lines.some((line) => line.startsWith("BROKEN")) ? 1 : 0;
}

async function laws(options: Asked, signal: AbortSignal): Promise<number> {
  const progress = progressOf(`of ${options.seeds} seeds`);
  const broke = ({ seed, breaches }: FailedSeed) => {
    progress.done();
    process.stderr.write(`seed ${seed} broke a law: ${lawsOf(breaches)}\n`);
  };
  const tally = await run({ ...options, mutant: undefined, signal, told: progress.told, broke });
  progress.done();
  if (tally === undefined) return 130;
  for (const failed of tally.failed.slice(0, MOST_TOLD)) {
    if (signal.aborted) return 130;
    await tellFailed(failed, options);
  }
  const rest = tally.failed.slice(MOST_TOLD);
  const seeds = rest.map(({ seed, breaches }) => `${seed} (${lawsOf(breaches)})`);
  if (options.isJson) for (const failed of rest) process.stdout.write(`${JSON.stringify({ failed })}\n`);
  else if (rest.length > 0) process.stdout.write(`also broke a law: ${seeds.join(", ")}\n\n`);
  const summary = summaryOf(tally);
  process.stdout.write(options.isJson ? `${JSON.stringify({ summary })}\n` : summaryText(summary));
  return tally.failed.length === 0 ? 0 : 1;
}

/** Failing seeds that are reduced and told; of the others only the number. */
const MOST_TOLD = 3;

async function tellFailed({ seed, kind, breaches }: FailedSeed, { isJson }: Asked): Promise<void> {
  const [first] = breaches;
  if (first === undefined) return;
  const progress = progressOf(`tries to reduce seed ${seed}`);
  const { parts, trace } = await reduced({ kind, seed }, first, progress.told);
  progress.done();
  if (isJson)
    return void process.stdout.write(`${JSON.stringify({ failed: { seed, kind, breaches, parts, trace } })}\n`);
  const head = `seed ${seed} (${kind}) breaks ${lawsOf(breaches)}; ${parts.events} events and ${parts.misfortunes} misfortunes are enough:`;
  process.stdout.write(`${head}\n${trace.map((line) => `  ${line}`).join("\n")}\n\n`);
}

function lawsOf(breaches: FailedSeed["breaches"]): string {
  return [...new Set(breaches.map(({ law }) => law))].join(", ");
}

async function mutants(options: Asked, signal: AbortSignal): Promise<number> {
  let missed = 0;
  for (const [mutant, { what, law }] of MUTANTS.entries()) {
    const progress = progressOf(`of ${options.seeds} seeds: ${what}`);
    const tally = await run({ ...options, mutant, signal, told: progress.told, broke: () => undefined });
    progress.done();
    if (tally === undefined) return 130;
    const caught = tally.failed.filter(({ breaches }) => breaches.some((breach) => breach.law === law)).length;
    if (caught === 0) missed += 1;
    process.stdout.write(
      options.isJson
        ? `${JSON.stringify({ mutant: { what, law, caught, seeds: options.seeds } })}\n`
        : `${law.padEnd(16)} ${String(caught).padStart(6)} of ${options.seeds}  ${what}\n`,
    );
  }
  const summary = { mutants: MUTANTS.length, missed };
  process.stdout.write(
    options.isJson ? `${JSON.stringify({ summary })}\n` : `${MUTANTS.length} mutants, ${missed} of them not caught\n`,
  );
  return missed === 0 ? 0 : 1;
}

type Progress = { readonly told: (done: number, failed: number) => void; readonly done: () => void };

/** A line of progress on stderr: every second on a terminal, in place; every ten elsewhere. */
function progressOf(of: string): Progress {
  const isTerminal = process.stderr.isTTY;
  const begun = Date.now();
  let last = begun;
  return {
    told: (done, also) => {
      const now = Date.now();
      if (now - last < (isTerminal ? 1_000 : 10_000)) return;
      last = now;
      const line = `${done} ${of} (${also}), ${Math.round((now - begun) / 1000)} s`;
      process.stderr.write(isTerminal ? `\r\u001B[K${line}` : `${line}\n`);
    },
    done: () => void (isTerminal && process.stderr.write("\r\u001B[K")),
  };
}

process.exitCode = await main();
