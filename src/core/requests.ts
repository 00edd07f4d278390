/**
 * A label of a request counter and what it says of an arm: any of some forms. In a form `{namespace}` and `{arm}` stand for the arm's own,
 * `{port}`, once and after both, for any port's number or short name; `{pod}` alone for every pod of the workload.
 */
export type ArmLabel = { readonly label: string; readonly forms: readonly string[] };

/** A histogram of how long requests took: its buckets' counter, and what `le` is in. */
export type LatencyHistogram = { readonly buckets: string; readonly unit: "ms" | "s" };

/** How requests are counted in a provider that speaks Prometheus. */
export type RequestSettings = {
  /** A counter of requests. */
  readonly counter: string;
  /** Tells arms that have a Service each; undefined where requests are counted by workload alone. */
  readonly arm: ArmLabel | undefined;
  /** Tells arms by their workloads; undefined where requests are counted by Service alone. */
  readonly workload: ArmLabel | undefined;
  /** A label that says the canary where it answered and nothing where stable did; `arm` is then stable's for both. */
  readonly canary: ArmLabel | undefined;
  /** The label whose value is the arm's namespace; undefined where the forms hold it. */
  readonly namespaceLabel: string | undefined;
  /** The label whose value is the tag of the image that answered; undefined where none is. */
  readonly versionLabel: string | undefined;
  /** Further labels and the values that they must have. */
  readonly where: Readonly<Record<string, string>>;
  /** A request failed when this label matches, as a whole, this regular expression (RE2, evaluated by the provider). */
  readonly failed: { readonly label: string; readonly matches: string };
  /** How long they took, told apart by the same labels; absent where that is not counted. */
  readonly latency?: LatencyHistogram | undefined;
};
