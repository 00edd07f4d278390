import * as fc from "fast-check";
import { expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { parseHeld, type Held } from "../../src/config/extended.ts";
import { resolve } from "../../src/config/resolve.ts";
import { parseShared, type Shared } from "../../src/config/shared-config.ts";
import { alphasOf } from "../../src/core/gates.ts";
import { name } from "../../src/core/names.ts";
import type { Policy } from "../../src/core/plan.ts";
import { valueOf } from "../manifest/builders.ts";

const METRICS = { prod: { prometheus: { url: "https://prometheus.example.com" } } };
const HOSTS = ["prometheus.example.com"];

const minutes = (min: number, max: number) => fc.integer({ min, max }).map((value) => `${value}m`);
const TEST = { testers: true };
const bounds = fc
  .uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
  .chain((all) => fc.boolean().map((isWatched) => [...(isWatched ? [0] : []), ...all.toSorted((a, b) => a - b)]));
const steps = fc.oneof(
  { weight: 3, arbitrary: bounds },
  {
    weight: 1,
    arbitrary: bounds.map(([first, ...others]) => (first === 0 ? [0, TEST, ...others] : [TEST, first, ...others])),
  },
  {
    weight: 1,
    // Before testers, who tell copies from the first weight.
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 100 }), bounds).map(([mirror, all]) => [{ mirror }, TEST, ...all]),
  },
  { weight: 1, arbitrary: fc.constantFrom([0, 100], [TEST, 100], [{ mirror: 5 }, 100], [0, TEST, { weight: 100 }]) },
);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const part = number(0.01, 900);

/** Numbers of the error gate that go together whatever is left out. */
const errors = {
  beta: some(number(0.001, 0.5)),
  tolerance: some(number(1, 1.9)),
  slo: some(number(0.0001, 0.04)),
  dispersion: some(number(1, 1000)),
  power: some(number(0.1, 0.99)),
  minimum: some(fc.integer({ min: 1, max: 5_000 })),
};
const latency = fc.oneof(
  fc.constant("off"),
  fc.record({
    tolerated: some(fc.constantFrom("5%", "20%")),
    regression: some(fc.constantFrom("30%", "80%")),
    part: some(part),
  }),
);
const gates = fc.record({
  warmUp: some(minutes(0, 1)),
  errors: some(
    fc.record({
      ...errors,
      alpha: some(number(0.0001, 0.3)),
      threshold: some(number(1e4, 1e9)),
      part: some(part),
      noData: some(fc.constantFrom("wait", "fail", "skip")),
    }),
  ),
  latency: some(latency),
});
const plan = { steps: some(steps), bake: some(minutes(5, 60)) };
const own = fc.record({
  targets: fc.constantFrom(
    [],
    [{ name: "prod", evidence: "bake" }],
    [{ name: "prod", evidence: "health" }],
    [{ name: "prod", observe: "assumed" }],
    [{ name: "prod", observe: "reported", reports: { by: "ana", status: "x" } }],
  ),
  waves: fc.oneof(
    fc.constant([]),
    fc
      .record({ targets: fc.constant(["*"]), ...plan, onAbort: some(fc.constantFrom("member", "all")) })
      .map((wave) => [wave]),
  ),
  services: fc.oneof(
    fc.constant([]),
    fc.record({ names: fc.constant(["cart"]), ...plan, gates: some(gates) }).map((entry) => [entry]),
  ),
  gates: some(gates),
  deadline: some(minutes(70, 600)),
  onDeadline: some(fc.constantFrom("hold", "abort")),
  onAbort: some(fc.constantFrom("member", "all")),
  bumps: some(fc.constantFrom("supersede", "queue", "batch")),
  pace: some(fc.record({ mergesPerMinute: number(0.1, 600) })),
  expedite: some(fc.record({ label: fc.constant("hot"), steps, bake: minutes(1, 60) })),
});

const enforced = fc.record({
  steps: some(bounds),
  bake: some(minutes(1, 60)),
  expedite: some(fc.oneof(fc.constant("never"), fc.record({ ...plan, steps: some(bounds) }))),
  evidence: some(fc.constantFrom("compare", "health", "bake")),
  observe: some(fc.constantFrom("metrics", "reported")),
  deadline: some(minutes(70, 600)),
  onDeadline: some(fc.constant("abort")),
  onAbort: some(fc.constant("all")),
  bumps: some(fc.constantFrom("supersede", "queue", "batch")),
  pace: some(fc.record({ mergesPerMinute: number(0.1, 600) })),
  gates: some(
    fc.record({
      warmUp: some(minutes(0, 1)),
      errors: some(
        fc.record({
          ...errors,
          alpha: some(number(0.0001, 0.25)),
          threshold: some(number(10, 1e6)),
          noData: some(fc.constantFrom("wait", "fail")),
        }),
      ),
      latency: some(fc.record({ tolerated: some(fc.constantFrom("5%", "20%")) })),
    }),
  ),
});
const pairs = fc.tuple(own, enforced);

/** JSON is YAML, and leaves out what is undefined. */
function read([file, bounds]: readonly [object, object], defaults: object = {}): { held: Held; shared: Shared } {
  const org = { version: 1, metrics: METRICS, ...defaults, enforced: bounds };
  const shared = valueOf(parseShared("acme/platform", JSON.stringify(org)));
  return {
    shared,
    held: valueOf(parseHeld({ path: ".github/tidegate.yml", text: JSON.stringify({ version: 1, ...file }) }, shared)),
  };
}

function policies({ written }: Held): { readonly goes: Policy; readonly asked: Policy } | undefined {
  const settings = resolve(written, { hosts: HOSTS, forms: FORMS });
  // What does not go together in the file itself is refused before anything is held to anything.
  if (settings.kind === "err") return undefined;
  const of = [name("prod"), [], name("cart")] as const;
  return { goes: valueOf(settings.value.policyFor(...of)), asked: valueOf(settings.value.writtenFor(...of)) };
}

/** The largest share that a release may have after so many steps that have passed with traffic. */
const reached = (weights: readonly number[], passed: number) => weights.filter((one) => one > 0)[passed] ?? 100;
const isClimbWithin = (weights: readonly number[], most: readonly number[] | undefined) =>
  most === undefined ||
  (Array.from({ length: 25 }, (_, passed) => reached(weights, passed) <= reached(most, passed)).every(Boolean) &&
    (most[0] !== 0 || weights[0] === 0));
/** What may be written as steps. */
const isClimb = (weights: readonly number[]) =>
  ["0,100", "100"].includes(String(weights)) ||
  (weights.some((one) => one > 0) && weights.every((one, index) => one > (weights[index - 1] ?? -1) && one <= 50));
const atMost = (value: number, bound: number | undefined) => bound === undefined || value <= bound * (1 + 1e-12);
const atLeast = (value: number, bound: number | undefined) => bound === undefined || value >= bound;
const RANKS: Readonly<Record<string, number>> = { compare: 3, health: 2, bake: 1, fail: 3, wait: 2, skip: 1 };

/** What of a policy is looser than is enforced; said anew here, key by key. */
function looser(policy: Policy, { config: { enforced: bounds } }: Shared): readonly string[] {
  const { gate, latency: slow, expedite } = policy;
  const hot = bounds.expedite === undefined ? bounds : bounds.expedite === "never" ? undefined : bounds.expedite;
  const e = bounds.gates?.errors ?? {};
  const l = bounds.gates?.latency;
  const share = alphasOf(policy, slow !== undefined).get("errors") ?? 0;
  const laws: Readonly<Record<string, boolean>> = {
    steps: isClimbWithin(policy.weights, bounds.steps),
    rising: isClimb(policy.weights) && (expedite === undefined || isClimb(expedite.weights)),
    compared:
      bounds.evidence !== "compare" || ![...policy.weights, ...(expedite?.weights ?? [])].some((one) => one > 50),
    bake: atLeast(policy.bakeMs, bounds.bake),
    expedite:
      expedite === undefined ||
      (hot !== undefined && isClimbWithin(expedite.weights, hot.steps) && atLeast(expedite.bakeMs, hot.bake)),
    evidence: (RANKS[policy.evidence] ?? 0) >= (RANKS[bounds.evidence ?? "bake"] ?? 0),
    observe:
      bounds.observe === undefined ||
      (policy.assumedAfterMs === undefined && (bounds.observe === "reported" || policy.reports === undefined)),
    deadline: atMost(policy.deadlineMs, bounds.deadline),
    onDeadline: bounds.onDeadline === undefined || policy.onDeadline === "abort",
    onAbort: bounds.onAbort === undefined || policy.onAbort === "all",
    bumps: bounds.bumps === undefined || policy.secondBump === bounds.bumps,
    pace:
      bounds.pace?.mergesPerMinute === undefined ||
      policy.mergeEveryMs >= Math.round(60_000 / bounds.pace.mergesPerMinute),
    warmUp: atMost(policy.warmUpMs, bounds.gates?.warmUp),
    alpha: atLeast(share, e.alpha),
    threshold: gate.placeboLogE === undefined || atMost(gate.placeboLogE, Math.log(e.threshold ?? 1 / (e.alpha ?? 0))),
    beta: atMost(gate.beta, e.beta),
    tolerance: atMost(gate.tolerance, e.tolerance),
    slo: atMost(gate.slo, e.slo),
    dispersion: e.dispersion === undefined || (gate.dispersion === e.dispersion && gate.exactDispersion === undefined),
    power: atLeast(gate.power, e.power),
    minimum: atLeast(gate.minimum ?? 0, e.minimum),
    noData: e.noData === undefined || (RANKS[gate.noData ?? "wait"] ?? 0) >= (RANKS[e.noData] ?? 0),
    latency: l === undefined || (slow?.isAskedFor === true && atMost(slow.tolerated, l.tolerated)),
    coherent:
      gate.tolerance < gate.regression &&
      gate.slo <= gate.unhealthy &&
      gate.alpha <= 0.5 &&
      (slow === undefined || slow.tolerated < slow.regression),
  };
  return Object.entries(laws).flatMap(([law, holds]) => (holds ? [] : [law]));
}

it("lets nothing go that is looser than what is enforced, whatever the file says", () => {
  let resolved = 0;
  fc.assert(
    fc.property(pairs, (pair) => {
      fc.pre(isCoherent(pair[1]));
      const { held, shared } = read(pair);
      const found = policies(held);
      if (found === undefined) return;
      resolved += 1;
      expect(looser(found.goes, shared)).toEqual([]);
    }),
    { numRuns: 400 },
  );
  expect(resolved).toBeGreaterThan(100);
});

it("says of whatever it makes stricter in what the file says, that it does", () => {
  fc.assert(
    fc.property(pairs, (pair) => {
      fc.pre(isCoherent(pair[1]));
      const { held, shared } = read(pair);
      const found = policies(held);
      // Without a remark whatever the file says goes; what it leaves unsaid may be filled in.
      if (found === undefined || held.loosened.length > 0) return;
      const unsaid = policies(read([{}, pair[1]]).held);
      expect(
        looser(found.asked, shared).filter((law) => !looser(unsaid?.asked ?? found.asked, shared).includes(law)),
      ).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

it.each([
  ["a switch", [0, 100], [5], [0, 5]],
  ["a switch", [0, 100], [5, 20], [0, 5, 20]],
  ["a larger first share", [0, 20], [5, 20], [0, 5, 20]],
  ["a switch after testers", [TEST, 100], [50], [50]],
  ["a first share that nobody watched for", [5, 20], [0, 5], [0, 5, 20]],
])("holds %s of %j to %j", (_, asked, most, weights) => {
  const { held } = read([
    { services: [{ names: ["cart"], steps: asked }], expedite: { label: "hot", steps: asked, bake: "5m" } },
    { steps: most },
  ]);
  const { weights: usual, expedite } = policies(held)?.goes ?? {};
  expect([usual, expedite?.weights]).toEqual([weights, weights]);
  expect(held.loosened.length).toBe(2);
});

/** The shared file itself would be refused. */
function isCoherent({
  bake,
  expedite,
  deadline,
}: {
  readonly bake?: string | undefined;
  readonly deadline?: string | undefined;
  readonly expedite?: string | { readonly bake?: string | undefined } | undefined;
}): boolean {
  const hot = typeof expedite === "object" ? expedite.bake : undefined;
  return (
    deadline === undefined ||
    Math.max(...[bake, hot].map((text) => Number.parseInt(text ?? "0", 10))) < Number.parseInt(deadline, 10)
  );
}
