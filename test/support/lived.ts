import { setTimeout as sleep } from "node:timers/promises";
import { binomial, chance } from "../../src/backtest/chance.ts";
import { servePrometheus } from "../../src/sandbox/cluster/provider.ts";
import { seriesStore, type SeriesStore } from "../../src/sandbox/cluster/series-store.ts";
import { isPrometheusInstalled, realPrometheus } from "../../src/sandbox/real-prometheus.ts";
import type { Story } from "./story.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Six hours up to now (milliseconds) in which four pods of checkout in each namespace answered a hundred requests a minute, of which two failed. */
function lived(now: number, namespaces: readonly string[]): SeriesStore {
  const series = seriesStore(48 * HOUR);
  const random = chance(1);
  const totals = new Map<string, number>();
  const count = (namespace: string, pod: string) =>
    [["200", binomial(random, 100, 0.98)] as const, ["503", binomial(random, 100, 0.02)] as const].map(
      ([code, more]) => {
        const key = `${namespace} ${pod} ${code}`;
        totals.set(key, (totals.get(key) ?? 0) + more);
        const where = { reporter: "destination", destination_service_namespace: namespace, response_code: code, pod };
        const labels = { __name__: "istio_requests_total", destination_service_name: "checkout", ...where };
        return { labels, value: totals.get(key) ?? 0 };
      },
    );
  const pods = ["b", "c", "d", "f"].map((end) => `checkout-7d4b9c8f6d-${end.repeat(5)}`);
  const begin = Math.floor(now / MINUTE) * MINUTE - 6 * HOUR;
  for (let at = begin; at <= now; at += MINUTE)
    series.scrape(
      at,
      namespaces.flatMap((namespace) => pods.flatMap((pod) => count(namespace, pod))),
    );
  return series;
}

// Where everything must be checked, a missing binary is a failure, not a gap; elsewhere the synthetic cluster's provider stands in.
const isReal = isPrometheusInstalled() || process.env["CI"] !== undefined;

export type Provider = { readonly url: string; readonly close: () => Promise<void> };

/** Serves such a past, up to now. */
export function servePast(namespaces: readonly string[]): Promise<Provider> {
  const now = Date.now();
  return isReal ? realPrometheus(lived(now, namespaces)) : servePrometheus(lived(now, namespaces), () => Date.now());
}

/** Waits for what a back-test comes to: the thread that plays goes by the machine's time, and the story's stands still meanwhile. */
export async function untilPlayed(story: Story, isTold: () => boolean | Promise<boolean>): Promise<void> {
  const patience = Date.now() + 300_000;
  while (!(await isTold())) {
    if (Date.now() > patience) throw new Error(`Nothing was told:\n${story.log.slice(-20).join("\n")}`);
    // Each time costs calls, of which the story's GitHub allows so many in what stands still there.
    await sleep(100);
    await story.settle();
  }
}

/** The configuration by which such a past is read and played. */
export function pastConfig(url: string) {
  return {
    metrics: `{ prod: { prometheus: { url: "${url}" } } }`,
    waves: '[{ targets: ["*"], steps: [25, 50], bake: 5m }]',
    measure: "{ window: 1m }",
    deadline: "20m",
  };
}
