import { DEFAULTS, assessMetric, assessPhases, ruleFault, type Rules, type Tally } from "../src/analysis/assess.ts";
import { readCondition, type Condition } from "../src/analysis/expr/condition.ts";
import { measured } from "../src/analysis/measure.ts";
import { isCompleted, type Phase } from "../src/analysis/phase.ts";
import { answerOfJson, type Answer } from "../src/analysis/result.ts";
import { goDuration } from "../src/analysis/go-duration.ts";
import { datadogMeasure } from "../src/adapters/metrics/providers/datadog.ts";
import { webMeasure } from "../src/adapters/metrics/providers/web.ts";
import { ok, err, type Result } from "../src/core/result.ts";

/** A record as it stands in a file. */
export type Row = { readonly [key: string]: unknown };

/** What Argo said, what is said here; `skipped`: what the record does not hold enough of to be played again. */
export type Played =
  | { readonly kind: "played"; readonly expected: string; readonly found: string; readonly refused?: string }
  | { readonly kind: "skipped"; readonly why: string };

function field(row: Row, key: string): unknown {
  return row[key];
}

function textIn(row: Row, key: string): string {
  const value = field(row, key);
  return typeof value === "string" ? value : "";
}

function rowIn(row: Row, key: string): Row {
  const value = field(row, key);
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function numberIn(row: Row, key: string, otherwise: number): number {
  const value = field(row, key);
  return typeof value === "number" ? value : otherwise;
}

/** One measurement: `result`, its `goType`, two conditions, and the phase under `key`. */
export function playEvaluation(row: Row, key: string): Played {
  const answer = answerOfJson(field(row, "result"), textIn(row, "goType"));
  return answer.kind === "err" ? { kind: "skipped", why: answer.error } : judged(row, answer.value, textIn(row, key));
}

function judged(row: Row, answer: Answer, expected: string): Played {
  const [success, failure] = [
    conditionOf(textIn(row, "successCondition")),
    conditionOf(textIn(row, "failureCondition")),
  ];
  for (const one of [success, failure])
    if (one.kind === "err") return { kind: "played", expected, found: "Error", ...refusedAs(one.error) };
  if (success.kind === "err" || failure.kind === "err") throw new Error("Both were looked at above.");
  const found = measured({ success: success.value, failure: failure.value }, answer);
  const refused =
    found.phase === "Error" && found.trouble.kind === "unsupported" ? { refused: found.trouble.message } : {};
  return { kind: "played", expected, found: found.phase, ...refused };
}

function conditionOf(text: string): Result<Condition | undefined, { readonly refused: string | undefined }> {
  if (text === "") return ok(undefined);
  const read = readCondition(text);
  return read.kind === "ok"
    ? read
    : err({ refused: read.error.kind === "unsupported" ? read.error.message : undefined });
}

function refusedAs({ refused }: { readonly refused: string | undefined }): { readonly refused?: string } {
  return refused === undefined ? {} : { refused };
}

/** One condition: true, false or an error. */
export function playCondition(row: Row): Played {
  const condition = { successCondition: textIn(row, "condition"), failureCondition: "" };
  const expected =
    field(row, "expectError") === true ? "Error" : field(row, "expected") === true ? "Successful" : "Failed";
  return playEvaluation({ ...row, ...condition, expected }, "expected");
}

function rulesOf(metric: Row): Rules {
  const interval = textIn(metric, "interval");
  return {
    count: numberIn(metric, "count", DEFAULTS.count),
    intervalMs: interval === "" ? undefined : goDuration(interval),
    initialDelayMs: goDuration(textIn(metric, "initialDelay")) ?? 0,
    failureLimit: numberIn(metric, "failureLimit", DEFAULTS.failureLimit),
    inconclusiveLimit: numberIn(metric, "inconclusiveLimit", DEFAULTS.inconclusiveLimit),
    consecutiveErrorLimit: numberIn(metric, "consecutiveErrorLimit", DEFAULTS.consecutiveErrorLimit),
    consecutiveSuccessLimit: numberIn(metric, "consecutiveSuccessLimit", DEFAULTS.consecutiveSuccessLimit),
  };
}

const PHASES: readonly Phase[] = ["Pending", "Running", "Successful", "Failed", "Error", "Inconclusive"];

function phaseOf(value: unknown): Phase | undefined {
  return PHASES.find((phase) => phase === value);
}

function tallyIn(result: Row): Tally {
  const phases = field(result, "measurementPhases");
  return {
    last: phaseOf(Array.isArray(phases) ? phases.at(-1) : undefined),
    count: numberIn(result, "count", 0),
    failed: numberIn(result, "failed", 0),
    inconclusive: numberIn(result, "inconclusive", 0),
    consecutiveError: numberIn(result, "consecutiveError", 0),
    consecutiveSuccess: numberIn(result, "consecutiveSuccess", 0),
  };
}

/** One metric: its phase, and whether its rules are valid where the record says that. */
export function playAssessment(row: Row, key: string): Played {
  const rules = rulesOf(rowIn(row, "metric"));
  const phase = assessMetric(rules, tallyIn(rowIn(row, "result")), field(row, "terminating") === true);
  const isFaulty = field(row, "validateError") !== undefined;
  const isRecorded = key === "phase";
  const valid = (isWrong: boolean): string => (isRecorded ? ` ${isWrong ? "invalid" : "valid"}` : "");
  return {
    kind: "played",
    expected: textIn(row, key) + valid(isFaulty),
    found: phase + valid(ruleFault(rules) !== undefined),
  };
}

/** One run out of the phases of its metrics. */
export function playRun(row: Row): Played {
  const dryRun = field(row, "dryRun");
  const isDry = (name: string): boolean => Array.isArray(dryRun) && dryRun.includes(name);
  const metrics = Object.entries(rowIn(row, "metricPhases")).map(([name, phase]) => ({
    phase: phaseOf(phase),
    isDryRun: isDry(name),
  }));
  const isBad = metrics.some(
    ({ phase, isDryRun }) => !isDryRun && phase !== undefined && isCompleted(phase) && phase !== "Successful",
  );
  const phase = assessPhases(metrics, field(row, "terminate") === true || isBad);
  return { kind: "played", expected: textIn(row, "expectedPhase"), found: phase };
}

/** The metrics of a template: valid or not. */
export function playValidation(row: Row): Played {
  const metrics = field(row, "metrics");
  const list = Array.isArray(metrics) ? metrics.map((metric): Row => ({ ...(metric as Row) })) : [];
  const names = list.map((metric) => textIn(metric, "name"));
  const isFaulty =
    list.length === 0 || new Set(names).size < names.length || list.some((metric) => faultOf(metric) !== undefined);
  return { kind: "played", expected: String(field(row, "expectError") === true), found: String(isFaulty) };
}

function faultOf(metric: Row): string | undefined {
  const providers = field(metric, "providers");
  const isBadDuration = ["interval", "initialDelay"].some(
    (key) => textIn(metric, key) !== "" && goDuration(textIn(metric, key)) === undefined,
  );
  if (isBadDuration) return "a duration is none";
  if (Array.isArray(providers) && providers.length !== 1) return "there is not one provider";
  return ruleFault(rulesOf(metric));
}

/** What a provider answered, through our own provider and the conditions. */
export async function playProvider(row: Row): Promise<Played> {
  const expected = textIn(row, "expectedPhase");
  if (field(row, "result") !== undefined) return playEvaluation(row, "expectedPhase");
  if (field(row, "httpStatus") === undefined || textIn(row, "errorContains").includes("protocol scheme"))
    return { kind: "skipped", why: "the address at fault is not recorded" };
  const connection = {
    base: new URL("https://metrics.example.com/"),
    headers: new Headers(),
    secrets: { apiKey: "key", applicationKey: "key" },
    options: {},
    bounds: { called: "The provider", timeoutMs: 10_000, maxBytes: 1_000_000 },
    fetch: () => Promise.resolve(new Response(textIn(row, "httpBody"), { status: numberIn(row, "httpStatus", 200) })),
    now: () => 0,
  };
  const span = { from: 0, to: 300_000 };
  const path = textIn(row, "jsonPath");
  const reading = await (textIn(row, "provider") === "web"
    ? webMeasure(connection)({ path: "", jsonPath: path === "" ? undefined : path }, span)
    : datadogMeasure(connection)(datadogQuery(textIn(row, "provider")), span));
  if (reading.kind === "unavailable") return { kind: "played", expected, found: "Error" };
  const answer = answerOfJson(reading.value.value, reading.value.goType);
  return answer.kind === "err" ? { kind: "played", expected, found: "Error" } : judged(row, answer.value, expected);
}

function datadogQuery(provider: string): Parameters<ReturnType<typeof datadogMeasure>>[0] {
  return provider === "datadog-v1"
    ? { version: "v1", query: "q" }
    : { version: "v2", queries: { query: "q" }, formula: undefined, aggregator: undefined };
}
