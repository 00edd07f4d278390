import { z } from "zod";
import { servePrometheus } from "../src/sandbox/cluster/provider.ts";
import type { SeriesReader } from "../src/sandbox/cluster/series-store.ts";
import { flightSeries } from "./memory-series.ts";

/** What the process is told: first for how many repositories it answers, then what has begun in them. */
export const Order = z.union([
  z.object({ repositories: z.number() }),
  z.object({
    flown: z.object({
      begin: z.number(),
      landedAt: z.number(),
      weight: z.number(),
      canaryPods: z.number(),
      stablePods: z.number(),
    }),
    /** Of each repository. */
    shown: z.array(
      z.array(
        z.object({
          namespace: z.string(),
          service: z.string(),
          container: z.string(),
          from: z.string(),
          to: z.string(),
        }),
      ),
    ),
  }),
]);

type Flight = Extract<z.infer<typeof Order>, { readonly flown: unknown }>;

const SCRAPE_MS = 5_000;

/** A server for each repository, so that none of them looks through the series of the others. */
async function serve(repositories: number): Promise<void> {
  const told: SeriesReader[] = [];
  const readers = Array.from({ length: repositories }, (_, index): SeriesReader => ({
    series: (name) => told[index]?.series(name) ?? [],
  }));
  const servers = await Promise.all(readers.map((reader) => servePrometheus(reader, () => Date.now())));
  process.on("message", (order) => {
    const flight = Order.parse(order);
    if ("flown" in flight) told.splice(0, told.length, ...begun(flight));
    process.send?.({ urls: [] });
  });
  process.send?.({ urls: servers.map(({ url }) => url) });
}

function begun({ flown, shown }: Flight): readonly SeriesReader[] {
  const { scrapeUntil, readerOf } = flightSeries(flown);
  scrapeUntil(Date.now());
  setInterval(() => scrapeUntil(Date.now()), SCRAPE_MS).unref();
  return shown.map(readerOf);
}

process.once("message", (order) => {
  const first = Order.parse(order);
  if ("repositories" in first) void serve(first.repositories);
});
process.once("disconnect", () => process.exit());
