import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../src/core/result.ts";
import { wholeNumber } from "../src/sandbox/command-line.ts";
import { readTarGz } from "./corpus.ts";
import { figuresOf, linesOf } from "./render-report.ts";
import { proveCharts, proveFolders, proveOverlays, type Case } from "./render-run.ts";
import { findHelm, findKustomize } from "./render-tools.ts";

const USAGE = `Opts real overlays and charts in by owned files, and compares what kustomize and helm render before and after.

Usage: npm run bench:render -- CORPUS.tar.gz [options]

  --most N      at most N overlays, N folders and N charts, taken evenly from all (all of them)
  --workers N   how many render at a time (2)
  --show        print every overlay and chart that was refused or differs
  --json        the last line on stdout is one JSON object with every figure
  --help        this text

Needs kustomize (or kubectl) and helm on the path; what is missing is left out and said. Nothing is fetched: the programs run without a network.
Exit status: 0 when every opt-in changed what it says and nothing else, 1 when not or when nothing rendered, 2 for a wrong option or a file that cannot be read.
`;

type Asked = {
  readonly file: string;
  readonly most: number;
  readonly workers: number;
  readonly shows: boolean;
  readonly isJson: boolean;
};

const MANY = 1_000_000;

function asked(): Result<Asked | "help", string> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        most: { type: "string", default: String(MANY) },
        workers: { type: "string", default: "2" },
        show: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return ok("help");
    const [file, more] = positionals;
    if (file === undefined || more !== undefined)
      return err("Give one archive of manifests: npm run bench:render -- CORPUS.tar.gz");
    if (!existsSync(file)) return err(`There is no file ${file}.`);
    const most = wholeNumber("most", values.most, [1, MANY]);
    if (most.kind === "err") return most;
    const workers = wholeNumber("workers", values.workers, [1, 64]);
    if (workers.kind === "err") return workers;
    return ok({ file, most: most.value, workers: workers.value, shows: values.show, isJson: values.json });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<number> {
  const wanted = asked();
  if (wanted.kind === "err") return refuse(`${wanted.error}\n\n${USAGE}`);
  if (wanted.value === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  return prove(wanted.value);
}

async function prove({ file, most, workers, shows, isJson }: Asked): Promise<number> {
  const files = filesIn(file);
  if (files.kind === "err") return refuse(`${files.error}\n`);
  const [kustomize, helm] = [findKustomize(), findHelm()];
  const pace = { workers, most, tell: (words: string) => process.stderr.write(`${words}\n`) };
  const cases: readonly Case[] = [
    ...(kustomize === undefined ? [] : await proveOverlays(files.value, kustomize, pace)),
    ...(kustomize === undefined ? [] : await proveFolders(files.value, kustomize, pace)),
    ...(helm === undefined ? [] : await proveCharts(files.value, helm, pace)),
  ];
  const figures = figuresOf(cases);
  const tools = { kustomize: kustomize?.version ?? "absent", helm: helm?.version ?? "absent" };
  process.stdout.write(`${linesOf(figures, tools, shows ? cases : []).join("\n")}\n`);
  const isMet = figures.rendered > 0 && figures.changedOnlyIntended === 1;
  if (isJson) process.stdout.write(`${JSON.stringify({ ...figures, tools, target: 1, ok: isMet })}\n`);
  return isMet ? 0 : 1;
}

function filesIn(path: string): Result<ReadonlyMap<string, string>, string> {
  try {
    const files = readTarGz(path);
    return files.size > 0 ? ok(files) : err(`${path} holds no files.`);
  } catch (error) {
    return err(`${path} is no archive: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

process.exitCode = await main();
