export type Labels = ReadonlyMap<string, string>;

/** One value that a target exposes; the metric's name is the label `__name__`. */
export type Exposed = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** A series over time, oldest first. An undefined value marks that the series ended there (Prometheus' staleness marker). */
export type StoredSeries = {
  readonly labels: Labels;
  readonly times: readonly number[];
  readonly values: readonly (number | undefined)[];
};

/** Samples as they can be asked for. */
export type SeriesReader = {
  /** Series whose name, where one is asked for, is `name`. */
  readonly series: (name: string | undefined) => Iterable<StoredSeries>;
};

/** Samples of everything that was scraped within the retention. */
export type SeriesStore = SeriesReader & {
  /** Takes one scrape; series of the scrape before that are missing in it end here. */
  readonly scrape: (at: number, exposed: readonly Exposed[]) => void;
};

type Growing = {
  readonly labels: Labels;
  readonly times: number[];
  readonly values: (number | undefined)[];
};

// Samples are dropped in blocks: dropping one at a time would move all others each time.
const BLOCK = 256;

export function seriesStore(retentionMs: number): SeriesStore {
  const names = new Map<string, Map<string, Growing>>();
  let live: ReadonlySet<Growing> = new Set();
  // By labels as they were written: whoever exposes a series writes them the same way each time.
  const seen = new Map<string, Growing>();

  const growing = (labels: Readonly<Record<string, string>>): Growing => {
    const text = JSON.stringify(labels);
    const found = seen.get(text) ?? sought(labels);
    seen.set(text, found);
    return found;
  };

  const sought = (labels: Readonly<Record<string, string>>): Growing => {
    const name = labels["__name__"] ?? "";
    const ofName = names.get(name) ?? new Map<string, Growing>();
    names.set(name, ofName);
    const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify(sorted);
    const found = ofName.get(key) ?? { labels: new Map(sorted), times: [], values: [] };
    ofName.set(key, found);
    return found;
  };

  return {
    scrape: (at, exposed) => {
      const next = new Set(exposed.map(({ labels, value }) => grow(growing(labels), at, value)));
      for (const series of live.difference(next)) grow(series, at, undefined);
      live = next;
      for (const ofName of names.values())
        for (const [key, series] of ofName)
          if (shrink(series, at - retentionMs)) {
            ofName.delete(key);
            seen.clear();
          }
    },
    series: (name) => (name === undefined ? allOf(names) : (names.get(name)?.values() ?? [])),
  };
}

function grow(series: Growing, at: number, value: number | undefined): Growing {
  series.times.push(at);
  series.values.push(value);
  return series;
}

/** Drops what is older than `oldest`; true when nothing is left. */
function shrink({ times, values }: Growing, oldest: number): boolean {
  if ((times.at(-1) ?? -Infinity) < oldest) return true;
  if ((times[BLOCK] ?? Infinity) < oldest) {
    times.splice(0, BLOCK);
    values.splice(0, BLOCK);
  }
  return false;
}

function* allOf(names: ReadonlyMap<string, ReadonlyMap<string, StoredSeries>>): Generator<StoredSeries> {
  for (const ofName of names.values()) yield* ofName.values();
}
