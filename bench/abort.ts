import { numbersAsked, ranAs } from "./asked.ts";
import { ok, type Result } from "../src/core/result.ts";
import { interruption } from "../src/sandbox/command-line.ts";
import { measureAborts, type Abort } from "./abort-run.ts";

const USAGE = `Measures how fast a release at 5% whose canary starts to fail is taken back: in the sandbox, with GitHub's default limits
and the bot's default gap of 1 s between writes.

Usage: npm run bench:abort -- [options]

  --runs N    how many aborts (default 10)
  --others N  other releases under way at 5% all the time (default 3)
  --json      one JSON object per abort on stdout; the last line is {"summary": …}
  --help      this text

Exit status: 0 when the target is met by every abort, 1 when not, 2 for a wrong option, 130 after Ctrl-C.
`;

/** The most that any abort may take. */
const TARGET = { decidedToLandedMs: 3_000, calls: 10, contentCreating: 3 } as const;

type Figure = { readonly p50: number; readonly max: number };

type Summary = {
  readonly aborts: number;
  readonly others: number;
  readonly decidedToLandedMs: Figure;
  readonly calls: Figure;
  readonly contentCreating: Figure;
  readonly failingToLandedMs: Figure;
  readonly target: typeof TARGET;
  readonly ok: boolean;
};

type Asked = { readonly runs: number; readonly others: number; readonly isJson: boolean };

const NUMBERS = new Map([
  ["runs", { default: 10, range: [1, 1000] }],
  ["others", { default: 3, range: [0, 100] }],
] as const);

function asked(): Result<Asked | "help", string> {
  const given = numbersAsked(NUMBERS);
  if (given.kind === "err") return given;
  if (given.value === "help") return ok("help");
  const { of, isJson } = given.value;
  return ok({ runs: of("runs"), others: of("others"), isJson });
}

async function run(wanted: Asked): Promise<number> {
  const { runs, others, isJson } = wanted;
  const signal = interruption();
  const onAbort = (abort: Abort) =>
    void process.stdout.write(isJson ? `${JSON.stringify({ abort })}\n` : lineOf(abort));
  const measured = await measureAborts({ aborts: runs, others, signal, onAbort });
  if (signal.aborted) return 130;
  const summary = summaryOf(measured, others);
  process.stdout.write(isJson ? `${JSON.stringify({ summary })}\n` : textOf(summary));
  return summary.ok ? 0 : 1;
}

function summaryOf(aborts: readonly Abort[], others: number): Summary {
  const decidedToLandedMs = figure(aborts.map((abort) => abort.decidedToLandedMs));
  const calls = figure(aborts.map((abort) => abort.calls));
  const contentCreating = figure(aborts.map((abort) => abort.contentCreating));
  return {
    aborts: aborts.length,
    others,
    decidedToLandedMs,
    calls,
    contentCreating,
    failingToLandedMs: figure(aborts.map((abort) => abort.failingToLandedMs)),
    target: TARGET,
    ok:
      decidedToLandedMs.max <= TARGET.decidedToLandedMs &&
      calls.max <= TARGET.calls &&
      contentCreating.max <= TARGET.contentCreating,
  };
}

function figure(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

function lineOf({ decidedToLandedMs, failingToLandedMs, calls, contentCreating }: Abort): string {
  return `abort after ${seconds(decidedToLandedMs)}, ${calls} calls, ${contentCreating} creating content; ${seconds(failingToLandedMs)} after the first failures\n`;
}

function textOf({ aborts, others, ok: isMet, ...figures }: Summary): string {
  const row = (name: string, { p50, max }: Figure, [show, target]: readonly [(value: number) => string, string]) =>
    `  ${name.padEnd(34)}${show(p50).padStart(9)}${show(max).padStart(9)}  ${target}\n`;
  const { decidedToLandedMs, calls, contentCreating, failingToLandedMs } = figures;
  return [
    `\n${aborts} aborts, ${others} other releases under way, GitHub's default limits, 1 s between ordinary writes.\n`,
    `From: the last answer of Prometheus that the bot got before the abort, which holds the measurement that fails.\n`,
    `To: GitHub's answer to the merge that brings weight 0 to the default branch. Calls are those answered in between.\n\n`,
    `  ${"".padEnd(34)}${"p50".padStart(9)}${"max".padStart(9)}  target\n`,
    row("failed verdict to commit", decidedToLandedMs, [seconds, `≤ ${seconds(TARGET.decidedToLandedMs)}`]),
    row("calls, REST and git", calls, [String, `≤ ${TARGET.calls}`]),
    row("creating content, pushes included", contentCreating, [String, `≤ ${TARGET.contentCreating}`]),
    row("first failures to commit", failingToLandedMs, [seconds, "none: mostly the gate's own time"]),
    isMet ? "\nThe target is met.\n" : "\nThe target is missed.\n",
  ].join("");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

process.exitCode = await ranAs(USAGE, asked(), run);
