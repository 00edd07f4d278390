import { childrenOf, type Node } from "../expr/ast.ts";
import { holds, readCondition } from "../expr/condition.ts";
import { numberResult, numbersResult } from "../result.ts";
import type { Rules } from "../assess.ts";
import { goDuration } from "../go-duration.ts";
import type { Provider } from "../template/provider.ts";
import type { Asked, Finding, Rule, Safe } from "./finding.ts";
import { passes, phasesFor, shapeOf, type Shape } from "./probes.ts";
import { safeForm } from "./safe.ts";

/** A metric as the linter sees it. */
export type Subject = {
  readonly name: string;
  readonly asked: Asked;
  /** Undefined where they depend on arguments that have no value yet. */
  readonly rules: Rules | undefined;
  readonly provider: Provider;
};

/** A finding that has no place yet. */
export type Remark = {
  readonly rule: Rule;
  readonly severity: Finding["severity"];
  readonly why: string;
  readonly safe?: Safe;
};

/** Everything that is dangerous about one metric. What its conditions make of no data and of NaN is not guessed but asked. */
export function remarksOn(subject: Subject): readonly Remark[] {
  const shape = shapeOf(subject.provider);
  const unusable = evaluability(subject, shape);
  // What is an error whatever the answer says nothing about answers.
  return [
    ...unusable,
    ...(unusable.length > 0 ? [] : onAnswers(subject, shape)),
    ...onNames(subject),
    ...onRules(subject),
  ];
}

function evaluability({ asked, provider }: Subject, shape: Shape): readonly Remark[] {
  const phases = phasesFor(asked, shape.data);
  const failed = phases.flatMap((one) =>
    one.phase === "Error" && one.trouble.kind === "types" ? [one.trouble.message] : [],
  );
  const [message] = failed;
  if (message === undefined || failed.length < phases.length) return [];
  const isScalarOnly = provider.kind === "prometheus" && [asked.success, asked.failure].every(isForNumber);
  if (!isScalarOnly || shape.name !== "a list of numbers")
    return [{ rule: "never-evaluates", severity: "danger", why: `the answer is ${shape.name}, and then: ${message}` }];
  const why =
    "Prometheus answers with a list here, so comparing result itself is an error every time, and the fifth error ends the run";
  return [{ rule: "scalar-for-vector", severity: "danger", why, ...withSafe(indexed(asked, shape)) }];
}

function isForNumber(condition: Asked["success"]): boolean {
  if (condition === undefined) return true;
  return holds(condition, numberResult(0.5)).kind === "ok" && holds(condition, numbersResult([0.5])).kind === "err";
}

/** The conditions over the first element, in their safe form. */
function indexed({ success, failure }: Asked, shape: Shape): Safe | undefined {
  return safeForm({ success: overFirst(success), failure: overFirst(failure) }, shape);
}

function overFirst(condition: Asked["success"]): Asked["success"] {
  if (condition === undefined) return undefined;
  const read = readCondition(condition.text.replaceAll(/\bresult\b/g, "result[0]"));
  return read.kind === "ok" ? read.value : undefined;
}

function withSafe(safe: Safe | undefined): { readonly safe?: Safe } {
  return safe === undefined ? {} : { safe };
}

function onAnswers(subject: Subject, shape: Shape): readonly Remark[] {
  const { asked, name, provider } = subject;
  if (asked.success === undefined && asked.failure === undefined)
    return [{ rule: "no-condition", severity: "danger", why: "without a condition every answer passes" }];
  const remarks = [withoutData(asked, shape), onNan(asked, shape)].filter((one) => one !== undefined);
  // One safe form answers both.
  const safe = remarks.length === 0 ? undefined : safeForm(asked, shape);
  const found = remarks.map((remark, index) => (index === 0 ? { ...remark, ...withSafe(safe) } : remark));
  if (!isErrorRate(name) || !passesHalf(asked, shape, provider)) return found;
  const why = "by its name it is a rate of errors, and it passes where half of the requests fail";
  return [...found, { rule: "passes-with-half-failing", severity: "danger", why }];
}

function withoutData(asked: Asked, { nothing }: Shape): Remark | undefined {
  if (passes(asked, nothing))
    return { rule: "passes-without-data", severity: "danger", why: "it passes where there is no data at all" };
  const phases = new Set(phasesFor(asked, nothing).map(({ phase }) => phase));
  const why = "no data is an error, and the fifth in a row takes the release back";
  if (phases.has("Error")) return { rule: "errors-without-data", severity: "care", why };
  if (!phases.has("Failed")) return undefined;
  return { rule: "fails-without-data", severity: "care", why: "it fails where there is no data at all" };
}

function onNan(asked: Asked, { nan }: Shape): Remark | undefined {
  const what = "on NaN, which is what 0 of 0 requests give";
  if (passes(asked, nan)) return { rule: "passes-on-nan", severity: "danger", why: `it passes ${what}` };
  const isFailure = phasesFor(asked, nan).some(({ phase }) => phase === "Failed");
  return isFailure ? { rule: "fails-on-nan", severity: "care", why: `it fails ${what}` } : undefined;
}

function isErrorRate(name: string): boolean {
  return /error|fail|5xx/i.test(name) && !/success|non-?error|availab/i.test(name);
}

function passesHalf(asked: Asked, { name }: Shape, provider: Provider): boolean {
  const isPercent = provider.kind === "prometheus" && /\*\s*100\b|\b100\s*\*/.test(provider.query);
  const half = isPercent ? 50 : 0.5;
  if (name === "a list of numbers") return passes(asked, [numbersResult([half])]);
  return name === "a number" && passes(asked, [numberResult(half)]);
}

function onNames({ asked, provider }: Subject): readonly Remark[] {
  const nodes = [asked.success, asked.failure].flatMap((condition) =>
    condition === undefined ? [] : nodesOf(condition.tree),
  );
  const remarks: Remark[] = [];
  const calls = nodes.flatMap((node) =>
    node.kind === "call" && node.callee.kind === "identifier" ? [{ name: node.callee.name, args: node.args }] : [],
  );
  const nilCalls = calls.filter(({ name }) => name === "default" || name === "isNil");
  const ignored = nilCalls.find(({ args }) => args[0]?.kind !== "identifier" || args[0].name !== "result");
  if (ignored !== undefined)
    remarks.push({
      rule: "ignored-argument",
      severity: "danger",
      why: `${ignored.name}() looks at the whole result, whatever it is given`,
    });
  if (nilCalls.length > 0 && provider.kind === "prometheus")
    remarks.push({
      rule: "nil-is-not-empty",
      severity: "care",
      why: "Prometheus answers with an empty list where it has no data, and that is not nil; ask len(result)",
    });
  if (nodes.some(isRandom))
    remarks.push({
      rule: "random-order",
      severity: "care",
      why: "Go's maps have no order: which one comes first changes from look to look",
    });
  return remarks;
}

function nodesOf(node: Node): readonly Node[] {
  return [node, ...childrenOf(node).flatMap(nodesOf)];
}

/** One element out of what has no order. */
function isRandom(node: Node): boolean {
  const inner =
    node.kind === "member"
      ? node.base
      : node.kind === "builtin" && ["first", "last", "take"].includes(node.name)
        ? node.args[0]
        : undefined;
  return inner?.kind === "builtin" && ["keys", "values", "toPairs"].includes(inner.name);
}

function onRules({ rules, provider }: Subject): readonly Remark[] {
  if (rules === undefined) return [];
  const { count, intervalMs, failureLimit, initialDelayMs } = rules;
  const remarks: Remark[] = [];
  if (failureLimit === -1)
    remarks.push({
      rule: "failures-do-not-count",
      severity: "care",
      why: "with a failureLimit of -1 no number of failures ends the run early",
    });
  if (count > 0 && failureLimit >= count)
    remarks.push({
      rule: "cannot-fail",
      severity: "danger",
      why: `it is measured ${count} times, and fails only with more than ${failureLimit} failures`,
    });
  if (count <= 1 && intervalMs === undefined)
    remarks.push({ rule: "one-look", severity: "care", why: "it is measured once, so one scrape decides" });
  const window = provider.kind === "prometheus" ? longestWindow(provider.query) : 0;
  const length = initialDelayMs + (count - 1) * (intervalMs ?? 0);
  if (count > 0 && window > length)
    remarks.push({
      rule: "window-longer-than-run",
      severity: "care",
      why: "the query reaches back to before the run began: what it sees is partly the weight before",
    });
  return remarks;
}

/** Milliseconds of the longest [range] in a query. */
function longestWindow(query: string): number {
  const ranges = [...query.matchAll(/\[(\d+[a-z]+)(?::[^\]]*)?\]/g)].map(([, text]) => goDuration(text ?? "") ?? 0);
  return Math.max(0, ...ranges);
}
