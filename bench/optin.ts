import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../src/core/result.ts";
import { ranAs } from "./asked.ts";
import { readTarGz } from "./corpus.ts";
import { figuresOf, linesOf } from "./optin-report.ts";
import { optInAll } from "./optin-run.ts";
import { wholeNumber } from "../src/sandbox/command-line.ts";
import { findKustomize } from "./render-tools.ts";

const USAGE = `Opts every service of real repositories in and out again, and says how many could be, and why the others not.

Usage: npm run bench:optin -- CORPUS.tar.gz [options]

  --show CODE   print every refusal with that code (all: every one)
  --no-render   leave kustomize out
  --at-once N   render so many services at once (default 2)
  --limit N     leave out all but the first N services in targets
  --json        the last line on stdout is one JSON object with every figure
  --help        this text

Exit status: 0 when nothing crashed, every conversion taken back gives the files of before and renders as intended, and at least 90 %
of the Deployments that are stateless, have a Service and are plain or Kustomize's convert; 1 when not, 2 for a wrong option.
`;

type Asked = {
  readonly file: string;
  readonly show: string | undefined;
  readonly renders: boolean;
  readonly atOnce: number;
  readonly limit: number | undefined;
  readonly isJson: boolean;
};

function asked(): Result<Asked | "help", string> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        show: { type: "string" },
        "no-render": { type: "boolean", default: false },
        "at-once": { type: "string", default: "2" },
        limit: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return ok("help");
    const [file, more] = positionals;
    if (file === undefined || more !== undefined)
      return err("Give one archive of manifests: npm run bench:optin -- CORPUS.tar.gz");
    if (!existsSync(file)) return err(`There is no file ${file}.`);
    const atOnce = wholeNumber("at-once", values["at-once"], [1, 64]);
    if (atOnce.kind === "err") return atOnce;
    const limit = values.limit === undefined ? ok(undefined) : wholeNumber("limit", values.limit, [1, 1_000_000]);
    if (limit.kind === "err") return limit;
    const renders = !values["no-render"];
    return ok({ file, show: values.show, renders, atOnce: atOnce.value, limit: limit.value, isJson: values.json });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

const LEAST = 0.9;

async function run({ file, show, renders, atOnce, limit, isJson }: Asked): Promise<number> {
  const kustomize = renders ? findKustomize() : undefined;
  let asked = 0;
  const outcomes = await optInAll(readTarGz(file), {
    kustomize,
    atOnce,
    isAsked: () => limit === undefined || (asked += 1) <= limit,
    tell: (progress) => void process.stderr.write(`${progress}\n`),
  });
  const figures = figuresOf(outcomes);
  process.stdout.write(`${linesOf(figures, outcomes, { show, kustomize: kustomize?.version }).join("\n")}\n`);
  const isMet = figures.crashed + figures.notSame + figures.different === 0 && figures.share >= LEAST;
  if (isJson) process.stdout.write(`${JSON.stringify({ ...figures, target: LEAST, ok: isMet })}\n`);
  return isMet ? 0 : 1;
}

process.exitCode = await ranAs(USAGE, asked(), run);
