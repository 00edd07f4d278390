import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { binomial, chance } from "../../src/backtest/chance.ts";
import { servePrometheus } from "../../src/sandbox/cluster/provider.ts";
import { seriesStore, type SeriesStore } from "../../src/sandbox/cluster/series-store.ts";
import { isPrometheusInstalled, realPrometheus } from "../../src/sandbox/real-prometheus.ts";
import type { Story } from "../support/story.ts";
import { openBump, say } from "../support/story-plot.ts";
import { saidOn } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";
import { twice } from "./twice.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TARGETS = ["us", "eu"] as const;

/** Six hours up to now in which four pods of each target answered a hundred requests a minute, of which two failed. */
function lived(now: number): SeriesStore {
  const series = seriesStore(48 * HOUR);
  const random = chance(1);
  const totals = new Map<string, number>();
  const count = (target: string, pod: string) =>
    [["200", binomial(random, 100, 0.98)] as const, ["503", binomial(random, 100, 0.02)] as const].map(
      ([code, more]) => {
        const key = `${target} ${pod} ${code}`;
        totals.set(key, (totals.get(key) ?? 0) + more);
        const where = { reporter: "destination", destination_service_namespace: target, response_code: code, pod };
        const labels = { __name__: "istio_requests_total", destination_service_name: "checkout", ...where };
        return { labels, value: totals.get(key) ?? 0 };
      },
    );
  const pods = ["b", "c", "d", "f"].map((end) => `checkout-7d4b9c8f6d-${end.repeat(5)}`);
  const begin = Math.floor(now / MINUTE) * MINUTE - 6 * HOUR;
  for (let at = begin; at <= now; at += MINUTE)
    series.scrape(
      at,
      TARGETS.flatMap((target) => pods.flatMap((pod) => count(target, pod))),
    );
  return series;
}

// Where everything must be checked, a missing binary is a failure, not a gap; elsewhere the synthetic cluster's provider stands in.
const isReal = isPrometheusInstalled() || process.env["CI"] !== undefined;

type Provider = { readonly url: string; readonly close: () => Promise<void> };
const kept: { past?: Provider } = {};
beforeAll(async () => {
  const now = Date.now();
  kept.past = isReal ? await realPrometheus(lived(now)) : await servePrometheus(lived(now), () => Date.now());
});
afterAll(() => kept.past?.close());

/** The thread that plays goes by the machine's time, and the story's stands still meanwhile. */
async function untilAnswered(story: Story, comment: number): Promise<void> {
  const patience = Date.now() + 300_000;
  while ((await story.reactions(comment)).length === 0) {
    if (Date.now() > patience) throw new Error(`Nothing was answered:\n${story.log.slice(-20).join("\n")}`);
    await sleep(20);
    await story.settle();
  }
}

const backtestsOn = (story: Story, number: number) =>
  saidOn(story, number).filter(({ body }) => body.startsWith("<!-- tidegate:backtest/"));

it(
  "/backtest says on a bump what the past of its targets says of the gate: once, whatever dies meanwhile, and changing nothing",
  UNHURRIED,
  async () => {
    const url = kept.past?.url ?? "";
    const config = {
      metrics: `{ prod: { prometheus: { url: "${url}" } } }`,
      targets: "[{ name: us, metrics: prod }, { name: eu, metrics: prod }]",
      waves: '[{ targets: ["*"], steps: [25, 50], bake: 5m }]',
      measure: "{ window: 1m }",
      deadline: "20m",
    };
    const operator = { hosts: [new URL(url).origin], environment: {} };
    await told({ targets: TARGETS, config, operator }, async (story) => {
      const before = await story.github.log(REPO, "HEAD");
      const bump = await openBump(story, { service: "checkout", version: "1.1.0", places: story.places });
      await story.settle();
      const asked = await say(story, "ana", bump.number, "/backtest");
      // Whatever it has come to by now is lost with the process.
      await story.restart(async () => undefined);
      await untilAnswered(story, asked);
      expect(await story.reactions(asked)).toEqual(["eyes"]);
      const [answer, ...others] = backtestsOn(story, bump.number);
      expect(others).toEqual([]);

      expect(answer?.body).toContain(`tidegate:backtest/${asked} `);
      for (const target of TARGETS) expect(answer?.body).toContain(`**checkout · ${target}**: `);
      expect(answer?.body).toMatch(/The gate would have blocked \d+ of \d+ releases of nothing new: /);
      expect(answer?.body).toMatch(/\| 25% \| .*\d+ min/);
      expect(answer?.body).toContain("placebo releases cannot promise");
      expect(answer?.body).toContain("`npx tidegate backtest checkout/eu --days 14`");

      await kept.past?.close();
      delete kept.past;
      const refused = await say(story, "ana", bump.number, "/status\n/backtest eu");
      await untilAnswered(story, refused);
      const second = backtestsOn(story, bump.number).at(-1)?.body ?? "";
      expect(second).toContain(`tidegate:backtest/${refused} `);
      expect(second).toContain("**checkout · eu**: its past cannot be read: Prometheus refuses connections.");
      expect(second).not.toContain("**checkout · us**: its past");
      expect(backtestsOn(story, bump.number)).toHaveLength(2);
      expect(await twice(story)).toEqual([]);
      expect(await story.github.log(REPO, "HEAD")).toEqual(before);
    })();
  },
);
