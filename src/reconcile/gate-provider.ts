import type { GateMetric } from "../analysis/gate.ts";
import type { Provider as Asked } from "../analysis/template/provider.ts";
import { hostProblem } from "../config/hosts.ts";
import type { CountedProvider, Provider } from "../config/providers.ts";
import type { Settings } from "../config/resolve.ts";
import type { Name } from "../core/names.ts";
import { DEFAULT_PROMETHEUS, type ProviderSettings } from "../ports/metrics.ts";
import { settingsOf, type Operator } from "./providers.ts";
import type { Understood } from "./readings.ts";

/** Whose metric is to be asked where: `named` is the provider that the gate names. */
export type Wanted = {
  readonly metric: Pick<GateMetric, "name" | "path" | "line" | "provider" | "address">;
  readonly target: Name;
  readonly named: string | undefined;
};

/** Who is asked, and how long after a time its value is settled (ms). */
export type GateProvider = { readonly settings: ProviderSettings; readonly settleMs: number };

/**
 * Who a template's metric is asked of. Addresses are those of `metrics`, or of hosts that the operator allows; keys stand at an entry of `metrics` alone,
 * by name, and go to no other place than that entry's.
 */
export function gateProvider(config: Settings, operator: Operator, wanted: Wanted): Understood<GateProvider> {
  const { provider, address } = wanted.metric;
  const found =
    provider.kind === "prometheus"
      ? prometheusFor(config, operator, wanted, address)
      : provider.kind === "web"
        ? webFor(config, operator, wanted, provider.url)
        : keyedFor(config, operator, wanted);
  if (found.kind === "refused") return found;
  const credentials = headersOf(provider).find((name) => CREDENTIALS.test(name));
  if (credentials !== undefined)
    return refused(
      wanted,
      `has the header ${credentials}: credentials are named at a provider of metrics, never written down`,
    );
  const settleMs = isCounted(found.value) ? (operator.forms[provider.kind]?.settleMs ?? 0) : 0;
  return { kind: "read", value: { settings: withTemplate(found.value, provider), settleMs } };
}

function isCounted({ kind }: ProviderSettings): boolean {
  return kind === "counted";
}

type Found = Understood<ProviderSettings>;

function refused({ metric: { name, path, line } }: Wanted, why: string): Extract<Found, { readonly kind: "refused" }> {
  return { kind: "refused", problems: [`${path}:${line}: the metric ${name} ${why}`] };
}

/** The provider that a gate names, else the target's own. */
function usual({ metrics, metricsFor }: Settings, { target, named }: Wanted): Provider | undefined {
  if (named !== undefined) return metrics.get(named);
  const found = metricsFor(target);
  return found.kind === "ok" ? found.value : undefined;
}

function prometheusFor(config: Settings, operator: Operator, wanted: Wanted, address: string | undefined): Found {
  const own = usual(config, wanted);
  if (address === undefined) {
    if (own?.kind === "prometheus") return settingsOf(own, operator);
    return refused(
      wanted,
      "names no address, and the target's metrics are no Prometheus: name one of metrics at the gate",
    );
  }
  const problem = hostProblem(address, operator.hosts);
  if (problem !== undefined) return refused(wanted, `is asked of an address that ${problem}: ${ALLOWED}`);
  const same = [own, ...config.metrics.values()].find((one) => one?.kind === "prometheus" && isSame(one.url, address));
  return same === undefined
    ? { kind: "read", value: { ...DEFAULT_PROMETHEUS, url: address } }
    : settingsOf(same, operator);
}

const ALLOWED = "the operator allows hosts by METRICS_HOSTS; without an address the target's own metrics are asked";

function isSame(one: string, other: string): boolean {
  const place = (text: string) => new URL(text).href.replace(/\/+$/, "");
  return place(one) === place(other);
}

function webFor(config: Settings, operator: Operator, wanted: Wanted, text: string): Found {
  const url = URL.parse(text);
  const problem = url === null ? "is none" : hostProblem(originOf(url), operator.hosts);
  if (url === null || problem !== undefined) return refused(wanted, `is asked of an address that ${problem}: ${HOSTS}`);
  const base = originOf(url);
  const own = usual(config, wanted);
  const same = [own, ...config.metrics.values()].find(
    (one) => one?.kind === "counted" && one.by === "web" && originOf(new URL(one.url)) === base,
  );
  if (same === undefined) return { kind: "read", value: keyless("web", base) };
  const found = settingsOf(same, operator);
  return found.kind === "read" ? { kind: "read", value: { ...found.value, url: base } } : found;
}

const HOSTS = "the operator allows hosts by METRICS_HOSTS";

/** Credentials in an address stay there, and are refused for it. */
function originOf({ protocol, username, password, host }: URL): string {
  return `${protocol}//${username === "" && password === "" ? "" : "user:password@"}${host}/`;
}

function keyless(by: string, url: string): ProviderSettings {
  const { timeoutMs, maxBytes } = DEFAULT_PROMETHEUS;
  return {
    kind: "counted",
    by,
    url,
    headers: {},
    secrets: {},
    options: {},
    counts: { total: "", failed: "" },
    timeoutMs,
    maxBytes,
  };
}

function keyedFor(config: Settings, operator: Operator, wanted: Wanted): Found {
  const { provider, address } = wanted.metric;
  const fits = (one: Provider | undefined): one is CountedProvider =>
    one?.kind === "counted" && one.by === provider.kind && (address === undefined || isSame(one.url, address));
  const own = [usual(config, wanted), ...config.metrics.values()].find(fits);
  if (own !== undefined) return settingsOf(own, operator);
  const where = address === undefined ? "" : " at that address";
  return refused(
    wanted,
    `asks ${provider.kind}, of which metrics has no entry${where}: add one, with its keys by name`,
  );
}

const CREDENTIALS = /^(?:authorization|proxy-authorization|cookie)$/i;

function headersOf(provider: Asked): readonly string[] {
  return "headers" in provider ? provider.headers.map(({ name }) => name) : [];
}

const MOST_MS = 60_000;

/** What a template says besides, which no key gives way to. */
function withTemplate(settings: ProviderSettings, provider: Asked): ProviderSettings {
  const said =
    "headers" in provider ? Object.fromEntries(provider.headers.map(({ name, value }) => [name, value])) : {};
  const timeoutMs =
    "timeoutMs" in provider && provider.timeoutMs !== undefined ? provider.timeoutMs : settings.timeoutMs;
  return { ...settings, headers: { ...said, ...settings.headers }, timeoutMs: Math.min(timeoutMs, MOST_MS) };
}
