import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { SeriesStore, StoredSeries } from "./cluster/series-store.ts";
import { freePort } from "./port.ts";

/** A server of its own, its data gone when it is closed. */
export type RealPrometheus = { readonly url: string; readonly close: () => Promise<void> };

const run = promisify(execFile);

/** Whether both of its programs can be started here. */
export function isPrometheusInstalled(): boolean {
  return ["prometheus", "promtool"].every((binary) => spawnSync(binary, ["--version"]).status === 0);
}

/**
 * A real Prometheus that holds exactly the samples of a store (its marks of ended series excepted: they cannot be imported), or none, started with further
 * options and its configuration.
 */
export async function realPrometheus(
  series: SeriesStore | undefined,
  further: readonly string[] = [],
  configuration = "",
): Promise<RealPrometheus> {
  const directory = await mkdtemp(join(tmpdir(), "prometheus-"));
  const [config, data] = [join(directory, "prometheus.yml"), join(directory, "data")];
  await writeFile(config, configuration);
  if (series !== undefined) await importInto(data, series, join(directory, "metrics.txt"));
  const address = `127.0.0.1:${await freePort()}`;
  const options = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    "--storage.tsdb.retention.time=100y",
    ...further,
  ];
  const server = spawn("prometheus", [...options, `--web.listen-address=${address}`], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    server.once("exit", () => resolve());
  });
  await ready(`http://${address}/-/ready`);
  return {
    url: `http://${address}`,
    close: async () => {
      server.kill("SIGKILL");
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function importInto(data: string, series: SeriesStore, file: string): Promise<void> {
  await writeFile(file, openMetrics(series));
  await run("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, data]);
}

function openMetrics(series: SeriesStore): string {
  return `${[...series.series(undefined)].flatMap(linesOf).join("\n")}\n# EOF\n`;
}

function linesOf({ labels, times, values }: StoredSeries): readonly string[] {
  const pairs = [...labels]
    .filter(([label]) => label !== "__name__")
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const head = `${labels.get("__name__")}{${pairs.join(",")}}`;
  return times.flatMap((at, index) => {
    const value = values[index];
    return value === undefined ? [] : [`${head} ${value} ${at / 1000}`];
  });
}

async function ready(url: string): Promise<void> {
  for (let attempt = 0; attempt < 2_000; attempt += 1) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await sleep(50);
  }
  throw new Error("Prometheus did not become ready within 100 s.");
}
