import type { Result } from "../../core/result.ts";
import { peekText } from "../../yaml/look.ts";
import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import type { Verdict } from "../measure.ts";
import { lineOf, needed, part, text, textAt, wrong, yesAt, type Field } from "./fields.ts";
import { documentsOf } from "./template.ts";

/** A MetricTemplate of Flagger: one number out of a query, in which {{ words }} are filled in. */
export type MetricTemplate = {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly line: number;
  readonly provider: {
    readonly type: string;
    readonly address: string | undefined;
    readonly region: string | undefined;
  };
  readonly query: Field;
};

/** What may be asked of Flagger's providers here. */
const KNOWN = ["prometheus", "datadog", "newrelic", "cloudwatch"];
const REFUSED: ReadonlySet<string> = new Set([
  "graphite",
  "stackdriver",
  "influxdb",
  "dynatrace",
  "keptn",
  "splunk",
  "externalmetrics",
]);

/** Every MetricTemplate of a file; other documents are passed over. */
export function readMetricTemplates(file: TextFile): Result<readonly MetricTemplate[], Refusal> {
  return attempt(() =>
    documentsOf(file).flatMap((document) => {
      const isFlaggers = (peekText(document.tree, ["apiVersion"]) ?? "").startsWith("flagger.app/");
      return isFlaggers && peekText(document.tree, ["kind"]) === "MetricTemplate" ? [templateOf(document)] : [];
    }),
  );
}

function templateOf(document: Field): MetricTemplate {
  const spec = needed(document, "spec");
  const metadata = needed(document, "metadata");
  const provider = needed(spec, "provider");
  const type = text(needed(provider, "type"));
  const at = needed(provider, "type");
  if (REFUSED.has(type))
    refuse(at.file, at.tree, `the provider ${type}`, `there is none here; there are ${KNOWN.join(", ")}`);
  if (!KNOWN.includes(type)) wrong(at, `${at.path} is ${KNOWN.join(", ")}`);
  const secret = part(provider, "secretRef");
  if (secret !== undefined)
    refuse(secret.file, secret.tree, "secretRef", "credentials come from the environment or a mounted file, by name");
  if (yesAt(provider, "insecureSkipVerify")) wrong(provider, "certificates are always checked");
  return {
    name: text(needed(metadata, "name")),
    namespace: textAt(metadata, "namespace"),
    line: lineOf(spec),
    provider: { type, address: textAt(provider, "address"), region: textAt(provider, "region") },
    query: needed(spec, "query"),
  };
}

/** What the words of a query stand for: namespace, target, service, ingress, route, interval, name, and `variables.x`. */
export type Words = ReadonlyMap<string, string>;

/** The query with its words filled in; a word that stands for nothing, and anything of Go's templates but words, is refused by name. */
export function queryOf({ query }: MetricTemplate, words: Words): Result<string, Refusal> {
  return attempt(() =>
    text(query).replaceAll(/\{\{-?(.*?)-?\}\}/gs, (_, tag: string) => {
      const word = tag.trim().replace(/^\.?/, "");
      if (!/^[\w.]+$/.test(word)) wrong(query, `{{${tag}}}: only single words are supported`);
      return (
        words.get(word) ?? wrong(query, `{{${tag}}} stands for nothing: known are ${[...words.keys()].join(", ")}`)
      );
    }),
  );
}

const WORDS = ["name", "namespace", "target", "service", "ingress", "route", "interval"];

/** Why a query cannot be asked whatever its words stand for; undefined where it can. */
export function refusedQuery(template: MetricTemplate): Refusal | undefined {
  const { tree } = template.query;
  const query = tree.kind === "scalar" && typeof tree.value === "string" ? tree.value : "";
  const variables = [...query.matchAll(/variables\.\w+/g)].map(([word]) => word);
  const filled = queryOf(template, new Map([...WORDS, ...variables].map((word) => [word, word])));
  return filled.kind === "err" ? filled.error : undefined;
}

/** Flagger's thresholdRange: both ends belong to it, and either may be open. */
export type ThresholdRange = { readonly min: number | undefined; readonly max: number | undefined };

/** Whether the number is within the range, as Flagger finds; NaN is no value to it, which is a failed check. */
export function isWithin({ min, max }: ThresholdRange, value: number): boolean {
  return !Number.isNaN(value) && (min === undefined || value >= min) && (max === undefined || value <= max);
}

/** What a gate makes of it: no number is no verdict. A range without ends asks nothing. */
export function rangeVerdict(range: ThresholdRange, value: number | undefined): Verdict {
  if (value === undefined) return { verdict: "wait", why: "the provider answered with nothing" };
  if (!Number.isFinite(value)) return { verdict: "wait", why: "the answer is no finite number" };
  if (range.min === undefined && range.max === undefined) return { verdict: "wait", why: "the range has no ends" };
  return { verdict: isWithin(range, value) ? "pass" : "fail", why: `${value} against ${rangeText(range)}` };
}

function rangeText({ min, max }: ThresholdRange): string {
  return [min === undefined ? "" : `at least ${min}`, max === undefined ? "" : `at most ${max}`]
    .filter(Boolean)
    .join(" and ");
}
