import type { Provider } from "../analysis/template/provider.ts";
import { unreachable } from "../core/unreachable.ts";
import type { MetricDataQuery, Span, ValueQuery } from "../ports/measure.ts";

/** What a template's provider is asked for the time `at` (ms), over which span. */
export function valueQuestion(provider: Provider, at: number): { readonly asked: ValueQuery; readonly span: Span } {
  switch (provider.kind) {
    case "prometheus": {
      const { query, range } = provider;
      const span = { from: at + (range?.startMs ?? 0), to: at + (range?.endMs ?? 0) };
      return { asked: { kind: "prometheus", query: { query, stepMs: range?.stepMs } }, span };
    }
    case "datadog":
      return { asked: datadogQuery(provider), span: { from: at - provider.intervalMs, to: at } };
    case "newRelic":
      return { asked: { kind: "newRelic", query: provider.query }, span: { from: at, to: at } };
    case "cloudWatch": {
      const query = provider.queries.flatMap(asApiHasIt);
      return { asked: { kind: "cloudWatch", query }, span: { from: at - provider.intervalMs, to: at } };
    }
    case "web":
      return { asked: webQuery(provider), span: { from: at, to: at } };
    default:
      return unreachable(provider);
  }
}

/** Whether a provider answers for a time that is past; one that does not is asked when a measurement is due. */
export function answersForPast({ kind }: Provider): boolean {
  return kind !== "web" && kind !== "newRelic";
}

type Of<Kind extends Provider["kind"]> = Extract<Provider, { readonly kind: Kind }>;

function datadogQuery({ version, query = "", queries, formula, aggregator }: Of<"datadog">): ValueQuery {
  if (version === "v1") return { kind: "datadog", query: { version, query } };
  const written = Object.entries(isRecord(queries) ? queries : { query });
  const texts = Object.fromEntries(written.map(([name, text]) => [name, String(text)]));
  return { kind: "datadog", query: { version, queries: texts, formula, aggregator } };
}

function webQuery({ url, method, headers, body, json, jsonPath }: Of<"web">): ValueQuery {
  const { pathname, search } = new URL(url);
  const sent = body ?? json;
  const query = {
    path: `${pathname.slice(1)}${search}`,
    method,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    ...(sent !== undefined && { body: sent }),
    jsonPath,
  };
  return { kind: "web", query };
}

/** A template writes the API's keys with a small first letter. */
function asApiHasIt(written: unknown): readonly MetricDataQuery[] {
  const query = capitalised(written);
  return isRecord(query) ? [query] : [];
}

function capitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalised);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [`${key.charAt(0).toUpperCase()}${key.slice(1)}`, capitalised(part)]),
  );
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
