import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../src/core/result.ts";
import {
  playAssessment,
  playCondition,
  playEvaluation,
  playProvider,
  playRun,
  playValidation,
  type Played,
  type Row,
} from "./analysis-rows.ts";

const USAGE = `Plays recorded outputs of Argo's own evaluator and assessor again, and says where the answer is another.

Usage: npm run bench:analysis -- FILE.json... [--json]

  FILE.json   rows of conditions and results, rows of metrics and counts, or tables of cases
  --json      the last line on stdout is one JSON object: rows, agreement (a share), disagreements, refused, skipped
  --help      this text

Exit status: 0 where every row agrees, 1 where one does not, 2 for a file that is missing or holds no rows.
`;

type Outcome = { readonly file: string; readonly place: string; readonly row: Row; readonly played: Played };

type Play = (row: Row) => Played | Promise<Played>;

/** The tables of a file of cases. */
const TABLES: ReadonlyMap<string, Play> = new Map<string, Play>([
  ["evaluateResult", (row) => playEvaluation(row, "expectedPhase")],
  ["evalCondition", playCondition],
  ["assessMetricStatus", (row) => playAssessment(row, "expectedPhase")],
  ["assessMetricFailureInconclusiveOrError", (row) => playAssessment(row, "expectedPhase")],
  ["assessRunStatus", playRun],
  ["validateMetrics", playValidation],
  ["providerCases", playProvider],
]);

function playRow(row: Row): Played | Promise<Played> {
  return row["metric"] === undefined ? playEvaluation(row, "phase") : playAssessment(row, "phase");
}

async function playFile(file: string): Promise<Result<readonly Outcome[], string>> {
  const tables = tablesOf(file);
  if (tables.length === 0) return err(`${file} holds no rows.`);
  const outcomes: Outcome[] = [];
  for (const [name, play, rows] of tables)
    for (const [index, row] of rows.entries())
      outcomes.push({ file, place: `${name}[${index}]`, row, played: await play(row) });
  return ok(outcomes);
}

function tablesOf(file: string): readonly (readonly [name: string, play: Play, rows: readonly Row[]])[] {
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof json !== "object" || json === null) return [];
  return Object.entries({ ...json }).flatMap(([name, rows]: [string, unknown]) => {
    const play = name === "rows" ? playRow : TABLES.get(name);
    return play === undefined || !Array.isArray(rows) ? [] : [[name, play, rows as readonly Row[]] as const];
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const missing = positionals.find((file) => !existsSync(file));
  if (missing !== undefined || positionals.length === 0)
    return refuse(missing === undefined ? USAGE : `There is no file ${missing}.\n`);
  const outcomes: Outcome[] = [];
  for (const file of positionals) {
    const played = await playFile(file);
    if (played.kind === "err") return refuse(`${played.error}\n`);
    outcomes.push(...played.value);
  }
  return report(outcomes, values.json);
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

function report(outcomes: readonly Outcome[], isJson: boolean): number {
  const played = outcomes.flatMap(({ file, place, row, played: one }) =>
    one.kind === "played" ? [{ file, place, row, ...one }] : [],
  );
  const skipped = outcomes.flatMap(({ file, place, played: one }) =>
    one.kind === "skipped" ? [{ file, place, why: one.why }] : [],
  );
  const disagreements = played.filter(({ expected, found }) => expected !== found);
  const refused = played.filter((one) => one.refused !== undefined);
  const agreement = played.length === 0 ? 0 : (played.length - disagreements.length) / played.length;
  for (const { file, place, expected, found, row } of disagreements.slice(0, 20))
    process.stdout.write(`${file} ${place}: ${expected}, here ${found}: ${JSON.stringify(row).slice(0, 300)}\n`);
  for (const { file, place, why } of skipped) process.stdout.write(`${file} ${place}: not played, ${why}\n`);
  process.stdout.write(
    `${played.length} rows, ${disagreements.length} disagreements, ${refused.length} refused by name, ${skipped.length} not played: agreement ${agreement}\n`,
  );
  if (isJson)
    process.stdout.write(
      `${JSON.stringify({ rows: played.length, agreement, disagreements, refused: refused.length, skipped })}\n`,
    );
  return disagreements.length === 0 ? 0 : 1;
}

process.exitCode = await main();
