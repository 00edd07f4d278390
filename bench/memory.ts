import { numbersAsked, ranAs } from "./asked.ts";
import { ok, type Result } from "../src/core/result.ts";
import { BUDGET, isDear } from "./memory-cost.ts";
import { isMeasured, measureMemory, type Asked, type Phase, type SweepCost } from "./memory-run.ts";

const USAGE = `Measures what one process needs to look after many services with many releases in flight: memory at its peak, and what a sweep in
which nothing has changed costs. The whole bot runs over the sandbox as a process of its own, a repository an organisation. Linux only:
/proc says what a process needs.

Usage: npm run bench:memory -- [options]

  --services N      that Tidegate knows (default 10000)
  --repositories N  that they are spread over (default 20)
  --releases N      in flight at once (default 1000)
  --windows N       of two minutes that each has been measured for when it is first seen (default 60)
  --sweeps N        idle sweeps that are measured before and after (default 3)
  --collected N     further ones after each of which garbage is collected and the live heap is told (default 3)
  --every N         seconds from one sweep to the next (default 30)
  --minutes N       how long releases are waited for, from the start (default 30)
  --json            one JSON object on the last line
  --help            this text

Exit status: 0 when the target is met, 1 when not, 2 for a wrong option.
`;

/** Megabytes (10^6 bytes) of the process' resident memory, at any time; calls of a look in which nothing has changed, beside the pages of open pull requests. */
const TARGET = { peakMB: 600, calls: BUDGET } as const;

const NUMBERS = new Map([
  ["services", { default: 10_000, range: [1, 100_000] }],
  ["repositories", { default: 20, range: [1, 200] }],
  ["releases", { default: 1_000, range: [1, 10_000] }],
  ["windows", { default: 60, range: [5, 600] }],
  ["sweeps", { default: 3, range: [1, 100] }],
  ["collected", { default: 3, range: [0, 100] }],
  ["every", { default: 30, range: [10, 3_600] }],
  ["minutes", { default: 30, range: [1, 600] }],
] as const);

function asked(): Result<(Asked & { readonly isJson: boolean }) | "help", string> {
  const given = numbersAsked(NUMBERS);
  if (given.kind === "err") return given;
  if (given.value === "help") return ok("help");
  const { of, isJson } = given.value;
  return ok({
    services: of("services"),
    repositories: of("repositories"),
    releases: of("releases"),
    windows: of("windows"),
    sweeps: of("sweeps"),
    collected: of("collected"),
    every: of("every"),
    minutes: of("minutes"),
    isJson,
  });
}

type Found = Awaited<ReturnType<typeof measureMemory>>;

/** A column: its head, its width, and what it says of a phase. */
type Column = readonly [head: string, width: number, text: (phase: Phase) => string];

function mean(sweeps: readonly SweepCost[], of: (cost: SweepCost) => number): number {
  return sweeps.reduce((sum, cost) => sum + of(cost), 0) / sweeps.length;
}

function swept(of: (cost: SweepCost) => number, digits: number): (phase: Phase) => string {
  return ({ sweeps }) => (sweeps.length === 0 ? "" : mean(sweeps, of).toFixed(digits));
}

/** Looks at repositories in a sweep; a wake may fall due in it as well. */
function looksIn({ repositories }: SweepCost): number {
  return repositories.reduce((sum, { looks }) => sum + looks, 0);
}

function pointsIn({ repositories }: SweepCost): number {
  return repositories.reduce((sum, { points }) => sum + points, 0);
}

const COLUMNS: readonly Column[] = [
  ["in flight", 11, ({ inFlight }) => String(inFlight)],
  ["peak", 7, ({ peakMB }) => peakMB.toFixed(0)],
  ["end", 7, ({ endMB }) => endMB.toFixed(0)],
  ["took, s", 9, ({ seconds }) => seconds.toFixed(0)],
  ["of CPU", 8, ({ cpuSeconds }) => cpuSeconds.toFixed(0)],
  ["looks", 8, swept(looksIn, 0)],
  ["calls", 8, swept(({ calls }) => calls, 0)],
  ["points", 8, swept(pointsIn, 0)],
  ["CPU, s", 8, swept(({ cpuSeconds }) => cpuSeconds, 2)],
  ["gits, s", 9, swept(({ gitSeconds }) => gitSeconds, 2)],
  ["lasts, s", 10, swept(({ seconds }) => seconds, 1)],
];

function textOf({ phases, secondsToStart }: Found, { services, repositories, releases, windows }: Asked): string {
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(20)}${COLUMNS.map(([, width], index) => (cells[index] ?? "").padStart(width)).join("")}\n`;
  return [
    `${services} services in ${repositories} repositories, ${releases} releases asked for. Memory in MB, resident, of the bot's process alone; of a sweep the mean.\n`,
    `How they came in flight: their bumps, warm-ups and first weights had landed ${windows} windows of two minutes before; their next steps' pull requests, branches\n`,
    `and checks the bot opened by itself, and their gates it measured. The repositories took ${secondsToStart.toFixed(0)} s to make.\n\n`,
    row(
      "",
      COLUMNS.map(([head]) => head),
    ),
    ...phases.map((phase) =>
      row(
        phase.name,
        COLUMNS.map(([, , text]) => text(phase)),
      ),
    ),
    "\n",
    ...phases.map(looksText),
    ...phases.map(heapText),
    `\n  target: peak ≤ ${TARGET.peakMB} MB in every phase, all releases in flight and measured; at most ${TARGET.calls} calls and the pages of open pull requests for a look that writes nothing\n`,
  ].join("");
}

/** What a look at one repository cost, in sweeps in which nothing was written there. */
function looksText({ name, sweeps, stages }: Phase): string {
  const repositories = sweeps.flatMap((sweep) => sweep.repositories);
  if (repositories.length === 0) return "";
  const idle = repositories.filter(({ writes }) => writes === 0);
  const looks = idle.reduce((sum, one) => sum + one.looks, 0);
  const calls = idle.reduce((sum, one) => sum + one.calls, 0) / looks;
  const most = Math.max(...idle.map((one) => one.calls / one.looks));
  const allowed = Math.max(...idle.map((one) => one.allowed / one.looks));
  const all = sweeps.reduce((sum, sweep) => sum + looksIn(sweep), 0);
  const cpu = sweeps.reduce((sum, { cpuSeconds, gitSeconds }) => sum + cpuSeconds + gitSeconds, 0) / all;
  const standing = Object.entries(stages).map(([stage, count]) => `${count} ${stage.toLowerCase()}`);
  return `  ${name}: a look ${calls.toFixed(1)} calls, at most ${most.toFixed(1)} of ${allowed}, ${(cpu * 1_000).toFixed(0)} ms of CPU; ${repositories.length - idle.length} of ${repositories.length} wrote reports${standing.length === 0 ? "" : `; ${standing.join(", ")}`}\n`;
}

function heapText({ name, sweeps }: Phase): string {
  const heaps = sweeps.flatMap(({ heapMB }) => (heapMB === undefined ? [] : [heapMB]));
  if (heaps.length === 0) return "";
  return `  ${name}: live heap after each ${heaps.map((heap) => heap.toFixed(1)).join(", ")} MB\n`;
}

function isMet({ phases }: Found, { releases }: Asked): boolean {
  const last = phases.at(-1);
  const areMeasured = Object.keys(last?.stages ?? {}).every((stands) => isMeasured({ stands }));
  const isCheap = phases.every(({ sweeps }) => sweeps.every(({ repositories }) => !repositories.some(isDear)));
  return phases.every(({ peakMB }) => peakMB <= TARGET.peakMB) && last?.inFlight === releases && areMeasured && isCheap;
}

async function run(wanted: Asked & { readonly isJson: boolean }): Promise<number> {
  const found = await measureMemory(wanted, ({ name, peakMB, seconds }) =>
    process.stderr.write(`${name}: ${peakMB.toFixed(0)} MB, ${seconds.toFixed(0)} s\n`),
  );
  const ok = isMet(found, wanted);
  process.stdout.write(textOf(found, wanted));
  process.stdout.write(ok ? "\nThe target is met.\n" : "\nThe target is missed.\n");
  if (wanted.isJson) process.stdout.write(`${JSON.stringify({ ...found, target: TARGET, ok })}\n`);
  return ok ? 0 : 1;
}

process.exitCode = await ranAs(USAGE, asked(), run);
