import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { METRICS } from "../../src/adapters/observe/catalogue.ts";
import { exposition } from "../../src/adapters/observe/exposition.ts";
import { adminServer } from "../../src/adapters/observe/server.ts";
import { isPrometheusInstalled, realPrometheus } from "../../src/sandbox/real-prometheus.ts";
import { startStory, type Story } from "../support/story.ts";
import { spanReceiver } from "../support/spans.ts";
import { landBump, openBump, untilRest, untilStep } from "../support/story-plot.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { until } from "../support/until.ts";

const RULES = fileURLToPath(new URL("../../deploy/prometheus/rules.yml", import.meta.url));
const TESTS = fileURLToPath(new URL("rules.yml", import.meta.url));
const DASHBOARD = new URL("../../deploy/grafana/tidegate.json", import.meta.url);

const Rule = z.object({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  annotations: z.object({ summary: z.string(), description: z.string() }).optional(),
});
const rules = z
  .object({ groups: z.array(z.object({ name: z.string(), rules: z.array(Rule) })) })
  .parse(parse(readFileSync(RULES, "utf8")))
  .groups.flatMap((group) => group.rules);
const panels = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
  })
  .parse(JSON.parse(readFileSync(DASHBOARD, "utf8"))).panels;

const shown = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr.replaceAll("$repository", ".*")] as const),
);
const queries = [...rules.map(({ alert, record, expr }) => [alert ?? record ?? "", expr] as const), ...shown];

/** What is not there where nothing of it has happened. */
const MAY_BE_EMPTY = /failing_looks|throttled_total|tidegate:gates|stage!="resting"|tidegate_github_hourly_left/;

/** Spans that there are of any release. */
const SPANS = [
  "look",
  "see",
  "act",
  "sweep",
  "webhook push",
  "query metrics",
  "git fetch",
  "git push",
  "POST /repos/{owner}/{repo}/pulls",
];

describe("queries", () => {
  it.each(queries)("of %s ask for what is shown: %s", (_, expr) => {
    const ours = new Set<string>([
      ...Object.values(METRICS).flatMap(({ name, type }) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
      ),
      ...rules.flatMap(({ record }) => record ?? []),
    ]);
    const named = expr.match(/\btidegate[_:][a-z_]+/g) ?? [];
    expect(named.filter((name) => !ours.has(name))).toEqual([]);
    expect(named.length > 0 || expr.includes("nodejs_")).toBe(true);
  });

  it("alert with a sentence on what is and another on what to do", () => {
    for (const { alert, annotations } of rules) {
      if (alert === undefined) continue;
      expect(annotations?.summary).toMatch(/\.$/);
      expect(annotations?.description.length).toBeGreaterThan(40);
    }
  });
});

describe.skipIf(!isPrometheusInstalled())("a real Prometheus", () => {
  it.each([
    ["check", RULES],
    ["test", TESTS],
  ])("takes the rules (promtool %s rules)", (verb, path) => {
    const { status, stdout, stderr } = spawnSync("promtool", [verb, "rules", path], { encoding: "utf8" });
    expect({ status, said: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });

  it("evaluates every rule and every panel over a release that is taken back", { timeout: 900_000 }, async () => {
    const bad = imageOf("payments", "2.0.0");
    const collector = await spanReceiver();
    onTestFinished(collector.close);
    const story = await startStory({
      services: ["payments", "search"],
      operator: { hosts: [], environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } },
      faults: new Map([[bad, { kind: "errorRatio", ratio: 10 }]]),
    });
    const end = once(story.close);
    onTestFinished(end);
    const own = await ownProcess();
    const prometheus = await realPrometheus(undefined, [], configFor([metricsOf(story), own]));
    onTestFinished(prometheus.close);
    const ask = (expr: string) => query(prometheus.url, expr);

    await landBump(story, { service: "payments", version: "2.0.0" });
    await untilStep(story, "payments", "1-5");
    const pull = await openBump(story, { service: "search", version: "2.0.0" });
    story.github.comment({ repo: REPO, user: "ana", number: pull.number, body: "/why" });
    await story.settle();
    await until("a release under way is seen", async () => (await ask("tidegate:releases > 0")).length > 0);
    await untilRest(story, "payments");
    await until("it is seen to be over", async () => (await ask("tidegate:releases == 0")).length > 0);

    const empty: string[] = [];
    for (const [name, expr] of shown) if ((await ask(expr)).length === 0) empty.push(`${name}: ${expr}`);
    expect(empty.filter((words) => !MAY_BE_EMPTY.test(words))).toEqual([]);
    for (const [, expr] of queries) await ask(expr);
    expect(await ask(`sum(tidegate_aborts_total{repository="${REPO}",by="gate"})`)).toEqual(["1"]);
    expect(await ask('sum(tidegate_commands_total{verb="why",outcome="told"})')).toEqual(["1"]);
    expect(await ask('count(tidegate_webhooks_total{event="push",status="202"})')).toEqual(["1"]);
    expect(await ask('count({__name__=~"tidegate.*",service=~".+"})')).toEqual([]);
    await until("every rule is evaluated", async () => (await healthOf(prometheus.url)).every((one) => one === "ok"));

    await end();
    const names = new Set(collector.spans.map(({ name }) => name));
    expect([...SPANS].filter((name) => !names.has(name))).toEqual([]);
    expect(collector.raw.join("")).not.toMatch(/gh[a-z]_|eyJ|BEGIN|authorization/i);
  });
});

/** Does it the first time, and waits for that ever after. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

/** What Prometheus is told: these places, often. */
function configFor(targets: readonly string[]): string {
  return stringify({
    global: { scrape_interval: "250ms", scrape_timeout: "250ms", evaluation_interval: "500ms" },
    rule_files: [RULES],
    scrape_configs: [{ job_name: "tidegate", static_configs: [{ targets }] }],
  });
}

/** A place that shows what only a process of its own does. */
async function ownProcess(): Promise<string> {
  const { metrics } = exposition({ version: "0.0.0", ofProcess: true, now: () => Date.now(), keepMs: 60_000 });
  const state = { isUp: true, waiting: 0, running: 0, oldestDue: undefined, stalled: 0, putOff: 0 };
  const asked = { queue: async () => state, limits: () => [], unready: () => undefined };
  const log = { info: () => undefined, warn: () => undefined };
  const server = adminServer({ metrics: () => metrics(asked), unready: asked.unready, log });
  onTestFinished(() => server.close(1_000));
  return `127.0.0.1:${await server.listen(0, "127.0.0.1")}`;
}

/** Where the bot says that its metrics are. */
function metricsOf({ log }: Story): string {
  const line = log.find((one) => one.includes("Metrics are shown."));
  const { host, port } = z.object({ host: z.string(), port: z.number() }).parse(JSON.parse(line ?? "{}"));
  return `${host}:${port}`;
}

const Answer = z.object({
  status: z.literal("success"),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** The values of an instant query; throws what Prometheus has against it. */
async function query(url: string, expr: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  return Answer.parse(await answer.json()).data.result.map(({ value: [, value] }) => value);
}

const Groups = z.object({
  data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ health: z.string() })) })) }),
});

async function healthOf(url: string): Promise<readonly string[]> {
  const answer = Groups.parse(await (await fetch(`${url}/api/v1/rules`)).json());
  return answer.data.groups.flatMap((group) => group.rules.map(({ health }) => health));
}
