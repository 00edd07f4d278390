import { readFileSync } from "node:fs";
import { lint } from "./analysis/lint/lint.ts";
import { findingsText, type Report } from "./analysis/lint/text.ts";
import { readCondition, type Condition } from "./analysis/expr/condition.ts";
import { measured, verdictOf } from "./analysis/measure.ts";
import { answerOf, type Answer } from "./analysis/result.ts";
import { readMetricTemplates } from "./analysis/template/flagger.ts";
import { readTemplates } from "./analysis/template/template.ts";
import { given, meant, type Given, type Terminal } from "./command-line.ts";
import type { Result } from "./core/result.ts";
import { err, ok } from "./core/result.ts";
import { shown } from "./manifest/services/table.ts";
import type { TextFile } from "./yaml/refusal.ts";

const USAGE = `Looks at Argo's AnalysisTemplates, ClusterAnalysisTemplates and Flagger's MetricTemplates, and says where they
would pass on no data, and what else is dangerous about them; evaluates conditions as Argo does (docs/analysis.md).
Nothing is asked of any provider.

Usage: tidegate analysis lint FILE...
       tidegate analysis eval --condition TEXT [--failure TEXT] --result JSON [--type TYPE]

  FILE               YAML; templates may be made of templates in any of the files
  --condition TEXT   the successCondition
  --failure TEXT     the failureCondition
  --result JSON      what the provider answered; also NaN, +Inf and -Inf, within JSON as {"$float": "NaN"}
  --type TYPE        its Go type: json (default), float64, int, string, bool, []float64
  --json             one JSON object on stdout (docs/analysis.md)
  --help             this text

Exit status of lint: 0 where nothing is dangerous, 1 where something is, or where a template cannot be used.
Exit status of eval: 0 where Argo's phase is Successful, 1 where it is another, or where the condition is refused.
2 for wrong words.
`;

/** Runs `tidegate analysis`; resolves to its exit status. */
export function analysis(args: readonly string[], terminal: Terminal): number {
  const valued = ["condition", "failure", "result", "type"];
  const parsed = given(args, { options: ["json", "help"], valued, most: 1000 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches, values } = parsed.value;
  const [verb, ...rest] = words;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  if (verb === "eval")
    return rest.length > 0 ? wrong("eval takes options only.", terminal) : evaluate(parsed.value, terminal);
  if (verb !== "lint") return wrong(`analysis does lint or eval.${meant(verb ?? "", ["lint", "eval"])}`, terminal);
  if (values.size > 0) return wrong("lint takes files and --json.", terminal);
  return rest.length === 0
    ? wrong("lint takes at least one file.", terminal)
    : lintFiles(rest, switches.has("json"), terminal);
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate analysis --help says what there is.\n`);
  return 2;
}

function lintFiles(paths: readonly string[], isJson: boolean, terminal: Terminal): number {
  const files: TextFile[] = [];
  for (const path of paths) {
    const read = fileAt(path);
    if (read.kind === "err") return wrong(read.error, terminal);
    files.push(read.value);
  }
  const report = reportOn(files);
  terminal.write(isJson ? `${JSON.stringify({ version: 1, ...report }, undefined, 2)}\n` : findingsText(report));
  const isDangerous = report.refusals.length > 0 || report.findings.some(({ severity }) => severity === "danger");
  return isDangerous ? 1 : 0;
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
  const flagger = read.flatMap((one, index) => {
    const file = files[index];
    return one.kind === "ok" && file !== undefined ? [readMetricTemplates(file)] : [];
  });
  const looked = templates.map((template) => lint(template, templates));
  const unread = [...read, ...flagger].flatMap((one) => (one.kind === "err" ? [one.error] : []));
  return {
    templates: templates.length + flagger.reduce((sum, one) => sum + (one.kind === "ok" ? one.value.length : 0), 0),
    findings: looked.flatMap(({ findings }) => findings),
    refusals: [...unread, ...looked.flatMap(({ refusals }) => refusals)],
  };
}

function evaluate({ values, switches }: Given, terminal: Terminal): number {
  const result = values.get("result");
  if (result === undefined) return wrong("eval needs --result.", terminal);
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
