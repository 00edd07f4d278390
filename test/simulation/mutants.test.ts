import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { name } from "../../src/core/names.ts";
import { read } from "../../src/core/reading.ts";
import type { Member, Snapshot } from "../../src/core/snapshot.ts";
import { parsedOnce } from "../../src/reconcile/parsed.ts";
import { breachesOf, type Law } from "./laws.ts";
import { play } from "./run.ts";
import { scenarioOf, TROUBLE } from "./scenarios.ts";

type Decide = typeof decide;

const readings = parsedOnce({ hosts: ["prometheus.example.com"], environment: {} });
const MOST_SEEDS = 60;

/** The real rules over a snapshot that was tampered with. */
function seeing(tamper: (member: Member) => Member): Decide {
  return (snapshot: Snapshot, now) => decide({ ...snapshot, members: snapshot.members.map(tamper) }, now);
}

/** The real rules, whose actions are tampered with. */
function doing(tamper: (action: Action) => readonly Action[]): Decide {
  return (snapshot, now) => decide(snapshot, now).flatMap(tamper);
}

/** A gate that takes fifty times the errors for equal. */
const credulous = seeing((member) => ({
  ...member,
  policy: { ...member.policy, gate: { ...member.policy.gate, tolerance: 50, regression: 60, unhealthy: 0.999 } },
}));

/** Sees everything live as soon as it is committed, and windows enough of it. */
const impatient = seeing((member) => {
  if (member.timeline.kind === "unavailable") return member;
  const { canary, stable, weight } = member.manifest;
  const step = member.policy.windowMs;
  const pods = (of: typeof canary) =>
    of.replicas === 0 ? [] : [{ image: of.image, ready: of.replicas, total: of.replicas }];
  const windows = Array.from({ length: 20 }, (_, index) => ({
    start: member.changedAt + index,
    end: member.changedAt + index + step,
    counts: {
      canary: { requests: weight * 100, failed: weight / 5 },
      stable: { requests: (100 - weight) * 100, failed: (100 - weight) / 5 },
    },
    pods: { canary: pods(canary), stable: pods(stable) },
  }));
  return {
    ...member,
    policy: { ...member.policy, bakeMs: 0 },
    plan: { steps: member.plan.steps.map((one) => ({ ...one, bakeMs: 0 })) },
    timeline: read(windows),
  };
});

/** Does not notice another version under the weight. */
const blind = seeing((member) => {
  const { release } = member.at;
  return release === undefined
    ? member
    : {
        ...member,
        manifest: { ...member.manifest, canary: { ...member.manifest.canary, template: release.template } },
      };
});

const MUTANTS: readonly (readonly [string, Law, Decide])[] = [
  ["a gate that believes everything", "evidence", credulous],
  [
    "a merge whose verdict was never posted",
    "evidence",
    doing((action) => (action.kind === "reportGate" ? [] : [action])),
  ],
  ["a change committed before the last one is seen", "oneChange", impatient],
  ["another version under the weight overlooked", "containment", blind],
  [
    "an abort that changes the state and forgets the route",
    "stateAgrees",
    doing((action) =>
      action.kind === "land" ? [{ ...action, change: { ...action.change, weight: undefined } }] : [action],
    ),
  ],
  [
    "a state written under another name",
    "ownedOnly",
    doing((action) =>
      action.kind === "land" ? [{ ...action, change: { ...action.change, service: name("another") } }] : [action],
    ),
  ],
  [
    "an image that is never given back",
    "ends",
    doing((action) => (action.kind === "land" && action.fall.kind === "takeBack" ? [] : [action])),
  ],
  [
    "an abort that is never made",
    "ends",
    doing((action) => (action.kind === "land" && action.fall.kind === "abort" ? [] : [action])),
  ],
  [
    "a step that is never proposed",
    "ends",
    doing((action) => (action.kind === "propose" && action.step.kind === "drain" ? [] : [action])),
  ],
];

describe("a law notices a decide that breaks it", () => {
  it.each(MUTANTS)("%s (%s)", async (_, law, broken) => {
    const found = new Set<Law>();
    for (let seed = 0; seed < MOST_SEEDS && !found.has(law); seed += 1) {
      const scenario = scenarioOf(seed);
      const story = await play(scenario, { seed, odds: TROUBLE, deaf: 0.3, races: 0.1, readings, decide: broken });
      for (const breach of breachesOf(scenario, story)) found.add(breach.law);
    }
    expect([...found]).toContain(law);
  });
});
