import { numbersAsked, ranAs } from "./asked.ts";
import { ok, type Result } from "../src/core/result.ts";
import { isPrometheusInstalled, realPrometheus, type RealPrometheus } from "../src/sandbox/real-prometheus.ts";
import { seriesOf } from "./fanout-fleet.ts";
import { isSame, lookTwice, oneByOne, together, type Cost, type Looks } from "./fanout-run.ts";

const USAGE = `Measures what one look reads of a real Prometheus, for many services under release at once: asked together, and one by one.
Needs the programs prometheus and promtool (on Debian: the package prometheus).

Usage: npm run bench:fanout -- [options]

  --services N  how many services (default 500)
  --json        one JSON object on stdout
  --help        this text

Exit status: 0 when the target is met, 1 when not, 2 for a wrong option, 3 when Prometheus is not installed.
`;

/** The most that the first look may take, asked together; queries may not grow with services at all. */
const TARGET = { coldMs: 2_000 } as const;

/** Looks at fewer services are held against the looks at all: as many queries, or they grow. */
const FEWER = 10;

type Summary = {
  readonly services: number;
  readonly series: number;
  readonly together: Looks;
  readonly oneByOne: Looks;
  readonly fewer: { readonly services: number; readonly together: Looks };
  readonly ratio: { readonly coldMs: number; readonly warmMs: number; readonly queries: number };
  readonly isSame: boolean;
  readonly growsWithServices: boolean;
  readonly target: typeof TARGET;
  readonly ok: boolean;
};

type Asked = { readonly services: number; readonly isJson: boolean };

const NUMBERS = new Map([["services", { default: 500, range: [FEWER, 2_000] }]] as const);

function asked(): Result<Asked | "help", string> {
  const given = numbersAsked(NUMBERS);
  if (given.kind === "err") return given;
  if (given.value === "help") return ok("help");
  const { of, isJson } = given.value;
  return ok({ services: of("services"), isJson });
}

async function run(wanted: Asked): Promise<number> {
  if (!isPrometheusInstalled()) {
    process.stderr.write("prometheus or promtool is not installed: nothing was measured.\n");
    return 3;
  }
  const summary = await measured(wanted.services);
  process.stdout.write(wanted.isJson ? `${JSON.stringify({ summary })}\n` : textOf(summary));
  return summary.ok ? 0 : 1;
}

async function measured(services: number): Promise<Summary> {
  const { server, series } = await served(services);
  try {
    const all = await lookTwice(server.url, services, together);
    const few = await lookTwice(server.url, Math.ceil(services / FEWER), together);
    const each = await lookTwice(server.url, services, oneByOne);
    return summaryOf({ services, series, all, few, each });
  } finally {
    await server.close();
  }
}

// Once it is imported, what the server holds is not held here as well.
async function served(services: number): Promise<{ readonly server: RealPrometheus; readonly series: number }> {
  const store = seriesOf(services);
  return { series: [...store.series(undefined)].length, server: await realPrometheus(store) };
}

type Measured = Awaited<ReturnType<typeof lookTwice>>;

function summaryOf({
  services,
  series,
  all,
  few,
  each,
}: {
  readonly services: number;
  readonly series: number;
  readonly all: Measured;
  readonly few: Measured;
  readonly each: Measured;
}): Summary {
  const growsWithServices = all.cold.queries > few.cold.queries || all.warm.queries > few.warm.queries;
  const isEqual = isSame(all.readings, each.readings);
  return {
    services,
    series,
    together: { cold: all.cold, warm: all.warm },
    oneByOne: { cold: each.cold, warm: each.warm },
    fewer: { services: Math.ceil(services / FEWER), together: { cold: few.cold, warm: few.warm } },
    ratio: {
      coldMs: each.cold.ms / all.cold.ms,
      warmMs: each.warm.ms / all.warm.ms,
      queries: each.cold.queries / all.cold.queries,
    },
    isSame: isEqual,
    growsWithServices,
    target: TARGET,
    ok: isEqual && !growsWithServices && all.cold.ms <= TARGET.coldMs,
  };
}

function textOf(summary: Summary): string {
  const { services, series, fewer, ratio } = summary;
  const row = (label: string, { queries, ms, bytes, unavailable }: Cost): string =>
    `  ${label.padEnd(34)}${String(queries).padStart(8)}${`${(ms / 1000).toFixed(2)} s`.padStart(10)}${`${(bytes / 1e6).toFixed(1)} MB`.padStart(10)}${unavailable === 0 ? "" : `  ${unavailable} unavailable`}\n`;
  return [
    `${services} services, two arms of two pods each, ${series} series: requests, how long they took, pods with their images, readiness.\n`,
    `Cold: up to twenty windows of each. Warm: the look after, one window later.\n\n`,
    `  ${"".padEnd(34)}${"queries".padStart(8)}${"time".padStart(10)}${"answers".padStart(10)}\n`,
    row("together, cold", summary.together.cold),
    row("together, warm", summary.together.warm),
    row(`together, ${fewer.services} services, cold`, fewer.together.cold),
    row(`together, ${fewer.services} services, warm`, fewer.together.warm),
    row("one by one, cold", summary.oneByOne.cold),
    row("one by one, warm", summary.oneByOne.warm),
    `\nOne by one takes ${ratio.coldMs.toFixed(1)} times as long cold, ${ratio.warmMs.toFixed(1)} times warm, and ${ratio.queries.toFixed(0)} times the queries.\n`,
    summary.isSame ? "Both read the same of every service.\n" : "They do not read the same.\n",
    summary.growsWithServices ? "Queries grow with services.\n" : "Queries do not grow with services.\n",
    summary.ok ? "The target is met.\n" : `The target (${TARGET.coldMs / 1000} s cold, the same readings) is missed.\n`,
  ].join("");
}

process.exitCode = await ranAs(USAGE, asked(), run);
