import { closest } from "../../core/closest.ts";
import { refuse } from "../../yaml/refusal.ts";
import { goDuration } from "../go-duration.ts";
import { offsetOf } from "../moment.ts";
import { items, keysOf, needed, numberAt, part, plain, text, textAt, wrong, yesAt, type Field } from "./fields.ts";

/** A header of a request. */
export type Header = { readonly name: string; readonly value: string };

/** Start and end as offsets from the time of a measurement, and the distance of its points; ms. */
export type Range = { readonly startMs: number; readonly endMs: number; readonly stepMs: number };

/** What is asked of whom, without anything of the file it came from. Credentials are no part of it. */
export type Provider =
  | {
      readonly kind: "prometheus";
      readonly address: string | undefined;
      readonly query: string;
      readonly timeoutMs: number | undefined;
      readonly headers: readonly Header[];
      /** Where it begins and ends, from the time of the measurement on, and its step; ms. */
      readonly range: Range | undefined;
    }
  | {
      readonly kind: "datadog";
      readonly version: "v1" | "v2";
      readonly query: string | undefined;
      readonly queries: unknown;
      readonly formula: string | undefined;
      readonly aggregator: string | undefined;
      readonly intervalMs: number;
    }
  | { readonly kind: "newRelic"; readonly query: string; readonly timeoutMs: number | undefined }
  | { readonly kind: "cloudWatch"; readonly intervalMs: number; readonly queries: readonly unknown[] }
  | {
      readonly kind: "web";
      readonly method: "GET" | "POST" | "PUT";
      readonly url: string;
      readonly headers: readonly Header[];
      readonly body: string | undefined;
      readonly json: unknown;
      readonly timeoutMs: number;
      readonly jsonPath: string;
    };

const REFUSED: ReadonlyMap<string, string> = new Map([
  ["job", "a Job runs in a cluster, and nothing of Tidegate does"],
  ["kayenta", "Kayenta is not asked; gates.gauges judges as it would where a gauge says kayenta"],
  ["wavefront", "there is no provider for Wavefront"],
  ["graphite", "there is no provider for Graphite"],
  ["influxdb", "there is no provider for InfluxDB"],
  ["skywalking", "there is no provider for SkyWalking"],
  ["plugin", "Argo's plugins run inside Argo's controller"],
]);

const READERS: ReadonlyMap<string, (field: Field) => Provider> = new Map([
  ["prometheus", prometheus],
  ["datadog", datadog],
  ["newRelic", newRelic],
  ["cloudWatch", cloudWatch],
  ["web", web],
]);

/** The one provider of a metric. Throws Refused: for none, for several, and by name for those that cannot be asked. */
export function readProvider(metric: Field): Provider {
  const field = needed(metric, "provider");
  const [key, more] = keysOf(field);
  if (key === undefined) return wrong(field, `${field.path} needs a provider: ${[...READERS.keys()].join(", ")}`);
  if (more !== undefined) return wrong(more, `${field.path} has one provider`);
  const why = REFUSED.get(key.path);
  if (why !== undefined) return refuse(key.file, key.tree, `the provider ${key.path}`, why);
  const read = READERS.get(key.path);
  if (read !== undefined) return read(needed(field, key.path));
  const meant = closest(key.path, [...READERS.keys(), ...REFUSED.keys()]);
  return wrong(key, meant === undefined ? `known are ${[...READERS.keys()].join(", ")}` : `did you mean ${meant}?`);
}

function prometheus(field: Field): Provider {
  refuseParts(field, ["authentication", "insecure"]);
  const range = part(field, "rangeQuery");
  return {
    kind: "prometheus",
    address: textAt(field, "address"),
    query: text(needed(field, "query")),
    timeoutMs: seconds(field, "timeout"),
    headers: headersOf(field),
    range: range && rangeOf(range),
  };
}

function rangeOf(field: Field): Range {
  const [startMs, endMs] = [momentOf(needed(field, "start")), momentOf(needed(field, "end"))];
  return startMs < endMs && endMs <= 0
    ? { startMs, endMs, stepMs: duration(needed(field, "step")) }
    : wrong(field, `${field.path} begins before it ends, and ends by now`);
}

function momentOf(field: Field): number {
  const found = offsetOf(text(field));
  return found.kind === "ok" ? found.value : wrong(field, `${field.path}: ${found.error}`);
}

const CREDENTIALS = "credentials come from the environment or a mounted file, by name, never from a template";

/** What a template may say and a gate does not do; false is as good as nothing. */
function refuseParts(field: Field, names: readonly string[]): void {
  for (const name of names) {
    const found = part(field, name);
    if (found === undefined || (name === "insecure" && !yesAt(field, name))) continue;
    refuse(found.file, found.tree, name, name === "insecure" ? "certificates are always checked" : CREDENTIALS);
  }
}

function headersOf(field: Field): readonly Header[] {
  return items(part(field, "headers")).map((header) => ({
    name: text(needed(header, "key")),
    value: text(needed(header, "value")),
  }));
}

function seconds(field: Field, key: string): number | undefined {
  const found = numberAt(field, key);
  return found === undefined ? undefined : found * 1000;
}

function duration(field: Field): number {
  const ms = goDuration(text(field));
  return ms === undefined || ms <= 0 ? wrong(field, `${field.path} is a duration such as 30s or 5m`) : ms;
}

function durationAt(field: Field, key: string, otherwise: number): number {
  const found = part(field, key);
  return found === undefined ? otherwise : duration(found);
}

const FIVE_MINUTES = 300_000;

function datadog(field: Field): Provider {
  refuseParts(field, ["secretRef"]);
  const version = textAt(field, "apiVersion") ?? "v1";
  if (version !== "v1" && version !== "v2") return wrong(needed(field, "apiVersion"), "apiVersion is v1 or v2");
  const queries = part(field, "queries");
  const query = textAt(field, "query");
  if ((query === undefined) === (queries === undefined)) wrong(field, `${field.path} has a query or queries`);
  return {
    kind: "datadog",
    version,
    query,
    queries: queries === undefined ? undefined : plain(queries),
    formula: textAt(field, "formula"),
    aggregator: textAt(field, "aggregator"),
    intervalMs: durationAt(field, "interval", FIVE_MINUTES),
  };
}

function newRelic(field: Field): Provider {
  return { kind: "newRelic", query: text(needed(field, "query")), timeoutMs: seconds(field, "timeout") };
}

function cloudWatch(field: Field): Provider {
  const queries = items(needed(field, "metricDataQueries")).map(plain);
  return { kind: "cloudWatch", intervalMs: durationAt(field, "interval", FIVE_MINUTES), queries };
}

const METHODS = ["GET", "POST", "PUT"] as const;
const TEN_SECONDS = 10_000;

function web(field: Field): Provider {
  refuseParts(field, ["authentication", "insecure"]);
  const named = textAt(field, "method") ?? "GET";
  const method = METHODS.find((one) => one === named) ?? wrong(needed(field, "method"), "method is GET, POST or PUT");
  const [body, json] = [textAt(field, "body"), part(field, "jsonBody")];
  if (body !== undefined && json !== undefined) wrong(field, `${field.path} has a body or a jsonBody`);
  if (method === "GET" && (body !== undefined || json !== undefined)) wrong(field, "a GET has no body");
  return {
    kind: "web",
    method,
    url: text(needed(field, "url")),
    headers: headersOf(field),
    body,
    json: json === undefined ? undefined : plain(json),
    timeoutMs: seconds(field, "timeoutSeconds") ?? TEN_SECONDS,
    jsonPath: textAt(field, "jsonPath") ?? "{$}",
  };
}
