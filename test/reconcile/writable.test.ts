import { expect, it } from "vitest";
import type { Action, Land } from "../../src/core/action.ts";
import type { Change } from "../../src/core/change.ts";
import { decide } from "../../src/core/decide.ts";
import { name, type Name } from "../../src/core/names.ts";
import { withTarget } from "../../src/core/proposal.ts";
import type { ServiceState } from "../../src/core/state.ts";
import { Unwritable } from "../../src/reconcile/texts.ts";
import { writable } from "../../src/reconcile/writable.ts";
import { inFlight, NOON, version, workload } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";

const TARGETS = ["asia", "eu", "us"].map(name);

/** The abort of several targets, in each of which an unjudged version has landed under the weight. */
function abortOf(targets: readonly Name[]): Land {
  const bare = targets.map((target) =>
    inFlight(1, { target, pull: undefined, manifest: { canary: workload("canary", version("9.9.9"), 1) } }),
  );
  const state = bare.reduce<ServiceState>((all, of) => withTarget({ ...of, state: all }, of.at), {
    ...(bare[0]?.state ?? expect.fail("There is one.")),
    targets: new Map(),
  });
  const actions: readonly Action[] = decide(snapshotOf(bare.map((of) => ({ ...of, state }))), NOON);
  return actions.find((action) => action.kind === "land") ?? expect.fail("They go down.");
}

/** A desk at which the files of some targets cannot be edited. */
function deskWithout(broken: readonly string[]): Parameters<typeof writable>[1] {
  const git = {
    fetch: async () => new Map(),
    commit: async () => expect.fail("Nothing is asked of it."),
    read: async () => new Map(),
    entries: async () => new Map(),
    list: async () => [],
    links: async () => new Map<string, string>(),
    history: async () => [],
    contains: async () => true,
    changed: async () => [],
    fork: async () => expect.fail("Nothing is asked of it."),
  };
  const changed = (_: unknown, { target }: Change) =>
    broken.includes(target)
      ? { kind: "refused" as const, problems: [`${target}: no weight can be written.`] }
      : { kind: "read" as const, value: new Map() };
  return { git, readings: { changed } };
}

/** Whom a commit takes down, and to what. */
function moved({ member, fellows = [], change }: Land) {
  const targets = [member.target, ...fellows.map((fellow) => fellow.member.target)];
  const weights = [...change.state.targets].map(([target, { weight }]) => [target, weight] as const);
  return { targets, lowered: weights.flatMap(([target, weight]) => (weight === 0 ? [target] : [])) };
}

it.each<[broken: readonly string[], down: readonly string[]]>([
  [[], ["asia", "eu", "us"]],
  [["eu"], ["asia", "us"]],
  [["asia"], ["eu", "us"]],
  [["asia", "us"], ["eu"]],
])("whoever can be written goes down where %j cannot", async (broken, down) => {
  const { land, left } = await writable(abortOf(TARGETS), deskWithout(broken));
  expect(moved(land)).toEqual({ targets: down, lowered: down });
  expect(left.map(({ message }) => message)).toEqual(broken.map((one) => `${one}: no weight can be written.`));
});

it("is refused where nobody can be written", async () => {
  await expect(writable(abortOf(TARGETS), deskWithout(["asia", "eu", "us"]))).rejects.toThrow(Unwritable);
});

it("of one alone is left to its commit", async () => {
  const alone = abortOf(TARGETS.slice(0, 1));
  expect(await writable(alone, deskWithout(["asia"]))).toEqual({ land: alone, left: [] });
});
