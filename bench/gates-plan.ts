import { FULL, REGRESSIONS, SAME, SERVICES, steady, UNEVEN, type Scenario, type Service } from "./gates-classes.ts";
import type { Job } from "./gates-job.ts";
import { NOT_SLOW, SLOWNESS, TRAFFIC } from "./gates-latency.ts";

/** How many rollouts of each kind: per class, scenario or cell. */
export type Sizes = {
  readonly identical: number;
  readonly regressed: number;
  readonly single: number;
  readonly placebo: number;
  readonly latency: number;
  readonly gauge: number;
  readonly seasonal: number;
  readonly proof: number;
  readonly climb: number;
  readonly eta: number;
};

export const QUICK: Sizes = {
  identical: 500,
  regressed: 150,
  single: 1000,
  placebo: 240,
  latency: 120,
  gauge: 800,
  seasonal: 200,
  proof: 100,
  climb: 40,
  eta: 60,
};

/** At least 2,000 identical releases of each class, as the targets ask for. */
export const ALL: Sizes = {
  identical: 2000,
  regressed: 1500,
  single: 4000,
  placebo: 2000,
  latency: 1000,
  gauge: 4000,
  seasonal: 2000,
  proof: 1000,
  climb: 300,
  eta: 300,
};

/** What is simulated: the eight classes, or one by its parameters, as a full rollout or an hour at one weight. */
export type Subject = { readonly services: readonly Service[]; readonly weights: readonly number[] };

export const STANDARD: Subject = { services: SERVICES, weights: FULL };

/** Weights at which proofs and times to a pass are looked at. */
export const WEIGHTS: readonly number[] = [0.01, 0.05, 0.1, 0.25];

/** Values of a gauge follow those before by so much. */
export const MEMORIES: readonly number[] = [0, 0.5, 0.8, 0.95];

export const POD_SPREADS = { usual: 0.033, wide: 0.064 };

/** The regression by which the mixture is held against an oracle that knows it. */
export const ORACLE_RATIO = 3;

const CHUNK = 250;
/** Smaller, so that identical rollouts meet several pasts. */
const IDENTICAL_CHUNK = 100;

/** The jobs of one seed. Classes are judged always; what is not a matter of class only where all of them are. */
export function jobsOf(subject: Subject, sizes: Sizes, seed: number): readonly Job[] {
  const isStandard = subject === STANDARD;
  return [
    ...errorJobs(subject, sizes, seed),
    ...passJobs(subject, sizes, seed),
    ...(isStandard
      ? [
          ...singleJobs(sizes, seed),
          ...placeboJobs(sizes, seed),
          ...latencyJobs(sizes, seed),
          ...gaugeJobs(sizes, seed),
          ...togetherJobs(sizes, seed),
        ]
      : []),
  ];
}

function errorJobs({ services, weights }: Subject, sizes: Sizes, seed: number): readonly Job[] {
  const methods = "all" as const;
  return services.flatMap((service) => [
    ...[SAME, UNEVEN].flatMap((scenario) =>
      chunks(
        sizes.identical,
        (run) => ({ kind: "errors", service, scenario, weights, methods, seed, ...run }),
        IDENTICAL_CHUNK,
      ),
    ),
    ...REGRESSIONS.flatMap((scenario) =>
      chunks(sizes.regressed, (run) => ({ kind: "errors", service, scenario, weights, methods, seed, ...run })),
    ),
  ]);
}

function passJobs({ services }: Subject, sizes: Sizes, seed: number): readonly Job[] {
  const climbs: readonly Scenario[] = [SAME, UNEVEN, { ...SAME, name: "x5", ratio: 5 }];
  return services.flatMap((service) => [
    ...WEIGHTS.flatMap((weight) => [
      ...chunks(sizes.proof, (run) => ({ kind: "proof", service, weight, seed, ...run })),
      ...chunks(sizes.eta, (run) => ({ kind: "eta", service, weight, seed, ...run })),
    ]),
    ...climbs.flatMap((scenario) => chunks(sizes.climb, (run) => ({ kind: "climb", service, scenario, seed, ...run }))),
  ]);
}

function singleJobs({ single }: Sizes, seed: number): readonly Job[] {
  const service = SERVICES.find(({ name }) => name === "api-mid");
  if (service === undefined) return [];
  const job = (ratio: number, weight: number, methods: "ours" | "oracle") =>
    chunks(single, (run) => ({
      kind: "errors",
      service,
      scenario: { ...SAME, name: `x${ratio}`, ratio },
      weights: steady(weight, 60),
      methods,
      seed,
      ...run,
    }));
  return [
    ...job(2, 0.05, "ours"),
    ...job(5, 0.05, "ours"),
    ...job(ORACLE_RATIO, 0.01, "oracle"),
    ...job(ORACLE_RATIO, 0.05, "oracle"),
  ];
}

function placeboJobs({ placebo }: Sizes, seed: number): readonly Job[] {
  const service = SERVICES.find(({ errors }) => errors === "clustered");
  if (service === undefined) return [];
  const cases = [
    { alpha: 0.05, placebos: 19 },
    { alpha: 0.01, placebos: 99 },
    { alpha: 0.05, placebos: 0 },
    { alpha: 0.01, placebos: 0 },
  ];
  return cases.flatMap(({ alpha, placebos }) =>
    chunks(placebo, (run) => ({ kind: "placebo", service, weight: 0.01, alpha, placebos, seed, ...run }), 80),
  );
}

function latencyJobs({ latency }: Sizes, seed: number): readonly Job[] {
  const { usual, wide } = POD_SPREADS;
  const base = { kind: "latency", alpha: 0.05, buckets: "classic", seed } as const;
  const cells = TRAFFIC.flatMap((traffic) => [
    { ...base, traffic, slowness: NOT_SLOW, podSpread: usual },
    { ...base, traffic, slowness: NOT_SLOW, podSpread: wide },
    ...SLOWNESS.map((slowness) => ({ ...base, traffic, slowness, podSpread: usual })),
  ]);
  const native = [NOT_SLOW, ...SLOWNESS].flatMap((slowness) =>
    TRAFFIC.filter(({ canary }) => canary === 60).map((traffic) => ({
      ...base,
      buckets: "native" as const,
      traffic,
      slowness,
      podSpread: usual,
    })),
  );
  return [...cells, ...native].flatMap((cell) => chunks(latency, (run) => ({ ...cell, ...run })));
}

function gaugeJobs({ gauge, seasonal }: Sizes, seed: number): readonly Job[] {
  const cells = MEMORIES.flatMap((memory) => [
    { memory, ratio: 1, podSpread: 0, runs: gauge },
    { memory, ratio: 1, podSpread: 0.03, runs: gauge },
    { memory, ratio: 1.1, podSpread: 0, runs: gauge / 4 },
    { memory, ratio: 1.25, podSpread: 0, runs: gauge / 4 },
  ]);
  return [
    ...cells.flatMap(({ memory, ratio, podSpread, runs }) =>
      chunks(runs, (run) => ({ kind: "gauge", memory, ratio, podSpread, alpha: 0.05, seed, ...run })),
    ),
    ...[1, 1.5, 2].flatMap((ratio) =>
      chunks(seasonal, (run) => ({ kind: "seasonal", ratio, alpha: 0.05, seed, ...run }), 100),
    ),
  ];
}

function togetherJobs({ climb }: Sizes, seed: number): readonly Job[] {
  const service = SERVICES.find(({ name }) => name === "api-mid");
  const slow = SLOWNESS.find(({ name }) => name === "x1.5");
  if (service === undefined || slow === undefined) return [];
  const cases = [
    { ratio: 1, slowness: NOT_SLOW, share: 0.05 },
    { ratio: 5, slowness: NOT_SLOW, share: 0.05 },
    { ratio: 1, slowness: slow, share: 0.05 },
    { ratio: 1, slowness: NOT_SLOW, share: 0.07 },
  ];
  return cases.flatMap((one) => chunks(climb, (run) => ({ kind: "together", service, ...one, seed, ...run })));
}

function chunks(
  runs: number,
  job: (run: { readonly from: number; readonly to: number }) => Job,
  size = CHUNK,
): readonly Job[] {
  return Array.from({ length: Math.ceil(runs / size) }, (_, part) =>
    job({ from: part * size, to: Math.min(runs, (part + 1) * size) }),
  );
}
