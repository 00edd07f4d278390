import { expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { problemText } from "../../src/config/document.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve, type Settings } from "../../src/config/resolve.ts";
import { name } from "../../src/core/names.ts";
import { err, type Result } from "../../src/core/result.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";

const PATH = ".github/tidegate.yml";
const HOSTS = [
  "api.datadoghq.com",
  "monitoring.eu-central-1.amazonaws.com",
  "counts.example.com",
  "prometheus.example.com",
];

function read(text: string): Result<Settings, readonly string[]> {
  const written = parseRepoConfig({ path: PATH, text });
  const settings = written.kind === "ok" ? resolve(written.value, { hosts: HOSTS, forms: FORMS }) : written;
  return settings.kind === "ok" ? settings : err(settings.error.map(problemText));
}

const DATADOG = `version: 1
metrics:
  prod:
    datadog:
      secrets: { apiKey: { env: METRICS_KEY }, applicationKey: { file: app-key } }
      counts:
        total: "sum:hits{service:{arm}}.as_count()"
        failed: "sum:errors{service:{arm}}.as_count()"
targets: [{ name: prod, observe: assumed, delay: 1m }]
`;

it("reads a provider that is asked for counts, with what its form says besides", () => {
  const { metricsFor, policyFor } = valueOf(read(DATADOG));
  expect(valueOf(metricsFor(name("prod")))).toEqual({
    kind: "counted",
    by: "datadog",
    url: "https://api.datadoghq.com",
    headers: {},
    secrets: { apiKey: { env: "METRICS_KEY" }, applicationKey: { file: "app-key" } },
    options: { api: "v2" },
    counts: { total: "sum:hits{service:{arm}}.as_count()", failed: "sum:errors{service:{arm}}.as_count()" },
    timeoutMs: undefined,
    settleMs: 60_000,
  });
  expect(valueOf(policyFor(name("prod"), [])).settleMs).toBe(60_000);
  const told = valueOf(read(`${DATADOG}measure: { settle: 10s }\n`));
  expect(valueOf(told.policyFor(name("prod"), [])).settleMs).toBe(10_000);
});

it("takes a number for the text that stands for it", () => {
  const text = `version: 1
metrics:
  prod:
    newRelic:
      url: "https://counts.example.com"
      account: 1234567
      secrets: { apiKey: { env: METRICS_KEY } }
      counts: { total: "SELECT count(*) FROM T WHERE a = '{arm}'", failed: "SELECT count(*) FROM E WHERE a = '{arm}'" }
`;
  expect(valueOf(valueOf(read(text)).metricsFor(name("any")))).toMatchObject({ options: { account: "1234567" } });
});

it("reads how requests to Amazon's managed Prometheus are signed", () => {
  const sigv4 = "{ region: eu-central-1, accessKeyId: { env: METRICS_ID }, secretAccessKey: { file: aws } }";
  const text = `version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com", sigv4: ${sigv4} } } }\n`;
  expect(valueOf(valueOf(read(text)).metricsFor(name("any")))).toMatchObject({
    sigv4: { region: "eu-central-1", accessKeyId: { env: "METRICS_ID" }, secretAccessKey: { file: "aws" } },
  });
});

it("says that a provider without pods shows no change", () => {
  const text = DATADOG.replace(", observe: assumed, delay: 1m", "");
  expect(errorOf(valueOf(read(text)).policyFor(name("prod"), []))).toBe(
    "the target prod is measured by datadog, which tells of no pods: it needs observe: reported or observe: assumed",
  );
});

const WEB = `version: 1
metrics:
  prod:
    web:
      url: "https://counts.example.com"
      path: "/counts?arm={arm}&from={from}&to={to}"
      counts: { total: "{$.total}", failed: "{$.failed}" }
`;
const CLOUD_WATCH = `version: 1
metrics:
  prod:
    cloudWatch:
      url: "https://monitoring.eu-central-1.amazonaws.com"
      region: eu-central-1
      secrets: { accessKeyId: { env: METRICS_ID }, secretAccessKey: { env: METRICS_SECRET } }
      counts: { total: "SELECT SUM(a) FROM b WHERE c = '{arm}'", failed: "SELECT SUM(d) FROM b WHERE c = '{arm}'" }
`;

it.each([
  ["datadog", DATADOG],
  ["web", WEB],
  ["cloudWatch", CLOUD_WATCH],
])("takes %s", (_, text) => {
  expect(read(text)).toMatchObject({ kind: "ok" });
});

it.each([
  [
    "a provider that nobody knows",
    DATADOG.replace("datadog:", "datadgo:"),
    ":4: metrics.prod.datadgo is unknown: did you mean datadog?",
  ],
  [
    "one of a prototype",
    DATADOG.replace("datadog:", "constructor:"),
    ":4: metrics.prod.constructor is unknown: the providers are prometheus, datadog, newRelic, cloudWatch, web.",
  ],
  [
    "two providers in one entry",
    DATADOG.replace("    datadog:", '    prometheus: { url: "https://prometheus.example.com" }\n    datadog:'),
    ":3: metrics.prod must name one provider: prometheus, datadog, newRelic, cloudWatch, web.",
  ],
  ["an empty entry", "version: 1\nmetrics:\n  prod: {}\n", ":3: metrics.prod must name one provider: prometheus"],
  ["no mapping", "version: 1\nmetrics:\n  prod: { datadog: 7 }\n", ":3: metrics.prod.datadog must be a mapping."],
  [
    "an address that the operator does not allow",
    DATADOG.replace("      secrets", "      url: https://169.254.169.254\n      secrets"),
    ":5: metrics.prod.datadog.url names the host 169.254.169.254, which the operator of this Tidegate does not allow.",
  ],
  ["no address where none is usual", WEB.replace(/ +url.*\n/, ""), ":5: metrics.prod.web.url is missing."],
  [
    "a secret that is missing",
    DATADOG.replace(", applicationKey: { file: app-key }", ""),
    ":5: metrics.prod.datadog.secrets.applicationKey is missing.",
  ],
  [
    "a secret that is none of its",
    DATADOG.replace("apiKey:", "apikey:"),
    ":5: metrics.prod.datadog.secrets.apikey is unknown: did you mean apiKey?",
  ],
  [
    "a secret that is written down",
    DATADOG.replace("{ env: METRICS_KEY }", "abcdef"),
    ":5: metrics.prod.datadog.secrets.apiKey must be a mapping.",
  ],
  [
    "a variable of the App's",
    DATADOG.replace("METRICS_KEY", "PRIVATE_KEY"),
    ":5: metrics.prod.datadog.secrets.apiKey.env must be the name of a variable that begins with METRICS_.",
  ],
  [
    "a path to a file",
    DATADOG.replace("app-key", "../../etc/passwd"),
    ":5: metrics.prod.datadog.secrets.applicationKey.file must be the name of a file among the operator's, without a path.",
  ],
  [
    "a secret of both kinds",
    DATADOG.replace("{ file: app-key }", "{ file: app-key, env: METRICS_KEY }"),
    ":5: metrics.prod.datadog.secrets.applicationKey must name a variable (env) or a file (file).",
  ],
  [
    "a key that it does not have",
    DATADOG.replace("      secrets", "      site: eu\n      secrets"),
    ":5: metrics.prod.datadog.site is unknown: the keys here are url, headers, secrets, counts, timeout, api.",
  ],
  [
    "another API",
    DATADOG.replace("      secrets", "      api: v3\n      secrets"),
    ":5: metrics.prod.datadog.api must be v1 or v2.",
  ],
  [
    "one query for both arms",
    DATADOG.replace("errors{service:{arm}}", "errors{service:checkout}"),
    ":8: metrics.prod.datadog.counts.failed must hold {arm} or {workload}: without it both arms would be counted as one.",
  ],
  [
    "a placeholder that is mistyped",
    DATADOG.replace("errors{service:{arm}}", "errors{service:{arm},ns:{namespaces}}"),
    ":8: metrics.prod.datadog.counts.failed holds {namespaces}: did you mean {namespace}?",
  ],
  [
    "rates instead of counts",
    DATADOG.replaceAll(".as_count()", ""),
    ":7: metrics.prod.datadog.counts.total must end in .as_count(): Datadog gives rates without it.",
  ],
  ["no queries", WEB.replace(/ +counts.*\n/, ""), ":5: metrics.prod.web.counts is missing."],
  [
    "a path that leads away",
    WEB.replace('"/counts?', '"//evil.example/counts?'),
    ":6: metrics.prod.web.path must be a path such as /counts?service={arm}&from={from}&to={to}.",
  ],
  ["a path that goes up", WEB.replace('"/counts?', '"/../counts?'), ":6: metrics.prod.web.path must be a path such as"],
  [
    "a path without a span",
    WEB.replace("&to={to}", ""),
    ":6: metrics.prod.web.path must hold {from} and {to}, in seconds since 1970.",
  ],
  [
    "a JSONPath beyond what is supported",
    WEB.replace("{$.failed}", "{$..failed}"),
    ":7: metrics.prod.web.counts.failed uses the recursive .., which is not supported:",
  ],
  [
    "a search, whose period nobody knows",
    CLOUD_WATCH.replace("SELECT SUM(a) FROM b WHERE c = '{arm}'", "SEARCH('{arm}', 'Sum', 60)"),
    ":8: metrics.prod.cloudWatch.counts.total must be a query of Metrics Insights such as SELECT SUM(Requests) FROM",
  ],
  [
    "groups",
    CLOUD_WATCH.replace("SUM(a) FROM b WHERE c = '{arm}'", "SUM(a) FROM b WHERE c = '{arm}' GROUP BY c"),
    ":8: metrics.prod.cloudWatch.counts.total must not hold GROUP BY or LIMIT: a count is one series.",
  ],
  [
    "no region",
    CLOUD_WATCH.replace("region: eu-central-1", "region: Frankfurt"),
    ":6: metrics.prod.cloudWatch.region must be the name of a region such as eu-central-1.",
  ],
])("refuses %s", (_, text, words) => {
  expect(errorOf(read(text)).join("\n")).toContain(`${PATH}${words}`);
});
