import type { Fetch } from "../../../src/adapters/http/guarded-fetch.ts";
import { evaluateAt, evaluateOver } from "../../../src/sandbox/cluster/evaluate.ts";
import { selectorOf, selectorsOf } from "../../../src/sandbox/cluster/selector.ts";
import type { SeriesStore } from "../../../src/sandbox/cluster/series-store.ts";

/** Something that was asked: the parameters, and how they were sent. */
export type AskedOnce = { readonly form: URLSearchParams; readonly method: string };

/** What a provider returns of a series; `spoil` may make anything of its points. */
export type Spoil = (labels: Readonly<Record<string, string>>, values: readonly (readonly unknown[])[]) => unknown;

/** A provider that answers from a store without a socket, and remembers what it was asked. */
export function inProcess(series: SeriesStore, spoil: Spoil = (_, values) => values) {
  const asked: AskedOnce[] = [];
  const fetch: Fetch = (url, { method = "GET", body }) => {
    const form = new URLSearchParams(typeof body === "string" ? body : url.searchParams);
    asked.push({ form, method });
    const data = url.pathname.endsWith("query_range") ? over(series, form) : at(series, form);
    const result = data.map(({ metric, values }) => ({ metric, values: spoil(metric, values) }));
    return Promise.resolve(new Response(JSON.stringify({ status: "success", data: { resultType: "matrix", result } })));
  };
  return { fetch, asked };
}

type Found = { readonly metric: Readonly<Record<string, string>>; readonly values: readonly (readonly unknown[])[] };

function at(series: SeriesStore, form: URLSearchParams): readonly Found[] {
  return foundIn(evaluateAt(series, selectorOf(form.get("query") ?? ""), msOf(form.get("time"))));
}

function over(series: SeriesStore, form: URLSearchParams): readonly Found[] {
  const steps = { start: msOf(form.get("start")), end: msOf(form.get("end")), stepMs: msOf(form.get("step")) };
  return foundIn(evaluateOver(series, selectorsOf(form.get("query") ?? ""), steps));
}

function foundIn(answer: ReturnType<typeof evaluateAt>): readonly Found[] {
  if (answer.resultType !== "matrix") throw new Error("Only matrices are asked for.");
  return answer.result.map(({ metric, values }) => ({ metric: Object.fromEntries(Object.entries(metric)), values }));
}

function msOf(seconds: string | null): number {
  return Math.round(Number(seconds) * 1000);
}
