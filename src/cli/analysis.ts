import { readFileSync } from "node:fs";
import { lint } from "../analysis/lint/lint.ts";
import { findingsText, type Report } from "../analysis/lint/text.ts";
import { readCondition, type Condition } from "../analysis/expr/condition.ts";
import { measured, verdictOf } from "../analysis/measure.ts";
import { answerOf, type Answer } from "../analysis/result.ts";
import { isWithin, rangeVerdict, readMetricTemplates, refusedQuery } from "../analysis/template/flagger.ts";
import { readTemplates, type Template } from "../analysis/template/template.ts";
import { played, playedText } from "./analysis-play.ts";
import { given, meant, type Given, type Terminal } from "./command-line.ts";
import { err, ok, type Result } from "../core/result.ts";
import { shown } from "../manifest/services/table.ts";
import { refusalText, type TextFile } from "../yaml/refusal.ts";

const USAGE = `Looks at Argo's AnalysisTemplates, ClusterAnalysisTemplates and Flagger's MetricTemplates, and says where they
would pass on no data, and what else is dangerous about them; evaluates conditions as Argo does (docs/analysis.md).
Nothing is asked of any provider.

Usage: tidegate analysis lint FILE...
       tidegate analysis eval [--condition TEXT] [--failure TEXT] --result JSON [--type TYPE]
       tidegate analysis eval [--min NUMBER] [--max NUMBER] --result NUMBER
       tidegate analysis play FILE... --template NAME [--args A=B,...] [--measured METRIC=SSFIE,...]

  FILE               YAML; templates may be made of templates in any of the files
  --condition TEXT   the successCondition
  --failure TEXT     the failureCondition
  --min, --max       the ends of Flagger's thresholdRange
  --result JSON      what the provider answered; also NaN, +Inf and -Inf, within JSON as {"$float": "NaN"}
  --type TYPE        its Go type: json (default), float64, int, string, bool, []float64
  --template NAME    the template whose run is played
  --args A=B,...     values of its arguments
  --measured M=SSF   what was measured: S(uccessful), F(ailed), I(nconclusive) or E(rror), one letter each
  --json             one JSON object on stdout (docs/analysis.md)
  --help             this text

Exit status of lint: 0 where nothing is dangerous, 1 where something is, or where a template cannot be used.
Exit status of eval and play: 0 where the phase is Successful, 1 where it is another, or where something is refused.
2 for wrong words.
`;

const VALUED = ["condition", "failure", "min", "max", "result", "type", "template", "args", "measured"];

/** What each verb takes. */
const VERBS: ReadonlyMap<string, { readonly takes: readonly string[]; readonly run: Run }> = new Map([
  ["lint", { takes: [], run: lintFiles }],
  ["eval", { takes: ["condition", "failure", "min", "max", "result", "type"], run: evaluate }],
  ["play", { takes: ["template", "args", "measured"], run: play }],
]);

type Run = (given: Given, terminal: Terminal) => number;

/** Runs `tidegate analysis`; resolves to its exit status. */
export function analysis(args: readonly string[], terminal: Terminal): number {
  const parsed = given(args, { options: ["json", "help"], valued: VALUED, most: 1000 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches, values } = parsed.value;
  const [name = "", ...rest] = words;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const verb = VERBS.get(name);
  if (verb === undefined) return wrong(`analysis does lint, eval or play.${meant(name, [...VERBS.keys()])}`, terminal);
  const odd = [...values.keys()].find((key) => !verb.takes.includes(key));
  if (odd !== undefined) return wrong(`${name} takes no --${odd}.`, terminal);
  return verb.run({ ...parsed.value, words: rest }, terminal);
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate analysis --help says what there is.\n`);
  return 2;
}

function lintFiles({ words, switches }: Given, terminal: Terminal): number {
  const files = filesAt(words);
  if (files.kind === "err") return wrong(files.error, terminal);
  const report = reportOn(files.value);
  terminal.write(
    switches.has("json") ? `${JSON.stringify({ version: 1, ...report }, undefined, 2)}\n` : findingsText(report),
  );
  const isDangerous = report.refusals.length > 0 || report.findings.some(({ severity }) => severity === "danger");
  return isDangerous ? 1 : 0;
}

function filesAt(paths: readonly string[]): Result<readonly TextFile[], string> {
  const files: TextFile[] = [];
  for (const path of paths) {
    const read = fileAt(path);
    if (read.kind === "err") return read;
    files.push(read.value);
  }
  return files.length === 0 ? err("At least one file is needed.") : ok(files);
}

function fileAt(path: string): Result<TextFile, string> {
  try {
    return ok({ path, text: readFileSync(path, "utf8") });
  } catch {
    return err(`${path} cannot be read.`);
  }
}

function reportOn(files: readonly TextFile[]): Report {
  const read = files.map(readTemplates);
  const templates = read.flatMap((one) => (one.kind === "ok" ? one.value : []));
  // A file that is no YAML is refused once.
  const readable = files.filter((_, index) => read[index]?.kind === "ok");
  const flagger = readable.map(readMetricTemplates);
  const queries = flagger.flatMap((one) => (one.kind === "ok" ? one.value : [])).map(refusedQuery);
  const looked = templates.map((template) => lint(template, templates));
  const unread = [...read, ...flagger].flatMap((one) => (one.kind === "err" ? [one.error] : []));
  return {
    templates: templates.length + queries.length,
    findings: looked.flatMap(({ findings }) => findings),
    refusals: [...unread, ...looked.flatMap(({ refusals }) => refusals), ...queries.filter((one) => one !== undefined)],
  };
}

function play({ words, values, switches }: Given, terminal: Terminal): number {
  const files = filesAt(words);
  if (files.kind === "err") return wrong(files.error, terminal);
  const name = values.get("template");
  if (name === undefined) return wrong("play needs --template.", terminal);
  const templates: Template[] = [];
  for (const file of files.value) {
    const read = readTemplates(file);
    if (read.kind === "err") return refused(refusalText(read.error), terminal);
    templates.push(...read.value);
  }
  const template = templates.find((one) => one.name === name);
  if (template === undefined) return refused(`There is no template ${name} in these files.`, terminal);
  const found = played(template, templates, {
    args: pairsIn(values.get("args")),
    measured: pairsIn(values.get("measured")),
  });
  if (found.kind === "err") return refused(found.error, terminal);
  const { assessment } = found.value;
  terminal.write(
    switches.has("json") ? `${JSON.stringify({ version: 1, ...assessment })}\n` : shownLines(playedText(found.value)),
  );
  return assessment.phase === "Successful" ? 0 : 1;
}

function refused(why: string, { tell }: Terminal): number {
  tell(`${shown(why)}\n`);
  return 1;
}

function shownLines(text: string): string {
  return text.split("\n").map(shown).join("\n");
}

/** `a=b,c=d`. */
function pairsIn(text = ""): ReadonlyMap<string, string> {
  const parts = text.split(",").filter((one) => one.includes("="));
  return new Map(parts.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]));
}

function evaluate({ values, switches }: Given, terminal: Terminal): number {
  const result = values.get("result");
  if (result === undefined) return wrong("eval needs --result.", terminal);
  if (values.has("min") || values.has("max")) return evaluateRange(values, result, terminal);
  const answer = answerOf(result, values.get("type") ?? "json");
  if (answer.kind === "err") return wrong(answer.error, terminal);
  const [success, failure] = [conditionOf(values.get("condition")), conditionOf(values.get("failure"))];
  const refused = [success, failure].find((one) => one.kind === "err");
  if (refused?.kind === "err") {
    terminal.tell(`${shown(refused.error)}\n`);
    return 1;
  }
  if (success.kind === "err" || failure.kind === "err") return 1;
  return say({ success: success.value, failure: failure.value }, answer.value, {
    terminal,
    isJson: switches.has("json"),
  });
}

/** Flagger's range; it knows neither conditions nor types. */
function evaluateRange(values: ReadonlyMap<string, string>, result: string, terminal: Terminal): number {
  const [min, max] = [numberOf(values.get("min")), numberOf(values.get("max"))];
  if ([min, max].some(Number.isNaN)) return wrong("--min and --max are numbers.", terminal);
  const value = Number(result);
  const isPass = isWithin({ min, max }, value);
  const { verdict, why } = rangeVerdict({ min, max }, value);
  terminal.write(`Flagger: ${isPass ? "passed" : "a failed check"}\nTidegate: ${verdict}, because ${shown(why)}\n`);
  return isPass ? 0 : 1;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function conditionOf(text: string | undefined): Result<Condition | undefined, string> {
  if (text === undefined || text === "") return ok(undefined);
  const read = readCondition(text);
  if (read.kind === "ok") return read;
  const { kind, at, message } = read.error;
  return err(`${kind === "unsupported" ? "Refused" : "No condition"}${at > 0 ? `, character ${at}` : ""}: ${message}`);
}

type Saying = { readonly terminal: Terminal; readonly isJson: boolean };

function say(conditions: Parameters<typeof measured>[0], answer: Answer, { terminal, isJson }: Saying): number {
  const found = measured(conditions, answer);
  const { verdict, why } = verdictOf(conditions, answer);
  const error = found.phase === "Error" ? `${found.condition}: ${found.trouble.message}` : undefined;
  const document = { version: 1, phase: found.phase, error, verdict, why };
  terminal.write(
    isJson
      ? `${JSON.stringify(document)}\n`
      : `Argo: ${found.phase}${error === undefined ? "" : ` (${shown(error)})`}\nTidegate: ${verdict}, because ${shown(why)}\n`,
  );
  return found.phase === "Successful" ? 0 : 1;
}
