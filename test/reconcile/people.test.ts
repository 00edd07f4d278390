import { expect, it } from "vitest";
import { printState } from "../../src/config/state-text.ts";
import { sha } from "../../src/core/names.ts";
import type { Comment } from "../../src/ports/forge.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { spokenSince, withHeard } from "../../src/reconcile/people.ts";
import { modelForge } from "../simulation/forge.ts";
import { modelGit } from "../simulation/git.ts";
import { simulatedReadings } from "../simulation/seeds.ts";
import { commit, inFlight, landingOf, member } from "../support/member.ts";

const STATE = ".tidegate/services/checkout.yaml";
const NOW = landingOf(2);

/** A release that stands at its second step, whose pull request is #4813; who writes is who may. */
function world() {
  const git = modelGit(new Map([[STATE, printState(inFlight(2).state)]]), 0);
  const head = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const forge = modelForge({
    git,
    now: () => NOW,
    standing: () => ({ permission: "write", role: "write" }),
    teams: () => [],
  });
  const readings = simulatedReadings();
  const config = readings.config(undefined, { kind: "none" });
  const said = (pull: number): Comment => ({
    id: pull,
    pull,
    author: "ana",
    byBot: false,
    edited: false,
    at: NOW,
    body: "/abort",
    reactions: 0,
    asked: undefined,
  });
  const step = (parent: typeof head, state: string) =>
    git.write({ parent, files: new Map([[STATE, state]]), message: "m", at: 1 });
  return { git, head, forge, readings, config, said, step };
}

it("a command is heard where it is said of the service's releases, and not on an issue, or on what others have open or closed", async () => {
  const { git, head, forge, readings, config, said, step } = world();
  const mine = git.add({ parent: head, parents: [head], files: new Map([["notes.md", "mine"]]), message: "m", at: 1 });
  const last = await step(head, printState(inFlight(2, { release: { commit: commit("7") } }).state));
  const heads = {
    4813: head,
    4811: await step(head, printState(inFlight(1).state)),
    4700: await step(last, printState(member().state)),
    4801: mine,
    4802: mine,
  };
  const refs = new Map(Object.entries(heads).map(([number, at]) => [`refs/pull/${number}/head`, at]));
  const rest = { body: "", fromFork: false, base: "main", draft: false, labels: [], title: "" };
  const open = { ...rest, number: 4801, ours: false, author: "ben", branch: "ben/notes", headSha: mine };
  const numbers = [4813, 4811, 4812, 4700, 4801, 4802, 77];
  const eyes = {
    git,
    readings,
    memory: freshMemory(),
    forge: { ...forge, comments: async () => numbers.map(said), answered: async () => false },
  };
  const scene = { eyes, branch: "main", head, refs, pulls: [open], config, readable: config };
  const members = [inFlight(2)];
  const spoken = await spokenSince(scene, { members, backing: "none", now: NOW });
  const { members: heard } = await withHeard(scene, members, { spoken, bumps: [], refusals: [], now: NOW });
  const places = heard.flatMap((one) => one.heard.map(({ pull, place }) => [pull, place.kind]));
  expect(places).toEqual([
    [4813, "step"],
    [4811, "landed"],
    [4812, "bump"],
    [4700, "past"],
  ]);
});
