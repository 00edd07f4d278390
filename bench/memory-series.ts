import { exposed } from "../src/sandbox/cluster/expose.ts";
import type { SeriesReader, StoredSeries } from "../src/sandbox/cluster/series-store.ts";

/** A service at its first weight. `canaryPods` and `stablePods` are all ready; `to` and `from` are the images that they run. */
export type Shown = {
  readonly namespace: string;
  readonly service: string;
  readonly container: string;
  readonly from: string;
  readonly to: string;
};

/** When the first weight landed, in per cent, milliseconds, and from when on there are samples. */
export type Flown = {
  readonly begin: number;
  readonly landedAt: number;
  readonly weight: number;
  readonly canaryPods: number;
  readonly stablePods: number;
};

/** All services behave alike, so that they share their samples. */
export type FlightSeries = {
  /** Takes the scrapes up to a moment, milliseconds. */
  readonly scrapeUntil: (now: number) => void;
  /** What is told of some services. */
  readonly readerOf: (services: readonly Shown[]) => SeriesReader;
};

const SECOND = 1_000;
const SCRAPE_MS = 30 * SECOND;
/** Of a service as a whole, while nothing fails by chance: one in 200. */
const PER_SECOND = 100;
const FAILED = 0.005;
/** Pods of the canary are there before its weight. */
const WARM_MS = 120 * SECOND;

/** Bounds in milliseconds as Istio has them (envoy's default buckets), and the share of the requests up to each. */
const BUCKETS = [
  ["0.5", 0],
  ["1", 0.01],
  ["5", 0.05],
  ["10", 0.18],
  ["25", 0.44],
  ["50", 0.71],
  ["100", 0.88],
  ["250", 0.97],
  ["500", 0.99],
  ["1000", 0.999],
  ["2500", 1],
  ["5000", 1],
  ["10000", 1],
  ["30000", 1],
  ["60000", 1],
  ["300000", 1],
  ["600000", 1],
  ["1.8e+06", 1],
  ["3.6e+06", 1],
  ["+Inf", 1],
] as const;

type Arm = "canary" | "stable";
type Line = { readonly at: (ms: number) => number | undefined; readonly values: (number | undefined)[] };

/** The samples of a flight, none at first. */
export function flightSeries(flown: Flown): FlightSeries {
  const times: number[] = [];
  const lines = linesOf(flown);
  return {
    scrapeUntil: (now) => {
      for (let at = (times.at(-1) ?? flown.begin - SCRAPE_MS) + SCRAPE_MS; at <= now; at += SCRAPE_MS) {
        times.push(at);
        for (const { at: valueAt, values } of lines.values()) values.push(valueAt(at));
      }
    },
    readerOf: (services) => readerOf(services.flatMap((shown) => seriesOf(shown, flown, { times, lines }))),
  };
}

type Lines = ReadonlyMap<string, Line>;

/** What every pod of an arm tells, by arm and what it is. */
function linesOf({ begin, landedAt, weight, canaryPods, stablePods }: Flown): Lines {
  const from = { canary: landedAt - WARM_MS, stable: begin };
  const share = { canary: [0, weight / 100 / canaryPods], stable: [1 / stablePods, (1 - weight / 100) / stablePods] };
  const requests = (arm: Arm, ms: number) => {
    const [before = 0, after = 0] = share[arm];
    const seconds = [Math.min(ms, landedAt) - begin, Math.max(0, ms - landedAt)].map((length) => length / SECOND);
    return PER_SECOND * ((seconds[0] ?? 0) * before + (seconds[1] ?? 0) * after);
  };
  const counted = (arm: Arm, of: number): Line => ({
    at: (ms) => (ms < from[arm] ? undefined : Math.floor(requests(arm, ms) * of)),
    values: [],
  });
  return new Map(
    (["canary", "stable"] as const).flatMap((arm): (readonly [string, Line])[] => [
      [`${arm} 200`, counted(arm, 1 - FAILED)],
      [`${arm} 503`, counted(arm, FAILED)],
      ...BUCKETS.map(([le, of]) => [`${arm} ${le}`, counted(arm, of)] as const),
      [`${arm} pod`, { at: (ms) => (ms < from[arm] ? undefined : 1), values: [] }],
    ]),
  );
}

type Sampled = { readonly times: readonly number[]; readonly lines: Lines };

function seriesOf(shown: Shown, flown: Flown, { times, lines }: Sampled): readonly StoredSeries[] {
  const { namespace, service, container } = shown;
  const told = (line: string, name: string, labels: Readonly<Record<string, string>>): StoredSeries => {
    const values = lines.get(line)?.values ?? [];
    return { labels: new Map(Object.entries(exposed(name, labels, 1).labels)), times, values };
  };
  return (["canary", "stable"] as const).flatMap((arm) => {
    const [called, image, pods] =
      arm === "canary" ? [`${service}-canary`, shown.to, flown.canaryPods] : [service, shown.from, flown.stablePods];
    return Array.from({ length: pods }, (_, index) => {
      const pod = `${called}-5f7b8c9d4-${"bcdfghjklmnp".charAt(index)}2x4z`;
      const answered = {
        reporter: "destination",
        destination_service_namespace: namespace,
        destination_service_name: called,
        destination_workload: called,
        namespace,
        pod,
      };
      return [
        ...["200", "503"].map((code) =>
          told(`${arm} ${code}`, "istio_requests_total", { ...answered, response_code: code }),
        ),
        ...BUCKETS.map(([le]) =>
          told(`${arm} ${le}`, "istio_request_duration_milliseconds_bucket", { ...answered, response_code: "200", le }),
        ),
        told(`${arm} pod`, "kube_pod_container_info", { namespace, pod, container, image, image_spec: image }),
        told(`${arm} pod`, "kube_pod_status_ready", { namespace, pod, condition: "true" }),
      ];
    }).flat();
  });
}

function readerOf(series: readonly StoredSeries[]): SeriesReader {
  const named = Map.groupBy(series, ({ labels }) => labels.get("__name__") ?? "");
  return { series: (name) => (name === undefined ? series : (named.get(name) ?? [])) };
}
