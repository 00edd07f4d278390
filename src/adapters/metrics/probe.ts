import { unavailable, read, type Reading } from "../../core/reading.ts";
import type { PrometheusSettings } from "../../ports/metrics.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import { connect } from "./http.ts";

/** Asks a provider for a constant at `now` (milliseconds), as a release would ask for windows: the same address, headers and time-out. */
export async function probe(
  settings: PrometheusSettings,
  { fetch, now }: { readonly fetch: Fetch; readonly now: number },
): Promise<Reading<"answers">> {
  const time = (now / 1000).toFixed(3);
  const found = await connect(settings, fetch)("query_range", {
    query: "vector(1)",
    start: time,
    end: time,
    step: "1",
  });
  if (found.kind !== "read") return unavailable(found.reason);
  const [series] = found.value.series;
  return series?.samples[0]?.value === 1
    ? read("answers")
    : unavailable("Prometheus does not know that vector(1) is 1.");
}
