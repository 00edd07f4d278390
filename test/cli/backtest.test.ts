import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { backtest } from "../../src/cli/backtest.ts";
import { binomial, chance } from "../../src/backtest/chance.ts";
import { servePrometheus } from "../../src/sandbox/cluster/provider.ts";
import { seriesStore, type Exposed, type SeriesStore } from "../../src/sandbox/cluster/series-store.ts";
import { filesOf } from "../../src/sandbox/fleet.ts";
import { isPrometheusInstalled, realPrometheus } from "../../src/sandbox/real-prometheus.ts";
import { folders } from "../support/folders.ts";
import { bareRemote } from "../support/remote.ts";
import { fakeTerminal } from "../support/terminal.ts";

const folderOf = folders();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = Date.UTC(2026, 10, 20);
/** A day and the minutes in which the first counters are only a base. */
const END = BEGIN + 24 * HOUR + 5 * MINUTE;
const RELEASE = { from: BEGIN + 9 * HOUR, to: BEGIN + 10 * HOUR };

const BUCKETS = ["10", "25", "50", "100", "250", "+Inf"];
const UP_TO: readonly number[] = [0.1, 0.3, 0.6, 0.9, 0.99, 1];

/** Four pods with a hundred requests a minute each, of which two fail and one takes long; from nine to ten a canary has a tenth of the requests. */
function lived(): SeriesStore {
  const series = seriesStore(48 * HOUR);
  const random = chance(1);
  const totals = new Map<string, number>();
  const timed = (workload: string, pod: string, requests: number): readonly Exposed[] =>
    BUCKETS.map((le, at) => {
      const key = `${pod} ${le}`;
      const last = BUCKETS[at + 1] === undefined;
      const more = last ? requests : Math.round(requests * (UP_TO[at] ?? 1) * (0.99 + 0.02 * random()));
      totals.set(key, (totals.get(key) ?? 0) + Math.min(requests, more));
      const where = { reporter: "destination", destination_service_namespace: "web", le, pod };
      const labels = {
        __name__: "istio_request_duration_milliseconds_bucket",
        destination_service_name: workload,
        ...where,
      };
      return { labels, value: totals.get(key) ?? 0 };
    });
  const count = (workload: string, pod: string, requests: number): readonly Exposed[] =>
    [["200", binomial(random, requests, 0.98)] as const, ["503", binomial(random, requests, 0.02)] as const].map(
      ([code, more]) => {
        const key = `${pod} ${code}`;
        totals.set(key, (totals.get(key) ?? 0) + more);
        const where = { reporter: "destination", destination_service_namespace: "web", response_code: code, pod };
        const labels = { __name__: "istio_requests_total", destination_service_name: workload, ...where };
        return { labels, value: totals.get(key) ?? 0 };
      },
    );
  for (let at = BEGIN; at <= END; at += MINUTE) {
    const isReleasing = at >= RELEASE.from && at < RELEASE.to;
    const pods = ENDS.flatMap((end) => aboutPod(`web-7d4b9c8f6d-${end}`, random));
    const stable = ENDS.flatMap((end) => [
      ...count("web", `web-7d4b9c8f6d-${end}`, 100),
      ...timed("web", `web-7d4b9c8f6d-${end}`, 100),
    ]);
    series.scrape(at, [
      ...stable,
      ...pods,
      ...(isReleasing ? count("web-canary", "web-canary-5f6d7c8b9d-bbbbb", 40) : []),
    ]);
  }
  return series;
}

const ENDS = ["zzzzz", "bbbbb", "ccccc", "ddddd"];

/** What kube-state metrics and the kubelet say of it. */
function aboutPod(pod: string, random: () => number): readonly Exposed[] {
  const of = { namespace: "web", pod };
  const info = { __name__: "kube_pod_container_info", container: "web", image_spec: "r/web:1", ...of };
  return [
    { labels: info, value: 1 },
    { labels: { __name__: "memory_bytes", ...of }, value: 2e8 * (1 + 0.1 * random()) },
  ];
}

const SERVICE = {
  name: "web",
  kind: "httpRoute",
  targets: [{ name: "prod", namespace: "web" }],
  image: "r/web:1",
  replicas: 4,
  revision: "a".repeat(40),
} as const;

const config = (url: string, more = "") => `version: 1
metrics: { prod: { prometheus: { url: "${url}" } } }
waves: [{ targets: [prod], steps: [25, 50], bake: 5m }]
measure: { window: 1m }
deadline: 20m
gates:
  errors: { alpha: 0.04 }
  gauges:
    - { name: memory, query: 'avg(memory_bytes{namespace="{namespace}",pod=~"{pods}"})', worse: higher }
    - { name: queue, query: 'avg(queue_length{workload="{workload}"})', worse: higher }
${more}`;

type Provider = { readonly url: string; readonly close: () => Promise<void> };

// Where everything must be checked, a missing binary is a failure, not a gap; elsewhere the synthetic cluster's provider stands in.
const isReal = isPrometheusInstalled() || process.env["CI"] !== undefined;
const serve: (series: SeriesStore) => Promise<Provider> = isReal
  ? realPrometheus
  : (series) => servePrometheus(series, () => END);

const Json = z.object({
  version: z.literal(1),
  service: z.literal("web"),
  target: z.literal("prod"),
  trusted: z.boolean(),
  past: z.object({
    windows: z.number(),
    measured: z.number(),
    leftOut: z.number(),
    releases: z.number(),
    perMinute: z.number(),
  }),
  arms: z.object({ kind: z.string() }),
  shares: z.array(z.number()),
  identical: z.object({ blocked: z.number(), of: z.number() }),
  latency: z.object({
    kind: z.literal("judged"),
    alpha: z.number(),
    bounds: z.array(z.object({ bound: z.number() })),
    identical: z.object({ blocked: z.number(), of: z.number(), unjudged: z.number() }),
  }),
  gauges: z.array(z.object({ name: z.string(), alpha: z.number(), past: z.looseObject({ kind: z.string() }) })),
  concerns: z.array(z.looseObject({ kind: z.string() })),
});

describe("tidegate backtest on a day of a Prometheus, a real one where it is installed", () => {
  const kept: { provider?: Provider; remote?: ReturnType<typeof bareRemote> } = {};
  beforeAll(async () => {
    kept.provider = await serve(lived());
    kept.remote = bareRemote();
    const files = { ...Object.fromEntries(filesOf(SERVICE)), ".github/tidegate.yml": config(kept.provider.url) };
    kept.remote.commit("main", files);
  });
  afterAll(async () => {
    kept.remote?.remove();
    await kept.provider?.close();
  });

  const run = async (...args: readonly string[]) => {
    const { terminal, out, told } = fakeTerminal({
      METRICS_HOSTS: kept.provider?.url ?? "",
      METRICS_NETWORKS: "127.0.0.0/8",
    });
    const clock = { now: () => END + 10_000, sleep: async () => undefined };
    const status = await backtest([kept.remote?.directory ?? ".", ...args], terminal, clock);
    return { status, out: out(), told: told() };
  };

  it("tells what the past shows, and leaves the release out", async () => {
    const { status, out, told } = await run("web", "--days", "1", "--json");
    const found = Json.parse(JSON.parse(out));
    expect(told).toMatch(/^Reading web · prod, part 1 of 4 …\n/);
    // The first sample of the canary is only a base.
    expect(found.past).toMatchObject({ windows: 1440, measured: 1440, leftOut: 59, releases: 1 });
    expect(found.past.perMinute).toBeGreaterThan(390);
    expect(found.past.perMinute).toBeLessThan(410);
    expect(found.arms).toEqual({ kind: "pods" });
    expect(found.shares[0]).toBeCloseTo(0.25, 1);
    expect(found.identical).toEqual({ blocked: 0, of: 137 });
    expect(found.latency.alpha).toBe(0.02);
    // The provider that stands in does not know label_replace.
    const why = "Its query does not say {pods}, so that pods cannot be asked for one by one.";
    const memory = isReal ? { kind: "calibrated", placebos: 137 } : { kind: "unread" };
    expect(found.gauges).toMatchObject([
      { name: "memory", alpha: 0.01, past: memory },
      { name: "queue", past: { kind: "unread", why } },
    ]);
    expect(found.latency.bounds.map(({ bound }) => bound)).toEqual([50, 100, 250]);
    expect(found.latency.identical).toEqual({ blocked: 0, of: 136, unjudged: 1 });
    expect({ status, trusted: found.trusted }).toEqual({
      status: found.concerns.length === 0 ? 0 : 1,
      trusted: found.concerns.length === 0,
    });
  });

  it("says in words, of a label that names no pod, what cannot be told", async () => {
    const { status, out: podless } = await run("web/prod", "--days", "1", "--pod-label", "instance");
    expect(status).toBe(1);
    expect(podless).toContain(
      "It cannot be told: no series of stable's requests has a label instance that names one of its pods.",
    );
  });

  it("says that there was nothing", async () => {
    const { terminal, out } = fakeTerminal({
      METRICS_HOSTS: kept.provider?.url ?? "",
      METRICS_NETWORKS: "127.0.0.0/8",
    });
    const clock = { now: () => BEGIN - 100 * HOUR, sleep: async () => undefined };
    expect(await backtest([kept.remote?.directory ?? ".", "web", "--days", "1"], terminal, clock)).toBe(1);
    expect(out()).toContain("No request to stable was counted in all that time");
  });

  it.each([
    [["wbe"], 1, "There is no service wbe in "],
    [["web/prd"], 1, "web has no target prd. Did you mean prod?"],
    [["web", "--days", "900"], 2, "--days takes a number from 1 to 30."],
    [["web", "--dayz", "9"], 2, "There is no option --dayz. Did you mean --days?"],
    [["web", "--pod-label", "a-b"], 3, 'Not the name of a label: "a-b".'],
    [["web", "--at", "nowhere"], 3, "There is no commit nowhere in "],
  ])("answers %j plainly", async (args, status, words) => {
    const answer = await run(...args);
    expect(answer.status).toBe(status);
    expect(answer.told).toContain(words);
    expect(answer.out).toBe("");
  });
});

it("prints its help, and takes no address that the operator does not allow", async () => {
  const { terminal, out } = fakeTerminal({});
  expect(await backtest(["--help"], terminal, { now: () => 0, sleep: async () => undefined })).toBe(0);
  expect(out()).toMatch(/^Plays releases over a service's past/);
  const remote = bareRemote();
  remote.commit("main", {
    ...Object.fromEntries(filesOf(SERVICE)),
    ".github/tidegate.yml": config("https://prometheus.example.com"),
  });
  const said = fakeTerminal({});
  const status = await backtest([remote.directory, "web"], said.terminal, {
    now: () => 0,
    sleep: async () => undefined,
  });
  remote.remove();
  expect(status).toBe(1);
  expect(said.told()).toContain(".github/tidegate.yml:2: ");
});

it("goes by what the configuration extends, where that is given", async () => {
  const remote = bareRemote();
  const own = config("https://prometheus.example.com").replace("version: 1\n", "version: 1\nextends: acme/platform\n");
  remote.commit("main", { ...Object.fromEntries(filesOf(SERVICE)), ".github/tidegate.yml": own });
  const shared = folderOf({
    ".github/tidegate-org.yml": "version: 1\nenforced:\n  gates: { errors: { alpha: 0.00001 } }\n",
  });
  const clock = { now: () => 0, sleep: async () => undefined };
  const told = async (...args: readonly string[]) => {
    const { terminal, told: words } = fakeTerminal({});
    return [await backtest([remote.directory, "web", ...args], terminal, clock), words()];
  };
  const without = await told();
  const beside = await told("--extends", shared);
  const nowhere = await told("--extends", "/nowhere");
  remote.remove();
  expect(without).toEqual([1, expect.stringContaining("it extends acme/platform, which is not read here")]);
  // It is understood as far as to who may be asked, which this machine allows nobody to be.
  expect(beside).toEqual([1, expect.stringContaining(".github/tidegate.yml:3: ")]);
  expect(nowhere).toEqual([3, expect.stringContaining("There is no folder and no file /nowhere.")]);
});
