import { afterAll, describe, expect, it } from "vitest";

import { ForgeError } from "../../src/adapters/github/error.ts";
import { FAULTS, type FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import { injector, type Aim } from "../../src/sandbox/github/injector.ts";
import { READERS, seenAs, WRITERS, type ForgeCall, type Seen } from "./fault-outcomes.ts";
import { calm, cellOf, READING, scene, start, WRITINGS, type Scene, type World } from "./faulty-calls.ts";

const READS: ReadonlySet<FaultName> = new Set<FaultName>(["truncatedList", "staleRead"]);
const MINUTE_AND_MORE = 61_000;

/** What a call ended in, in the words of the table. */
async function seen(work: () => Promise<unknown>): Promise<unknown> {
  try {
    const value = await work();
    return isOutcome(value) ? { kind: "outcome", outcome: value.kind } : { kind: "value" };
  } catch (error) {
    return error instanceof ForgeError ? { kind: "throws", fault: error.fault } : error;
  }
}

const isOutcome = (value: unknown): value is { readonly kind: string } =>
  typeof value === "object" && value !== null && "kind" in value;

/** Lets a call meet a fault once; `mergeableNull` is for as long as the rule stands. */
function inject({ rule }: World, aim: Aim, fault: FaultName): () => number {
  const { hook, tally } = injector(
    [fault === "mergeableNull" ? { aim: {}, kind: "each", fault } : { aim, kind: "order", faults: [fault] }],
    () => 0,
  );
  rule.current = hook;
  return () => {
    rule.current = calm;
    return tally().reduce((sum, { times }) => sum + times, 0);
  };
}

const worded = ({ kind, ...rest }: Seen) =>
  kind === "value"
    ? { kind }
    : "outcome" in rest
      ? { kind, outcome: rest.outcome }
      : { kind, ...("fault" in rest ? { fault: rest.fault } : {}) };

const met = (call: ForgeCall) => FAULTS.map(({ name }) => name).filter((fault) => seenAs(call, fault) !== undefined);

describe.each(WRITINGS)("%s", (name, call, writing) => {
  const shared: { world: Promise<World> | undefined } = { world: undefined };
  afterAll(async () => (await shared.world)?.close());

  it.each(met(call))("that meets %s is told apart, and a repeat does it once", async (fault) => {
    const world = await (shared.world ??= start());
    const expected = seenAs(call, fault);
    if (expected === undefined) return expect.unreachable();
    const cell = await cellOf(world, `tidegate/${name.replaceAll(" ", "-")}-${fault}`.toLowerCase());
    await writing.warm(cell);
    const end = inject(world, READS.has(fault) ? { method: "GET" } : writing.aim, fault);
    expect(await seen(() => writing.call(cell))).toEqual(worded(expected));
    expect(end()).toBeGreaterThan(0);
    if (expected.kind === "throws" && expected.fault === "throttled") world.pass(MINUTE_AND_MORE);
    expect(await writing.effects(cell)).toBe(expected.happened ? 1 : 0);
    await writing.call(cell);
    expect(await writing.effects(cell)).toBe(1);
  });
});

describe.each(READERS)("%s", (call) => {
  const { call: read, least, change } = READING[call];
  const shared: { scene: Promise<Scene> | undefined } = { scene: undefined };
  afterAll(async () => (await shared.scene)?.world.close());

  it.each(met(call))("that meets %s is what the table says", async (fault) => {
    const there = await (shared.scene ??= scene());
    const expected = seenAs(call, fault);
    if (expected === undefined) return expect.unreachable();
    const truth = await read(there);
    if (fault === "staleRead") await change?.(there);
    const values: unknown[] = [];
    const end = inject(there.world, { method: "GET" }, fault);
    expect(await seen(async () => void values.push(await read(there)))).toEqual(worded(expected));
    expect(end()).toBe(1);
    if (fault === "primaryLimit") there.world.pass(MINUTE_AND_MORE);
    if (expected.kind === "value") expect(values).toEqual([expected.said === "least" ? least : truth]);
    if (fault === "staleRead" && change !== undefined) expect(await read(there)).not.toEqual(truth);
  });
});

it("tells of every fault of the catalogue", () => {
  const all = new Set([...READERS, ...WRITERS].flatMap(met));
  expect(FAULTS.map(({ name }) => name).filter((name) => !all.has(name))).toEqual(["graphqlErrors"]);
});
