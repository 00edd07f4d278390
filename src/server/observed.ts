import type { Logger } from "pino";
import { correlated, type LogContext } from "../adapters/observe/context.ts";
import { exposition, type Asked } from "../adapters/observe/exposition.ts";
import { told } from "../adapters/observe/lines.ts";
import { adminServer } from "../adapters/observe/server.ts";
import { openTracing, type Tracing } from "../adapters/observe/tracing.ts";
import { tracingSettings } from "../adapters/observe/tracing-settings.ts";
import { redactor } from "../core/redact.ts";
import { listening } from "./listening.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { secretsIn, type Settings } from "../operator/settings.ts";
import { version } from "../operator/version.ts";

export type ObservedOptions = {
  readonly settings: Pick<Settings, "ADMIN_HOST" | "ADMIN_PORT" | "SWEEP_SECONDS" | "PRIVATE_KEY">;
  /** The process's: where traces go is said by OpenTelemetry's standard variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly context: LogContext;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Whether memory and processor time of the process are shown as well. */
  readonly ofProcess: boolean;
};

export type Observed = {
  readonly telemetry: Telemetry;
  /** Begins to show metrics; resolves with the port, or with undefined where the usual one is taken. */
  readonly open: (asked: Asked) => Promise<AdminDoor>;
};

/** Where metrics are read. */
export type AdminDoor = { readonly port: number | undefined; readonly close: () => Promise<void> };

/** What exporters of metrics use where nobody says anything. */
const USUAL_PORT = 9464;
const CLOSE_WITHIN_MS = 2_000;
/** What no look has renewed for so many sweeps is another process's, or nobody's. */
const KEPT_SWEEPS = 4;

/** Puts together what takes note of the program and what shows it. */
export async function observed(options: ObservedOptions): Promise<Observed> {
  const { settings, logger, context, clock, ofProcess } = options;
  const keepMs = KEPT_SWEEPS * settings.SWEEP_SECONDS * 1_000;
  const { telemetry, metrics } = exposition({ version: version(), ofProcess, now: clock.now, keepMs });
  const tracing = await tracingFor(options);
  const counted = told(logger, telemetry);
  return {
    telemetry: correlated(context, tracing?.traced(counted) ?? counted),
    open: async (asked) => {
      const door = await opened(options, () => metrics(asked), asked);
      return { ...door, close: () => bothEnd(door, tracing) };
    },
  };
}

async function tracingFor({ settings, environment, log }: ObservedOptions): Promise<Tracing | undefined> {
  const said = tracingSettings(environment);
  if (said === undefined) return undefined;
  log.info("Traces are sent.", { host: new URL(said.url).host });
  const clean = redactor([...secretsIn(environment), settings.PRIVATE_KEY]);
  return openTracing({ ...said, version: version(), clean });
}

async function bothEnd(door: AdminDoor, tracing: Tracing | undefined): Promise<void> {
  await Promise.all([door.close(), tracing?.close(CLOSE_WITHIN_MS)]);
}

async function opened(
  { settings, log }: ObservedOptions,
  metrics: Parameters<typeof adminServer>[0]["metrics"],
  { unready }: Asked,
): Promise<AdminDoor> {
  const { ADMIN_HOST: host, ADMIN_PORT: wanted } = settings;
  const server = adminServer({ metrics, unready, log });
  const place = { host, port: wanted ?? USUAL_PORT, named: { host: "ADMIN_HOST", port: "ADMIN_PORT" } };
  try {
    const port = await listening(server, place);
    log.info("Metrics are shown.", { host, port, path: "/metrics" });
    return { port, close: () => server.close(CLOSE_WITHIN_MS) };
  } catch (error) {
    // Nobody has asked for this port: another process of ours on the machine is no reason not to start.
    if (wanted !== undefined || !isTaken(error)) throw error;
    log.warn("Metrics are not shown: the usual port is taken. Name another one by ADMIN_PORT.", { port: USUAL_PORT });
    return { port: undefined, close: async () => undefined };
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
}
