import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../src/core/result.ts";
import { wholeNumber } from "../src/sandbox/command-line.ts";
import { readCases, type Case } from "./detect-cases.ts";
import { reportOf } from "./detect-report.ts";
import { judge, type Outcome } from "./detect-score.ts";
import { missText, reportText } from "./detect-text.ts";

const USAGE = `Measures what is found of the image bumps in real commits, and what is reported of commits that are none.

Usage: npm run bench:detect -- FILE.jsonl.gz [options]

  --json        the last line on stdout is one JSON object with every figure
  --misses N    print the first N moves that were missed or are false, with their cases
  --repo NAME   only cases of repositories whose name contains NAME
  --kind KIND   only misses in files of this kind are printed
  --help        this text

Exit status: 0 when measured, 2 for a wrong option or a file that is missing or cannot be read.
`;

type Asked = {
  readonly file: string;
  readonly isJson: boolean;
  readonly misses: number;
  readonly repo: string;
  readonly kind: string | undefined;
};

function asked(): Result<Asked | "help", string> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        misses: { type: "string", default: "0" },
        repo: { type: "string", default: "" },
        kind: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return ok("help");
    const [file, more] = positionals;
    if (file === undefined || more !== undefined)
      return err("Give one file of cases: npm run bench:detect -- FILE.jsonl.gz");
    if (!existsSync(file)) return err(`There is no file ${file}.`);
    const misses = wholeNumber("misses", values.misses, [0, 1_000_000]);
    if (misses.kind === "err") return misses;
    return ok({ file, isJson: values.json, misses: misses.value, repo: values.repo, kind: values.kind });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function casesOf({ file, repo }: Asked): Result<readonly Case[], string> {
  try {
    return ok(readCases(file).filter((one) => one.repo.includes(repo)));
  } catch (error) {
    return err(`${file} holds no cases: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function main(): number {
  const wanted = asked();
  if (wanted.kind === "err") return refuse(`${wanted.error}\n\n${USAGE}`);
  if (wanted.value === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  const cases = casesOf(wanted.value);
  if (cases.kind === "err") return refuse(`${cases.error}\n`);
  const started = performance.now();
  const outcomes = cases.value.map(judge);
  print(wanted.value, outcomes, performance.now() - started);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

function print({ isJson, misses, kind }: Asked, outcomes: readonly Outcome[], ms: number): void {
  const report = reportOf(outcomes);
  process.stdout.write(missText(outcomes, misses, kind));
  process.stdout.write(`${reportText(report)}\n${outcomes.length} cases in ${(ms / 1000).toFixed(1)} s\n`);
  if (isJson) process.stdout.write(`${JSON.stringify(report)}\n`);
}

process.exitCode = main();
