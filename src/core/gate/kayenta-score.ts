import { classify, isCriticalFailure, type Classification, type KayentaSettings, type Samples } from "./kayenta.ts";

/** A metric of a canary analysis; it counts in each of its groups. */
export type KayentaMetric = Samples & {
  readonly name: string;
  readonly groups: readonly string[];
  readonly settings: KayentaSettings;
};

/** What a score must reach to pass and to be at least marginal, and the weights of groups in percent; groups without one share what is left of a hundred. */
export type Scoring = {
  readonly pass: number;
  readonly marginal: number;
  readonly weights: ReadonlyMap<string, number>;
};

/** A score from 0 to 100 and what it is made of. */
export type Scored = {
  readonly verdict: "pass" | "marginal" | "fail";
  readonly score: number;
  readonly groups: readonly { readonly name: string; readonly score: number; readonly weight: number }[];
  readonly metrics: readonly { readonly name: string; readonly classification: Classification }[];
  /** Why the score is 0 whatever the groups say: a critical metric, by name, or half of the metrics without values. */
  readonly zeroFor?: { readonly kind: "critical"; readonly metric: string } | { readonly kind: "nodata" } | undefined;
};

/** Judges metrics together as Kayenta does (kayenta a69573b, WeightedSumScorer): the weighted mean of the groups' shares of passing metrics. */
export function scored(metrics: readonly KayentaMetric[], scoring: Scoring): Scored {
  const classified = metrics.map((metric) => ({
    ...metric,
    classification: classify(metric.canary, metric.stable, metric.settings),
  }));
  const groups = weighed(classified, scoring.weights);
  const zeroFor = zeroOf(classified);
  const score = zeroFor === undefined ? groups.reduce((sum, one) => sum + (one.score * one.weight) / 100, 0) : 0;
  return {
    verdict: score >= scoring.pass ? "pass" : score >= scoring.marginal ? "marginal" : "fail",
    score,
    groups,
    metrics: classified.map(({ name, classification }) => ({ name, classification })),
    ...(zeroFor && { zeroFor }),
  };
}

type Classified = KayentaMetric & { readonly classification: Classification };

function weighed(classified: readonly Classified[], weights: Scoring["weights"]): Scored["groups"] {
  const names = [...new Set(classified.flatMap(({ groups }) => groups))];
  const given = names.reduce((sum, name) => sum + (weights.get(name) ?? 0), 0);
  const open = names.filter((name) => !weights.has(name)).length;
  return names.map((name) => ({
    name,
    score: shareOf(classified.filter(({ groups }) => groups.includes(name))),
    weight: weights.get(name) ?? Math.max(0, 100 - given) / open,
  }));
}

/** Percent that pass of those that have values, or must have; a group of which nothing is known stands in nobody's way. */
function shareOf(metrics: readonly Classified[]): number {
  const counted = metrics.filter(({ classification }) => classification !== "nodata");
  if (counted.length === 0) return 100;
  return (100 * counted.filter(({ classification }) => classification === "pass").length) / counted.length;
}

function zeroOf(classified: readonly Classified[]): Scored["zeroFor"] {
  const critical = classified.find((one) => isCriticalFailure(one.classification, one, one.settings));
  if (critical !== undefined) return { kind: "critical", metric: critical.name };
  const missing = classified.filter(({ classification }) => classification.startsWith("nodata")).length;
  return missing * 2 >= classified.length ? { kind: "nodata" } : undefined;
}
