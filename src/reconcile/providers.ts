import type { CountedProvider, PrometheusProvider, Provider, SecretName } from "../config/providers.ts";
import type { ProviderForms } from "../core/provider-form.ts";
import { DEFAULT_PROMETHEUS, type ProviderSettings } from "../ports/metrics.ts";
import { CONFIG_PATH, type Understood } from "./readings.ts";

/** What the operator lets configuration reach. */
export type Operator = {
  /** Hosts that metrics may be read from. */
  readonly hosts: readonly string[];
  /** The providers that can be asked for counts. */
  readonly forms: ProviderForms;
  /** Where the values of secrets are, by the names that configuration gives. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a file says that the operator mounted for this; undefined where there is none of that name. */
  readonly mounted: (name: string) => string | undefined;
};

type Secrets = Pick<Operator, "environment" | "mounted">;
type Values = Readonly<Record<string, string>>;

/** A provider as it is asked. Secrets come from the operator by name, never from the repository. */
export function settingsOf(provider: Provider, secrets: Secrets): Understood<ProviderSettings> {
  return provider.kind === "prometheus" ? prometheusOf(provider, secrets) : countedOf(provider, secrets);
}

function prometheusOf(
  { url, headers, sigv4, requests, timeoutMs }: PrometheusProvider,
  secrets: Secrets,
): Understood<ProviderSettings> {
  const { region, ...names } = sigv4 ?? {};
  const values = valuesOf(headers, secrets);
  const key = valuesOf(names, secrets);
  if (values.kind === "refused") return values;
  if (key.kind === "refused") return key;
  const { accessKeyId: id = "", secretAccessKey: secret = "", sessionToken: token } = key.value;
  return {
    kind: "read",
    value: {
      ...DEFAULT_PROMETHEUS,
      url,
      headers: values.value,
      ...(region !== undefined && { sigv4: { region, id, secret, token } }),
      ...(requests !== undefined && { requests }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  };
}

function countedOf(
  { by, url, headers, secrets: names, options, counts, timeoutMs }: CountedProvider,
  secrets: Secrets,
): Understood<ProviderSettings> {
  const values = valuesOf(headers, secrets);
  const keys = valuesOf(names, secrets);
  if (values.kind === "refused") return values;
  if (keys.kind === "refused") return keys;
  const bounds = { timeoutMs: timeoutMs ?? DEFAULT_PROMETHEUS.timeoutMs, maxBytes: DEFAULT_PROMETHEUS.maxBytes };
  const asked = { by, url, headers: values.value, secrets: keys.value, options, counts };
  return { kind: "read", value: { kind: "counted", ...asked, ...bounds } };
}

function valuesOf(names: Readonly<Record<string, SecretName | undefined>>, secrets: Secrets): Understood<Values> {
  const values: Record<string, string> = {};
  for (const [key, name] of Object.entries(names)) {
    if (name === undefined) continue;
    const value = valueOf(name, secrets);
    if (value.kind === "refused") return value;
    values[key] = value.value;
  }
  return { kind: "read", value: values };
}

/** Only variables that the operator made for this may be named: the App's own secrets are in the same environment. */
const FOR_METRICS = /^METRICS_[A-Z0-9_]+$/;

function valueOf({ env, file }: SecretName, { environment, mounted }: Secrets): Understood<string> {
  if (env !== undefined && !FOR_METRICS.test(env))
    return refused(`a secret may name variables that begin with METRICS_, not ${env}`);
  const value = env === undefined ? mounted(file ?? "") : environment[env];
  if (value !== undefined) return { kind: "read", value };
  return refused(
    env === undefined
      ? `the operator of this Tidegate has mounted no file ${file ?? ""} for metrics`
      : `the environment of this Tidegate has no variable ${env}`,
  );
}

function refused(problem: string): Extract<Understood<never>, { readonly kind: "refused" }> {
  return { kind: "refused", problems: [`${CONFIG_PATH}: ${problem}`] };
}
