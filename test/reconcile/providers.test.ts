import { expect, it } from "vitest";
import type { CountedProvider, PrometheusProvider, SecretName } from "../../src/config/providers.ts";
import { settingsOf } from "../../src/reconcile/providers.ts";

const SECRETS = {
  environment: { METRICS_TOKEN: "token", METRICS_ID: "id", PRIVATE_KEY: "-----BEGIN" },
  mounted: (name: string) => ({ "aws-secret": "mounted" })[name],
};

const prometheus = (changes: Partial<PrometheusProvider> = {}): PrometheusProvider => ({
  kind: "prometheus",
  url: "https://prometheus.example.com",
  headers: {},
  sigv4: undefined,
  requests: undefined,
  timeoutMs: undefined,
  ...changes,
});

const counted = (secrets: Readonly<Record<string, SecretName>>): CountedProvider => ({
  kind: "counted",
  by: "datadog",
  url: "https://api.datadoghq.com",
  headers: { tenant: { env: "METRICS_TOKEN" } },
  secrets,
  options: { api: "v2" },
  counts: { total: "a", failed: "b" },
  timeoutMs: 3_000,
  settleMs: 1,
});

it("takes secrets from variables and from mounted files", () => {
  const key = { accessKeyId: { env: "METRICS_ID" }, secretAccessKey: { file: "aws-secret" } };
  const sigv4 = { region: "eu-central-1", ...key };
  expect(settingsOf(prometheus({ sigv4, headers: { a: { env: "METRICS_TOKEN" } } }), SECRETS)).toMatchObject({
    value: {
      headers: { a: "token" },
      sigv4: { region: "eu-central-1", id: "id", secret: "mounted", token: undefined },
    },
  });
  expect(settingsOf(counted({ apiKey: { file: "aws-secret" } }), SECRETS)).toMatchObject({
    value: { kind: "counted", headers: { tenant: "token" }, secrets: { apiKey: "mounted" }, timeoutMs: 3_000 },
  });
});

it.each([
  [{ env: "METRICS_ABSENT" }, "the environment of this Tidegate has no variable METRICS_ABSENT"],
  [{ env: "PRIVATE_KEY" }, "a secret may name variables that begin with METRICS_, not PRIVATE_KEY"],
  [{ file: "absent" }, "the operator of this Tidegate has mounted no file absent for metrics"],
])("refuses %j by its name alone", (secret, words) => {
  const problems = [`.github/tidegate.yml: ${words}`];
  expect(settingsOf(counted({ apiKey: secret }), SECRETS)).toEqual({ kind: "refused", problems });
  expect(settingsOf(prometheus({ headers: { a: secret } }), SECRETS)).toEqual({ kind: "refused", problems });
  const sigv4 = { region: "eu-central-1", accessKeyId: { env: "METRICS_ID" }, secretAccessKey: secret };
  expect(settingsOf(prometheus({ sigv4 }), SECRETS)).toEqual({ kind: "refused", problems });
});
