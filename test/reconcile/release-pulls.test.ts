import { expect, it } from "vitest";
import { sha, type Sha } from "../../src/core/names.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { printState } from "../../src/config/state-text.ts";
import { pullsOfReleases } from "../../src/reconcile/release-pulls.ts";
import { modelGit } from "../simulation/git.ts";
import { simulatedReadings } from "../simulation/seeds.ts";
import { BUMP, inFlight, member, waiting } from "../support/member.ts";

const STATE = ".tidegate/services/checkout.yaml";
const OFFER = "checkout 25% → 0%\n\nTidegate-Service: checkout\nTidegate-Target: prod\nTidegate-Fall: to-zero";

/** A tracked branch on which a bump has landed, and heads of pull requests on it, closed or merged since. */
async function repository() {
  const git = modelGit(new Map([[STATE, printState(member().state)]]), 0);
  const start = headOf(git);
  const write = (parent: Sha, path: string, text: string, message = "m") =>
    git.write({ parent, files: new Map([[path, text]]), message, at: 1 });
  const bump = git.add({
    parent: start,
    parents: [start],
    files: new Map([["canary.yaml", "1.42.0"]]),
    message: "Bump",
    at: 1,
  });
  const release = { commit: bump };
  const step = await write(bump, STATE, printState(inFlight(0, { release }).state));
  const other = await write(bump, STATE, printState(inFlight(0, { release: { commit: BUMP.commit } }).state));
  const pushed = git.add({
    parent: step,
    parents: [step],
    files: new Map([["notes.md", "mine"]]),
    message: "Mine",
    at: 2,
  });
  const heads = {
    1: step,
    2: other,
    3: pushed,
    4: await write(bump, "route.yaml", "0", OFFER),
    5: await write(start, "route.yaml", "0", OFFER),
    6: bump,
  };
  const refs = new Map(Object.entries(heads).map(([number, head]) => [`refs/pull/${number}/head`, head]));
  // The last step leaves no release, and somebody had broken the file that it was built on.
  const broken = await write(step, STATE, "version: [");
  refs.set("refs/pull/9/head", await write(broken, STATE, printState(member().state)));
  // The first step has landed as a commit of its own, and the next bump's branch begins there.
  const head = await write(bump, STATE, printState(inFlight(0, { release }).state), "landed");
  const next = git.add({
    parent: head,
    parents: [head],
    files: new Map([["canary.yaml", "1.43.0"]]),
    message: "Bump",
    at: 3,
  });
  refs.set("refs/pull/8/head", next);
  const eyes = { git, readings: simulatedReadings() };
  const found = await pullsOfReleases({ eyes, refs, head }, new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  return { bump, found };
}

function headOf(git: ReturnType<typeof modelGit>): Sha {
  return git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
}

it.each<[string, (bump: Sha) => Member, readonly number[]]>([
  [
    "under way: its steps, also under somebody's commit or on a file that cannot be read, and what was offered since it came",
    (bump) => inFlight(1, { release: { commit: bump } }),
    [1, 3, 4, 9],
  ],
  ["that waits to begin: the same", (bump) => waiting({ bump: { ...BUMP, commit: bump } }), [1, 3, 4, 9]],
  ["of another bump: its own", () => inFlight(1), [2]],
  [
    "that has just ended: the same as under way",
    (bump) => member({ ended: inFlight(6, { release: { commit: bump } }).state }),
    [1, 3, 4, 9],
  ],
  ["that there is none of", () => member(), []],
])("pull requests of a release %s", async (_, of, numbers) => {
  const { bump, found } = await repository();
  expect(await found(of(bump))).toEqual(numbers);
});
