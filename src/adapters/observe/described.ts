/** A metric as it is exposed. `labels` says of each what it may hold: a page of the documentation and the instruments are made of it. */
export type Described = {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Upper bounds, seconds. */
  readonly buckets?: readonly number[];
};
