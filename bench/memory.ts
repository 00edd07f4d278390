import { numbersAsked, ranAs } from "./asked.ts";
import { ok, type Result } from "../src/core/result.ts";
import { measureMemory, type Asked, type Phase } from "./memory-run.ts";

const USAGE = `Measures what one process needs to look after many services with many releases in flight: memory at its peak, and what a sweep in
which nothing has changed costs. The whole bot runs over the sandbox, a repository an organisation. Linux only: /proc says what a process needs.

Usage: npm run bench:memory -- [options]

  --services N      that Tidegate knows (default 10000)
  --repositories N  that they are spread over (default 20)
  --releases N      in flight at once (default 1000)
  --sweeps N        idle sweeps that are measured before and after (default 3)
  --every N         seconds from one sweep to the next (default 60)
  --minutes N       how long releases are waited for (default 30)
  --json            one JSON object on the last line
  --help            this text

Exit status: 0 when the target is met, 1 when not, 2 for a wrong option.
`;

/** Megabytes (10^6 bytes) of the process' resident memory, at any time. */
const TARGET = { peakMB: 600 } as const;

const NUMBERS = new Map([
  ["services", { default: 10_000, range: [1, 100_000] }],
  ["repositories", { default: 20, range: [1, 200] }],
  ["releases", { default: 1_000, range: [1, 10_000] }],
  ["sweeps", { default: 3, range: [1, 100] }],
  ["every", { default: 60, range: [10, 3_600] }],
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
    sweeps: of("sweeps"),
    every: of("every"),
    minutes: of("minutes"),
    isJson,
  });
}

function textOf(phases: readonly Phase[], { services, repositories, releases }: Asked): string {
  const row = ({ name, inFlight, peakMB, endMB, sweep }: Phase) =>
    [
      `  ${name.padEnd(24)}${String(inFlight).padStart(9)}${peakMB.toFixed(0).padStart(9)}${endMB.toFixed(0).padStart(9)}`,
      sweep === undefined
        ? ""
        : `${sweep.calls.toFixed(0).padStart(9)}${sweep.cpuSeconds.toFixed(2).padStart(11)}${sweep.gitSeconds.toFixed(2).padStart(11)}${sweep.seconds.toFixed(1).padStart(10)}`,
      "\n",
    ].join("");
  return [
    `${services} services in ${repositories} repositories, ${releases} releases asked for. Memory in MB, resident, of the bot's process alone; of a sweep the mean.\n\n`,
    `  ${"".padEnd(24)}${"in flight".padStart(9)}${"peak".padStart(9)}${"end".padStart(9)}${"calls".padStart(9)}${"CPU, s".padStart(11)}${"gits, s".padStart(11)}${"lasts, s".padStart(10)}\n`,
    ...phases.map(row),
    `\n  target: peak ≤ ${TARGET.peakMB} MB in every phase, all releases in flight\n`,
  ].join("");
}

async function run(wanted: Asked & { readonly isJson: boolean }): Promise<number> {
  const phases = await measureMemory(wanted, (phase) =>
    process.stderr.write(`${phase.name}: ${phase.peakMB.toFixed(0)} MB\n`),
  );
  const isMet = phases.every(({ peakMB }) => peakMB <= TARGET.peakMB) && phases.at(-1)?.inFlight === wanted.releases;
  process.stdout.write(textOf(phases, wanted));
  process.stdout.write(isMet ? "\nThe target is met.\n" : "\nThe target is missed.\n");
  if (wanted.isJson) process.stdout.write(`${JSON.stringify({ phases, target: TARGET, ok: isMet })}\n`);
  return isMet ? 0 : 1;
}

process.exitCode = await ranAs(USAGE, asked(), run);
