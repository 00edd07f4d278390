import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { countsPerWindow } from "../../src/adapters/metrics/counters.ts";
import { matrixOf } from "../../src/adapters/metrics/matrix.ts";
import type { Counts } from "../../src/core/window.ts";

/** A Datadog that tells of a synthetic cluster: `requests of` and `errors of` a Service, in the form of /api/v2/query/timeseries. */
export type Datadog = {
  readonly url: string;
  /** Where the cluster's own numbers are. */
  readonly follow: (prometheus: string) => void;
  /** From now on, every answer has this status instead. */
  readonly fail: (status: number | undefined) => void;
  readonly close: () => Promise<void>;
};

const Question = z.object({
  data: z.object({
    type: z.literal("timeseries_request"),
    attributes: z.object({
      from: z.number(),
      to: z.number(),
      interval: z.number(),
      queries: z.array(z.object({ data_source: z.literal("metrics"), name: z.string(), query: z.string() })),
      formulas: z.array(z.object({ formula: z.string() })),
    }),
  }),
});

const QUERY = /^sum:shop\.(?<what>requests|errors)\{service:(?<service>[-a-z0-9]+)\}\.as_count\(\)$/;

/** Serves it for one pair of keys. */
export async function serveDatadog(apiKey: string, applicationKey: string): Promise<Datadog> {
  let prometheus = "";
  let failure: number | undefined;
  const answer = async (request: IncomingMessage): Promise<{ readonly status: number; readonly body: object }> => {
    const { headers, url } = request;
    if (failure !== undefined) return { status: failure, body: { errors: ["not now"] } };
    if (headers["dd-api-key"] !== apiKey || headers["dd-application-key"] !== applicationKey)
      return { status: 403, body: { errors: ["Forbidden"] } };
    if (url !== "/api/v2/query/timeseries") return { status: 404, body: { errors: ["Not found"] } };
    const { attributes } = Question.parse(JSON.parse(await text(request))).data;
    return { status: 200, body: await timeseries(attributes, prometheus) };
  };
  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => response.writeHead(status).end(JSON.stringify(body)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    follow: (at) => {
      prometheus = at;
    },
    fail: (status) => {
      failure = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Attributes = z.infer<typeof Question>["data"]["attributes"];

async function timeseries(asked: Attributes, prometheus: string): Promise<object> {
  const { from, to, interval, queries } = asked;
  const counted = await Promise.all(
    queries.map(async ({ query }) => {
      const { what, service = "" } = QUERY.exec(query)?.groups ?? {};
      const counts = await countsOf(service, asked, prometheus);
      return counts.map((one) => (what === "requests" ? one?.requests : one?.failed || null) ?? null);
    }),
  );
  const times = Array.from({ length: (to - from) / interval }, (_, index) => from + index * interval);
  const series = queries.map((_, index) => ({ query_index: index, group_tags: [], unit: null }));
  return { data: { type: "timeseries_response", attributes: { series, times, values: counted } } };
}

async function countsOf(
  service: string,
  { from, to, interval }: Attributes,
  prometheus: string,
): Promise<readonly (Counts | undefined)[]> {
  const lookbackMs = 60_000;
  const query = `istio_requests_total{reporter="destination",destination_service_name="${service}"}[${to - from + lookbackMs}ms]`;
  const form = new URLSearchParams({ query, time: String(to / 1000) });
  const found = matrixOf(await (await fetch(`${prometheus}/api/v1/query?${form.toString()}`)).text());
  if (found.kind === "unavailable") throw new Error(found.reason);
  const counters = found.value.series.map((series) => ({
    series,
    failed: /^5..$/.test(series.labels.get("response_code") ?? ""),
  }));
  return countsPerWindow(counters, { from, to, windowMs: interval, lookbackMs });
}
