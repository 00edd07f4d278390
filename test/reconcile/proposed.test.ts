import { expect, it } from "vitest";
import { printState } from "../../src/config/state-text.ts";
import { name, sha } from "../../src/core/names.ts";
import type { Hold } from "../../src/core/state.ts";
import { proposedAt } from "../../src/reconcile/proposed.ts";
import { modelGit } from "../simulation/git.ts";
import { simulatedReadings } from "../simulation/seeds.ts";
import { inFlight } from "../support/member.ts";

const STATE = ".tidegate/services/checkout.yaml";
const BROKEN = "version: [";

function heldBy(by: string): Hold {
  return { target: name("prod"), by, comment: undefined, closed: undefined, at: undefined, reason: undefined };
}

function textOf(step: number, holds: readonly Hold[]): string {
  return printState(inFlight(step, { state: { holds } }).state);
}

/** The holds of a step that was built when the tracked branch held `then`, after which people wrote `now`. */
async function holdsProposed(
  then: readonly Hold[],
  now: readonly Hold[],
  { proposed, isBroken }: { readonly proposed: readonly Hold[]; readonly isBroken: boolean },
) {
  const git = modelGit(new Map([[STATE, textOf(2, then)]]), 0);
  const push = (parent: ReturnType<typeof sha>, text: string) =>
    git.add({ parent, parents: [parent], files: new Map([[STATE, text]]), message: "By hand", at: 1 });
  const start = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const base = isBroken ? push(start, BROKEN) : start;
  const files = new Map([[STATE, textOf(3, proposed)]]);
  const step = await git.write({ parent: base, files, message: "Step", at: 2 });
  const head = push(base, textOf(2, now));
  const scene = { head, eyes: { git, readings: simulatedReadings() } };
  const found = await proposedAt(scene, inFlight(2, { state: { holds: now } }), step);
  return found?.holds.map(({ by }) => by);
}

const ANA = heldBy("ana");
const BEN = heldBy("ben");

it.each<[string, readonly Hold[], readonly Hold[], readonly Hold[], readonly string[]]>([
  ["that people write into the state file", [], [ANA], [], ["ana"]],
  ["that people take out of the state file", [ANA], [], [ANA], []],
  ["that only the step has", [], [], [BEN], ["ben"]],
  ["that the step lifts", [ANA], [ANA], [], []],
])("a hold %s counts, also where the step was built on a file that could not be read", async (...row) => {
  const [, then, now, proposed, expected] = row;
  const whole = await holdsProposed(then, now, { proposed, isBroken: false });
  const broken = await holdsProposed(then, now, { proposed, isBroken: true });
  expect([whole, broken]).toEqual([expected, expected]);
});
