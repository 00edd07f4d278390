import { z } from "zod";
import { closest } from "../core/closest.ts";
import type { Policy } from "../core/plan.ts";
import { SEASONAL_BUILTINS, SEASONAL_WORDS, type SeasonalBuiltin, type SeasonalPolicy } from "../core/season.ts";
import { problemAt, strict, type OurFile, type Problem } from "./document.ts";
import { duration } from "./duration.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;

const MetricName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: "must be a name of lower-case letters, digits and dashes" });

const Query = z
  .string()
  .min(1, { error: "must be a PromQL query" })
  .max(2000, { error: "must have at most 2000 characters" })
  .superRefine((query, context) => {
    const fault = wordFault(query);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });

const WrittenMetric = strict({
  name: MetricName.optional(),
  query: Query.optional(),
  builtin: z.enum(SEASONAL_BUILTINS, { error: `must be one of ${SEASONAL_BUILTINS.join(", ")}` }).optional(),
  worse: z.enum(["higher", "lower"], { error: "must be higher or lower: which way is worse" }).optional(),
  measure: z.enum(["count", "latency"], { error: "must be count or latency" }).optional(),
  days: z.int().min(1).max(35).optional(),
  every: duration(10 * SECOND, 60 * MINUTE, "from 10s to 1h").optional(),
  part: z.number().gt(0).max(1000).optional(),
});
type WrittenMetric = z.infer<typeof WrittenMetric>;

/** What may stand in `gates.seasonal`. */
export const WrittenSeasonal = z.array(WrittenMetric).max(10, { error: "must have at most 10 metrics" });
type WrittenSeasonal = z.infer<typeof WrittenSeasonal>;

/** The part of configuration that may say what a service is held against of its own past. */
type Written = { readonly gates?: { readonly seasonal?: WrittenSeasonal | undefined } | undefined };

// What the provider keeps by default, less a day.
const USUAL = { days: 14, everyMs: 5 * MINUTE } as const;

/** What is worse for each, and how it is made even. */
const BUILTINS: Readonly<Record<SeasonalBuiltin, Pick<SeasonalPolicy, "worse" | "measure">>> = {
  errors: { worse: "higher", measure: "count" },
  requests: { worse: "lower", measure: "count" },
  "latency-p99": { worse: "higher", measure: "latency" },
};

/** The metrics of a service: those of all, of which its own entry may say some otherwise, and its own. */
export function seasonalOf({ gates }: Written, own?: Written): Pick<Policy, "seasonal"> {
  const [common, others] = [gates?.seasonal ?? [], own?.gates?.seasonal ?? []];
  const called = (name: string) => others.find((metric) => nameOf(metric) === name);
  const more = others.filter((metric) => common.every((one) => nameOf(one) !== nameOf(metric)));
  const all = [...common.map((metric) => called(nameOf(metric)) ?? metric), ...more];
  return all.length === 0 ? {} : { seasonal: all.map(metricOf) };
}

function nameOf({ name, builtin }: WrittenMetric): string {
  return name ?? builtin ?? "";
}

function metricOf(written: WrittenMetric): SeasonalPolicy {
  const { query = "", builtin, worse, measure, days, every, part } = written;
  const usual = BUILTINS[builtin ?? "errors"];
  return {
    name: nameOf(written),
    asked: builtin === undefined ? { kind: "query", query } : { kind: "builtin", builtin },
    worse: worse ?? usual.worse,
    measure: measure ?? usual.measure,
    part: part ?? 1,
    days: days ?? USUAL.days,
    everyMs: every ?? USUAL.everyMs,
  };
}

/** What does not go together in what services are held against, those of all and of single ones. */
export function seasonalProblems(
  file: OurFile,
  { gates, services }: Written & { readonly services: readonly Written[] },
): readonly Problem[] {
  return [
    ...problemsIn(file, ["gates", "seasonal"], gates?.seasonal),
    ...services.flatMap((own, index) =>
      problemsIn(file, ["services", index, "gates", "seasonal"], own.gates?.seasonal),
    ),
  ];
}

/** As many readings of one metric as are held in memory for a release. */
const MOST_READINGS = 60_000;

function problemsIn(
  file: OurFile,
  at: readonly (string | number)[],
  seasonal: WrittenSeasonal = [],
): readonly Problem[] {
  return seasonal.flatMap((written, index) => {
    const problem = (isWrong: boolean, key: string | undefined, message: string): readonly Problem[] =>
      isWrong ? [problemAt(file, [...at, index, ...(key === undefined ? [] : [key])], message)] : [];
    const { name, query, builtin, worse, measure } = written;
    const { days, everyMs } = metricOf(written);
    return [
      ...problem((query === undefined) === (builtin === undefined), undefined, "must have a query or a builtin"),
      ...problem(query !== undefined && name === undefined, undefined, "must have a name: its query has none"),
      ...problem(query !== undefined && worse === undefined, undefined, "must say which way is worse: higher or lower"),
      ...problem(query !== undefined && measure === undefined, undefined, "must have a measure: count or latency"),
      ...problem(
        builtin !== undefined && measure !== undefined,
        "measure",
        `is of a query: ${builtin} is measured as it is`,
      ),
      ...problem(
        seasonal.findIndex((one) => nameOf(one) === nameOf(written)) < index,
        name === undefined ? undefined : "name",
        `names ${nameOf(written)} a second time`,
      ),
      ...problem(
        (days * DAY) / everyMs > MOST_READINGS,
        "every",
        `is too often for ${days} days: at most ${MOST_READINGS} readings are held`,
      ),
    ];
  });
}

/** Why a query does not mean what it says, a sentence's end; undefined where it may. */
function wordFault(query: string): string | undefined {
  for (const [, word = ""] of query.matchAll(/\{([a-z]+)\}/g)) {
    if (word === "arm" || word === "workload")
      return `holds {${word}}, which is one arm's: the service as a whole is {canary} and {stable}, or {pods}`;
    const known = closest(word, SEASONAL_WORDS);
    if (known !== undefined && !SEASONAL_WORDS.some((one) => one === word))
      return `holds {${word}}: did you mean {${known}}?`;
  }
  return undefined;
}
