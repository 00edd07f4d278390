import { expect, it } from "vitest";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve, type Settings } from "../../src/config/resolve.ts";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import type { Provider } from "../../src/analysis/template/provider.ts";
import { name } from "../../src/core/names.ts";
import { gateProvider } from "../../src/reconcile/gate-provider.ts";

const HOSTS = ["prometheus.example.com", "score.example.com", "other.example.com", "api.datadoghq.com"];
const OPERATOR = {
  hosts: HOSTS,
  forms: FORMS,
  environment: { METRICS_TOKEN: "secret", METRICS_DD: "dd-key" },
  mounted: () => undefined,
};
const DATADOG =
  "{ datadog: { secrets: { apiKey: { env: METRICS_DD }, applicationKey: { env: METRICS_DD } }, counts: { total: 'sum:a{service:{arm}}.as_count()', failed: 'sum:b{service:{arm}}.as_count()' } } }";
const CONFIG = `version: 1
metrics:
  prod: { prometheus: { url: "https://prometheus.example.com/prefix", headers: { Authorization: { env: METRICS_TOKEN } } } }
`;

function settings(text: string): Settings {
  const written = parseRepoConfig({ path: ".github/tidegate.yml", text });
  const found = written.kind === "ok" ? resolve(written.value, OPERATOR) : written;
  if (found.kind === "err") throw new Error(found.error.map(({ message }) => message).join("; "));
  return found.value;
}

const prometheus = (address?: string, headers: readonly { name: string; value: string }[] = []): Provider => ({
  kind: "prometheus",
  address,
  query: "up",
  timeoutMs: 20_000,
  headers,
  range: undefined,
});
const web = (url: string): Provider => ({
  kind: "web",
  method: "GET",
  url,
  headers: [],
  body: undefined,
  json: undefined,
  timeoutMs: 5_000,
  jsonPath: "{$}",
});
const newRelic: Provider = { kind: "newRelic", query: "SELECT 1", timeoutMs: undefined };
const datadog: Provider = {
  kind: "datadog",
  version: "v1",
  query: "avg:a{*}",
  queries: undefined,
  formula: undefined,
  aggregator: undefined,
  intervalMs: 300_000,
};

function asked(provider: Provider, text = CONFIG) {
  const address = provider.kind === "prometheus" ? provider.address : undefined;
  const metric = { name: "success", path: "rate.yaml", line: 7, provider, address };
  const found = gateProvider(settings(text), OPERATOR, { metric, target: name("prod"), named: undefined });
  return found.kind === "refused" ? found.problems.join("; ") : found.value;
}

it.each<[string, Provider, string, unknown]>([
  [
    "the target's own, with its keys, where there is no address",
    prometheus(),
    "https://prometheus.example.com/prefix",
    { Authorization: "secret" },
  ],
  [
    "the one of metrics at that address, with its keys",
    prometheus("https://prometheus.example.com/prefix/"),
    "https://prometheus.example.com/prefix",
    { Authorization: "secret" },
  ],
  [
    "another address that is allowed, without keys",
    prometheus("https://other.example.com"),
    "https://other.example.com",
    {},
  ],
  [
    "a web server that is allowed, without keys",
    web("https://score.example.com/a?b=c"),
    "https://score.example.com/",
    {},
  ],
])("%s is asked", (_, provider, url, headers) => {
  expect(asked(provider)).toMatchObject({ settings: { url, headers } });
});

it("asks Datadog with the keys of metrics, and later, as its points settle", () => {
  expect(asked(datadog, `${CONFIG}  dd: ${DATADOG}\n`)).toMatchObject({
    settings: { kind: "counted", by: "datadog", secrets: { apiKey: "dd-key" } },
    settleMs: 60_000,
  });
});

it.each<[string, Provider, string]>([
  [
    "a host that nobody allowed",
    prometheus("https://evil.example.net"),
    "rate.yaml:7: the metric success is asked of an address that names the host evil.example.net, which the operator of this Tidegate does not allow: the operator allows hosts by METRICS_HOSTS",
  ],
  ["plain http", prometheus("http://prometheus.example.com"), "must begin with https://"],
  ["credentials in an address", web("https://a:b@score.example.com/"), "must hold no credentials"],
  [
    "credentials in a header",
    prometheus(undefined, [{ name: "authorization", value: "Bearer x" }]),
    "has the header authorization: credentials are named at a provider of metrics",
  ],
  ["a provider without keys", newRelic, "asks newRelic, of which metrics has no entry: add one, with its keys by name"],
  ["an address that is none", web("score"), "is asked of an address that is none"],
])("%s is refused, with its place and what to do", (_, provider, words) => {
  expect(asked(provider)).toContain(words);
});
