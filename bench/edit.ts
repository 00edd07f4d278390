import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../src/core/result.ts";
import { wholeNumber } from "../src/sandbox/command-line.ts";
import { readTarGz } from "./corpus.ts";
import { measureEdits, type Measured } from "./edit-report.ts";
import { speedOf, type Speed } from "./edit-speed.ts";

const USAGE = `Sets every image and every weight that is read in real manifests to another value and back.

Usage: npm run bench:edit -- MANIFESTS.tar.gz [options]

  --json        the last line on stdout is one JSON object with every figure
  --misses N    print the first N places that a full parse finds and that are not read
  --help        this text

Exit status: 0 when every target is met, 1 when not, 2 for a wrong option or a file that is missing or cannot be read.
`;

type Asked = { readonly file: string; readonly isJson: boolean; readonly misses: number };

function asked(): Result<Asked | "help", string> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        misses: { type: "string", default: "0" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return ok("help");
    const [file, more] = positionals;
    if (file === undefined || more !== undefined) {
      return err("Give one archive of manifests: npm run bench:edit -- MANIFESTS.tar.gz");
    }
    if (!existsSync(file)) return err(`There is no file ${file}.`);
    const misses = wholeNumber("misses", values.misses, [0, 1_000_000]);
    return misses.kind === "err" ? misses : ok({ file, isJson: values.json, misses: misses.value });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function filesIn(path: string): Result<ReadonlyMap<string, string>, string> {
  try {
    const files = readTarGz(path);
    return files.size > 0 ? ok(files) : err(`${path} holds no files.`);
  } catch (error) {
    return err(`${path} is no archive: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function main(): number {
  const wanted = asked();
  if (wanted.kind === "err") return refuse(`${wanted.error}\n\n${USAGE}`);
  if (wanted.value === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  const files = filesIn(wanted.value.file);
  if (files.kind === "err") return refuse(`${files.error}\n`);
  const measured = measureEdits(files.value);
  const speed = speedOf([...files.value].map(([path, text]) => ({ path, text })));
  return print(wanted.value, { ...measured, speed });
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

/** What the issue asks for. */
const TARGET = { coverage: 0.99, minimalShare: 1, identicalBackShare: 1, refusedShare: 0.02, speedup: 5 } as const;

type Figures = Measured & { readonly speed: Speed };

function print({ isJson, misses }: Asked, { speed, ...measured }: Figures): number {
  const shown = measured.misses
    .slice(0, misses)
    .map(({ path, line, place }) => `  not read: ${path}:${line} ${place.what} ${place.text}`);
  process.stdout.write(`${[...shown, ...linesOf(measured), ...speedLines(speed)].join("\n")}\n`);
  const isMet =
    measured.coverage >= TARGET.coverage &&
    measured.minimalShare >= TARGET.minimalShare &&
    measured.identicalBackShare >= TARGET.identicalBackShare &&
    measured.refusedShare <= TARGET.refusedShare &&
    measured.crashes.length === 0 &&
    speed.speedup >= TARGET.speedup;
  const { misses: missed, ...figures } = measured;
  const json = { ...figures, missed: missed.length, speedup: speed.speedup, speed, target: TARGET, ok: isMet };
  if (isJson) process.stdout.write(`${JSON.stringify(json)}\n`);
  return isMet ? 0 : 1;
}

function linesOf(measured: Measured): readonly string[] {
  const { files, unparsed, edits, images, weights, crashes, unlike, refusals } = measured;
  return [
    `${files} files, ${unparsed} of which no YAML parser reads; ${edits} edits: ${images} of images, ${weights} of weights`,
    `coverage         ${percent(measured.coverage)}  (images ${percent(measured.imageCoverage)}, weights ${percent(measured.weightCoverage)}; ${measured.misses.length} not read)`,
    `minimal          ${percent(measured.minimalShare)}`,
    `identical back   ${percent(measured.identicalBackShare)}`,
    `others as before ${percent(measured.othersSameShare)}`,
    `refused          ${percent(measured.refusedShare)}`,
    ...Object.entries(refusals).map(([reason, count]) => `  ${String(count).padStart(5)}  ${reason}`),
    ...unlike.map((place) => `  not as it should be: ${place}`),
    ...crashes.map((crash) => `  crashed: ${crash}`),
    `slowest edit     ${measured.slowestMs.toFixed(0)} ms there and back, with reading again`,
  ];
}

function speedLines({ files, unlike, speedup, inAll, oursMs, theirsMs }: Speed): readonly string[] {
  return [
    `speed-up         ${speedup.toFixed(2)} for the median file, ${inAll.toFixed(2)} for all together: ${oursMs.toFixed(0)} ms, and ${theirsMs.toFixed(0)} ms with parseDocument, setIn and toString`,
    `                 over the ${files} files whose images both read alike (${unlike} others)`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`.padStart(8);
}

process.exitCode = main();
