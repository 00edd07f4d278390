import {
  atLeast,
  atMost,
  medianFigure,
  medianOf,
  ofKind,
  orNever,
  shareFigure,
  shareOf,
  sumOf,
  worstOf,
  type Bound,
  type Count,
  type Figure,
} from "./gates-figures.ts";
import { CLUSTER } from "./gates-classes.ts";
import type { Played } from "./gates-job.ts";
import { NOT_SLOW, type LatencyEnds, type LatencyJob } from "./gates-latency.ts";
import type { ProofJob } from "./gates-pass.ts";
import { POD_SPREADS } from "./gates-plan.ts";

type LatencyCell = { readonly job: LatencyJob; readonly ends: LatencyEnds };

const SPREADS = [
  { spread: POD_SPREADS.usual, most: 0.01 },
  { spread: POD_SPREADS.wide, most: 0.02 },
];

/** Target 5: latency. What is found counts within the hour, how fast by the median over all rollouts. */
export function latencies(played: readonly Played[]): readonly Figure[] {
  const cells = latencyCells(played);
  const identical = SPREADS.flatMap(({ spread, most }) => {
    const same = cells.filter(({ job }) => job.slowness.name === NOT_SLOW.name && job.podSpread === spread);
    const counts = same.map(({ job, ends }) => [`${job.traffic.canary} rpm, ${job.buckets}`, blockedOf(ends)] as const);
    if (counts.length === 0) return [];
    const [name, count] = worstOf(counts);
    const what = `latency A/A, pods ${percents(spread)} apart`;
    return [
      shareFigure(sumOf(counts.map(([, one]) => one)), {
        target: 5,
        what: `${what}: all traffic`,
        bound: atMost(most),
      }),
      shareFigure(count, { target: 5, what: `${what}: worst (${name})`, bound: atMost(most) }),
    ];
  });
  const slow = cells.filter(({ job }) => job.slowness.name !== NOT_SLOW.name);
  return [...identical, ...slow.flatMap(({ job, ends }) => found(job, ends))];
}

/** x1.5 is asked for from 30 requests a minute on, a tail of 2 % from 60 on; the rest is for information. */
function found({ slowness, traffic, buckets }: LatencyJob, ends: LatencyEnds): readonly Figure[] {
  const within = minutesFor(slowness.name, traffic.canary);
  const what = `latency ${slowness.name} at ${traffic.canary} canary rpm (${buckets})`;
  const bound = (one: Bound) => (within === undefined ? undefined : one);
  const minutes = ends.map(({ blocked }) => blocked);
  return [
    shareFigure(blockedOf(ends), { target: 5, what: `${what}: found`, bound: bound(atLeast(0.99)) }),
    medianFigure(orNever(minutes), {
      target: 5,
      what: `${what}: median`,
      unit: "minutes",
      bound: within === undefined ? undefined : atMost(within),
    }),
  ];
}

function minutesFor(slowness: string, rpm: number): number | undefined {
  if (slowness === "x1.5" && rpm >= 30) return 10;
  return slowness === "2 % +1 s" && rpm >= 60 ? 15 : undefined;
}

/** Minutes until a release with nothing wrong passes by latency, by traffic. */
export function latencyCells(played: readonly Played[]): readonly LatencyCell[] {
  const groups = Map.groupBy(ofKind(played, "latency"), ({ job: { traffic, slowness, podSpread, buckets } }) =>
    JSON.stringify([traffic, slowness, podSpread, buckets]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ job: first.job, ends: group.flatMap(({ latency }) => latency) }];
  });
}

function blockedOf(ends: LatencyEnds): Count {
  return { hits: ends.filter(({ blocked }) => blocked > 0).length, runs: ends.length };
}

/** Target 8: gauges against what placebo releases do, with Kayenta's test beside; and the seasonal baseline, for information. */
export function gauges(played: readonly Played[]): readonly Figure[] {
  const groups = Map.groupBy(ofKind(played, "gauge"), ({ job }) =>
    JSON.stringify([job.memory, job.ratio, job.podSpread]),
  );
  const ofGauges = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { memory, ratio, podSpread } = first.job;
    const cell = `gauge AR ${memory}${podSpread > 0 ? `, pods ${percents(podSpread)} apart` : ""}`;
    const ours = sumOf(group.map(({ job, gauge }) => ({ hits: gauge.ours, runs: job.to - job.from })));
    const others = (of: "kayenta" | "repeated") =>
      sumOf(group.map(({ gauge }) => ({ hits: gauge[of], runs: gauge.judged })));
    if (ratio !== 1)
      return [shareFigure(ours, { target: 8, what: `${cell}: +${Math.round(100 * (ratio - 1))} % found` })];
    return [
      shareFigure(ours, {
        target: 8,
        what: `${cell}: A/A at a promised 5 %`,
        bound: { kind: "between", low: 0.02, high: 0.06 },
      }),
      shareFigure(others("kayenta"), { target: 8, what: `${cell}: A/A, Kayenta-like once` }),
      shareFigure(others("repeated"), { target: 8, what: `${cell}: A/A, Kayenta-like every 5 min` }),
    ];
  });
  const bySeason = Map.groupBy(ofKind(played, "seasonal"), ({ job }) => job.ratio);
  const seasonal = [...bySeason].map(([ratio, group]) =>
    shareFigure(sumOf(group.map(({ job, hits }) => ({ hits, runs: job.to - job.from }))), {
      target: 8,
      what: `seasonal baseline, no control group: ${ratio === 1 ? "A/A at a promised 5 %" : `x${ratio} found`}`,
    }),
  );
  return [...ofGauges, ...seasonal];
}

function percents(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const BETA = 0.05;
/** Times to a pass are only comparable where the longest ones are not cut off. */
const PASSING_SHARE = 0.8;
const LEAST_OPEN = 0.2;

/** Target 9: what passes falsely, and how well the time to a pass is foretold. */
export function passes(played: readonly Played[]): readonly Figure[] {
  const jobs = ofKind(played, "proof");
  const [fitting, cut] = [jobs.filter(({ job }) => isFitting(job)), jobs.filter(({ job }) => !isFitting(job))];
  const proven = [...Map.groupBy(fitting, ({ job }) => job.service.name)].map(
    ([name, group]) => [name, hitsOf(group)] as const,
  );
  const [worst, count] = worstOf(proven);
  const falsely = [
    shareFigure(sumOf(proven.map(([, one]) => one)), {
      target: 9,
      what: "x2 proven to be less than x2: mean of classes",
    }),
    shareFigure(count, {
      target: 9,
      what: `x2 proven to be less than x2: worst class (${worst})`,
      bound: atMost(BETA),
    }),
  ];
  const fewer = shareFigure(hitsOf(cut), {
    target: 9,
    what: `fewer failures than x2, since clusters do not fit into a window (${weightsOf(cut)}): proven to be less than x2`,
  });
  return [
    ...(proven.length === 0 ? [] : falsely),
    ...(cut.length === 0 ? [] : [fewer]),
    ...foretold(played),
    ...climbed(played),
  ];
}

/** What does not fit into a window is cut off: then a canary that is said to be twice as bad fails less than that, and it is right to prove it. */
function isFitting({ service: { errors, cluster = CLUSTER, rpm }, weight }: ProofJob): boolean {
  return errors !== "clustered" || rpm * weight >= LEAST_ROOM * cluster;
}

/** A cluster is longer than five times the mean in less than one case of a hundred. */
const LEAST_ROOM = 5;

type Proofs = readonly { readonly job: ProofJob; readonly hits: number }[];

function hitsOf(group: Proofs): Count {
  return sumOf(group.map(({ job, hits }) => ({ hits, runs: job.to - job.from })));
}

function weightsOf(group: Proofs): string {
  return [...new Set(group.map(({ job }) => `${job.service.name} at ${100 * job.weight} %`))].join(", ");
}

/** Errors and latency out of one budget of 1 %, looked at every five minutes for an hour; for information. */
export function togetherFigures(played: readonly Played[]): readonly Figure[] {
  const groups = Map.groupBy(ofKind(played, "together"), ({ job: { ratio, slowness, share } }) =>
    share === 0.05
      ? `errors x${ratio}, latency ${slowness.name}`
      : `${percents(share)} of the traffic where 5 % is committed`,
  );
  return [...groups].flatMap(([name, group]) => {
    const hours = group.flatMap((one) => one.hours);
    const share = (of: "blocked" | "passed" | "doubted", verb: string) =>
      shareFigure(
        { hits: hours.filter((one) => one[of] > 0).length, runs: hours.length },
        { target: 9, what: `api-mid 5 %, errors and latency together: ${name}: ${verb}` },
      );
    return [share("blocked", "blocked"), share("passed", "passed"), share("doubted", "split doubted")];
  });
}

function foretold(played: readonly Played[]): readonly Figure[] {
  const groups = Map.groupBy(ofKind(played, "eta"), ({ job }) => `${job.service.name}, ${100 * job.weight} %`);
  const told = [...groups].flatMap(([name, group]) => {
    const times = group.flatMap(({ foretold: all }) => all);
    const runs = group.reduce((sum, { job }) => sum + job.to - job.from, 0);
    const open = sumOf(group.map(({ opened, unpassed }) => ({ hits: opened - unpassed, runs: opened })));
    const isTold = open.runs >= LEAST_OPEN * runs && shareOf(open) >= PASSING_SHARE;
    const ratios = times.map((one) => one.foretold / one.realised);
    return isTold ? [{ name, ratios, ratio: medianOf(ratios) ?? 0 }] : [];
  });
  const off = told.toSorted((a, b) => Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio)))[0];
  // Where most releases pass at once, or never, there is nothing to foretell.
  if (off === undefined) return [];
  return [
    medianFigure(off.ratios, {
      target: 9,
      what: `time to a pass, foretold ÷ realised, median: cell farthest off of ${told.length} (${off.name})`,
      unit: "ratio",
      bound: { kind: "between", low: 0.7, high: 1.3 },
    }),
  ];
}

/** Five-fold error rates that get through all steps, of all classes. */
function climbed(played: readonly Played[]): readonly Figure[] {
  const bad = ofKind(played, "climb").filter(({ job }) => job.scenario.ratio === 5);
  const ofClass = (isIn: (rpm: number) => boolean) =>
    bad.filter(({ job }) => isIn(job.service.errorRate)).flatMap(({ ends }) => ends);
  const judged = ofClass((errorRate) => errorRate * 5 > 0.01);
  const hits = judged.filter(({ kind }) => kind === "passed").length;
  if (judged.length === 0) return [];
  return [
    shareFigure(
      { hits, runs: judged.length },
      { target: 9, what: "x5, above the SLO, passed through every step", bound: atMost(BETA) },
    ),
  ];
}
