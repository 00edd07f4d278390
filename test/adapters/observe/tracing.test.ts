import { expect, it, onTestFinished } from "vitest";
import { openTracing } from "../../../src/adapters/observe/tracing.ts";
import { tracingSettings } from "../../../src/adapters/observe/tracing-settings.ts";
import { UserError } from "../../../src/core/error.ts";
import { repoName } from "../../../src/core/names.ts";
import { redactor } from "../../../src/core/redact.ts";
import type { Telemetry } from "../../../src/ports/telemetry.ts";
import { spanReceiver } from "../../support/spans.ts";

const KEY = { installation: 7, repo: repoName("acme/gitops") };
/** Telemetry that does nothing but what every telemetry must. */
const NOBODY: Telemetry = { tell: () => undefined, during: (_, work) => work() };
const ENDPOINT = "http://collector:4318";

async function world(more: Readonly<Record<string, string>> = {}) {
  const receiver = await spanReceiver();
  onTestFinished(receiver.close);
  const settings = tracingSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...more });
  if (settings === undefined) throw new Error("It is off.");
  const tracing = await openTracing({ ...settings, version: "1.2.3", clean: redactor(["5d41402abc4b2a76"]) });
  return { ...receiver, telemetry: tracing.traced(NOBODY), close: () => tracing.close(60_000) };
}

it("sends what happens within a look as its parts, whatever set it off", async () => {
  const { telemetry, spans, close } = await world();
  await telemetry.during({ kind: "delivery", id: "72d3162e", event: "push" }, () =>
    telemetry.during({ kind: "look", id: "one", key: KEY }, () =>
      telemetry.during({ kind: "part", part: "see" }, async () => {
        const call = {
          kind: "forgeCall",
          request: "GET /repos/{owner}/{repo}/pulls",
          call: "read",
          lane: "step",
        } as const;
        await telemetry.during(
          call,
          async () => 200,
          () => "200",
        );
        await telemetry.during({ kind: "gitCommand", command: "fetch" }, async () => undefined);
        await telemetry.during({ kind: "providerQuery", host: "prometheus:9090" }, async () => undefined);
      }),
    ),
  );
  await close();
  const parentOf = (name: string) => {
    const span = spans.find((one) => one.name === name);
    return spans.find(({ id }) => id === span?.parent)?.name;
  };
  expect(Object.fromEntries(spans.map(({ name }) => [name, parentOf(name)]))).toEqual({
    "webhook push": undefined,
    look: undefined,
    see: "look",
    "GET /repos/{owner}/{repo}/pulls": "see",
    "git fetch": "see",
    "query metrics": "see",
  });
  expect(spans.find(({ name }) => name === "look")?.attributes).toMatchObject({
    "tidegate.look": "one",
    "tidegate.repository": "acme/gitops",
    "tidegate.result": "done",
  });
  expect(new Set(spans.map(({ trace }) => trace)).size).toBe(2);
});

it("says of what failed what it was, without a secret", async () => {
  const { telemetry, spans, raw, close } = await world();
  const token = `ghs_123_${"a1B2".repeat(120)}`;
  const failure = new TypeError(`refused ${token} and 5d41402abc4b2a76`);
  const failed = telemetry.during({ kind: "sweep" }, () => Promise.reject(failure));
  await expect(failed).rejects.toBe(failure);
  await close();
  expect(spans).toMatchObject([
    {
      name: "sweep",
      status: "refused [redacted] and [redacted]",
      attributes: { "error.type": "TypeError", "tidegate.result": "failed" },
    },
  ]);
  expect(raw.join("")).not.toMatch(/a1B2|5d41402abc/);
});

it("says whose spans they are, and shows the collector its key", async () => {
  const { telemetry, resource, raw, close } = await world({
    OTEL_SERVICE_NAME: "tidegate-prod",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=prod,team=a%20b",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=k%3D1",
  });
  await telemetry.during({ kind: "sweep" }, async () => undefined);
  await close();
  expect(resource).toEqual({
    "service.name": "tidegate-prod",
    "service.version": "1.2.3",
    "deployment.environment": "prod",
    team: "a b",
  });
  expect(raw[0]).toContain('"api-key":"k=1"');
});

it("sends nothing of what is not sampled", async () => {
  const { telemetry, raw, close } = await world({ OTEL_TRACES_SAMPLER: "always_off" });
  await telemetry.during({ kind: "sweep" }, async () => undefined);
  await close();
  expect(raw).toEqual([]);
});

it("keeps nothing from ending where nobody takes spans", async () => {
  const settings = tracingSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  if (settings === undefined) throw new Error("It is off.");
  const { traced, close } = await openTracing({ ...settings, version: "1.2.3", clean: (text) => text });
  await traced(NOBODY).during({ kind: "sweep" }, async () => undefined);
  await expect(close(10)).resolves.toBeUndefined();
});

it.each<[string, Readonly<Record<string, string>>]>([
  ["no endpoint is named", { OTEL_SERVICE_NAME: "tidegate" }],
  ["an empty one is", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }],
  ["it is switched off", { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: "True" }],
  ["traces are", { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_TRACES_EXPORTER: "none" }],
])("is off where %s", (_, environment) => {
  expect(tracingSettings(environment)).toBeUndefined();
});

it.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${ENDPOINT}/` }, `${ENDPOINT}/v1/traces`],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://a/b" }, "https://a/b"],
])("sends to the place that is named: %j", (environment, url) => {
  expect(tracingSettings(environment)?.url).toBe(url);
});

it.each([
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "only http/protobuf"],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, "must be otlp or none"],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" }, "OTEL_TRACES_SAMPLER"],
  [{ OTEL_TRACES_SAMPLER: "jaeger_remote" }, "OTEL_TRACES_SAMPLER"],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "hunter2" }, "name=value"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }, "http or https"],
])("ends the start in a sentence where it cannot do what is asked: %j", (more, words) => {
  const ask = () => tracingSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, ...more });
  expect(ask).toThrow(UserError);
  expect(ask).toThrow(words);
  expect(ask).not.toThrow("hunter2");
});
