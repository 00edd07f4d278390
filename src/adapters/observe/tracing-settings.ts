import { UserError } from "../../core/error.ts";

/** Where spans are sent, and what they bear. */
export type TracingSettings = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of what sends them: `service.name` and what the operator says besides. */
  readonly resource: Readonly<Record<string, string>>;
  /** Share of looks, webhooks and sweeps that is traced, 0 to 1; what belongs to one of them goes with it. */
  readonly ratio: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** What OpenTelemetry's standard variables say of traces; undefined while they name no endpoint or switch it off. A UserError says what is not spoken. */
export function tracingSettings(environment: Environment): TracingSettings | undefined {
  const said = (name: string) =>
    environment[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || environment[`OTEL_EXPORTER_OTLP_${name}`];
  const url = endpointOf(environment);
  if (url === undefined || isOff(environment)) return undefined;
  const protocol = said("PROTOCOL") ?? "http/protobuf";
  if (protocol !== "http/protobuf")
    throw new UserError(
      "OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf is spoken; most collectors take it on port 4318.",
    );
  const general = pairsIn("OTEL_EXPORTER_OTLP_HEADERS", environment);
  const resource = pairsIn("OTEL_RESOURCE_ATTRIBUTES", environment);
  const name = environment["OTEL_SERVICE_NAME"] || resource["service.name"] || "tidegate";
  return {
    url,
    headers: { ...general, ...pairsIn("OTEL_EXPORTER_OTLP_TRACES_HEADERS", environment) },
    resource: { ...resource, "service.name": name },
    ratio: ratioOf(environment),
  };
}

function isOff(environment: Environment): boolean {
  const exporter = environment["OTEL_TRACES_EXPORTER"] || "otlp";
  if (!["otlp", "none"].includes(exporter)) throw new UserError("OTEL_TRACES_EXPORTER: must be otlp or none.");
  return exporter === "none" || environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true";
}

function endpointOf(environment: Environment): string | undefined {
  const own = environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  if (own) return addressOf("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", own);
  const base = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  return base ? addressOf("OTEL_EXPORTER_OTLP_ENDPOINT", `${base.replace(/\/+$/, "")}/v1/traces`) : undefined;
}

function addressOf(name: string, text: string): string {
  const protocol = URL.parse(text)?.protocol ?? "";
  if (!["http:", "https:"].includes(protocol)) throw new UserError(`${name}: must be an http or https address.`);
  return text;
}

/** `name=value` pairs with commas between them, both sides as in URLs. */
function pairsIn(variable: string, environment: Environment): Readonly<Record<string, string>> {
  const pairs = (environment[variable] ?? "").split(",").filter((pair) => pair.trim() !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      if (name.trim() === "" || value.length === 0)
        throw new UserError(`${variable}: must be name=value pairs with commas between them.`);
      return [decoded(name.trim()), decoded(value.join("=").trim())];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function ratioOf(environment: Environment): number {
  const sampler = (environment["OTEL_TRACES_SAMPLER"] || "always_on").replace(/^parentbased_/, "");
  const ratio = { always_on: 1, always_off: 0, traceidratio: Number(environment["OTEL_TRACES_SAMPLER_ARG"] || 1) }[
    sampler
  ];
  if (ratio === undefined || !(ratio >= 0 && ratio <= 1))
    throw new UserError(
      "OTEL_TRACES_SAMPLER: must be always_on, always_off or traceidratio with OTEL_TRACES_SAMPLER_ARG from 0 to 1.",
    );
  return ratio;
}
