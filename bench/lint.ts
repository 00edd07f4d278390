import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ok, type Result } from "../src/core/result.ts";
import { numbersAsked, ranAs } from "./asked.ts";
import type { Delivered } from "./lint-fleet.ts";
import { LintRun, lintRun } from "./lint-run.ts";

const USAGE = `Makes repositories of services in one namespace, lints them as tidegate lint does, and parses the same files with
the yaml package alone: what the rules cost besides reading, and whether that stays the same in larger repositories.

Usage: npm run bench:lint -- [options]

  --services N  how many services (default 2000); a quarter of them is linted first, to see what grows
  --json        the last line on stdout is one JSON object
  --help        this text

Exit status: 0 when all that was planted was found, linting takes at most 5 times as long as parsing, and that ratio is at most
1.5 times that of the quarter; 1 when not, 2 for a wrong option.
`;

/** The most that linting may cost, in parsings; and the most that this may grow by from a quarter of the services. */
const TARGET = { ratio: 5, growth: 1.5 } as const;

type Asked = { readonly services: number; readonly isJson: boolean };

const NUMBERS = new Map([["services", { default: 2000, range: [40, 50_000] }]] as const);

function asked(): Result<Asked | "help", string> {
  const given = numbersAsked(NUMBERS);
  if (given.kind === "err") return given;
  if (given.value === "help") return ok("help");
  const { of, isJson } = given.value;
  return ok({ services: of("services"), isJson });
}

type Pair = { readonly small: LintRun; readonly whole: LintRun; readonly growth: number };

/** Each size in a process of its own: what was compiled or kept for one counts for no other. */
function measured(services: number, delivered: Delivered): Pair {
  const [small, whole] = [inProcess(Math.ceil(services / 4), delivered), inProcess(services, delivered)];
  return { small, whole, growth: whole.ratio / small.ratio };
}

const ONE = "--one";

function inProcess(services: number, delivered: Delivered): LintRun {
  const given = [fileURLToPath(import.meta.url), ONE, String(services), delivered];
  const said = execFileSync(process.execPath, given, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return LintRun.parse(JSON.parse(said));
}

function textOf({ small, whole, growth }: Pair): string {
  const row = (name: string, value: string) => `  ${name.padEnd(52)}${value.padStart(12)}\n`;
  return [
    `${whole.services} services, delivered ${whole.delivered}\n`,
    row("files", String(whole.files)),
    row("MiB", (whole.bytes / 2 ** 20).toFixed(1)),
    row("linted, all in all", `${whole.wallSeconds.toFixed(1)} s`),
    row("processor's time for it", `${whole.lintSeconds.toFixed(1)} s`),
    row("processor's time of parsing by the yaml package", `${whole.parseSeconds.toFixed(1)} s`),
    row("linting, in parsings", whole.ratio.toFixed(2)),
    row(`the same of ${small.services} services`, small.ratio.toFixed(2)),
    row("the one by the other", growth.toFixed(2)),
    row("most memory", `${whole.peakMiB.toFixed(0)} MiB`),
    row("all that was planted was found", whole.isRight && small.isRight ? "yes" : "NO"),
  ].join("");
}

function isMet({ small, whole, growth }: Pair): boolean {
  return small.isRight && whole.isRight && whole.ratio <= TARGET.ratio && growth <= TARGET.growth;
}

async function run({ services, isJson }: Asked): Promise<number> {
  const pairs = (["apart", "together"] as const).map((delivered) => {
    const pair = measured(services, delivered);
    process.stdout.write(textOf(pair));
    return pair;
  });
  const isOk = pairs.every(isMet);
  if (isJson) process.stdout.write(`${JSON.stringify({ pairs, target: TARGET, ok: isOk })}\n`);
  return Promise.resolve(isOk ? 0 : 1);
}

const [first, services, delivered] = process.argv.slice(2);
if (first === ONE)
  process.stdout.write(
    JSON.stringify(await lintRun(Number(services), delivered === "together" ? "together" : "apart")),
  );
else process.exitCode = await ranAs(USAGE, asked(), run);
