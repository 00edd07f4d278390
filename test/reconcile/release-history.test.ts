import { describe, expect, it } from "vitest";
import { name, type Sha } from "../../src/core/names.ts";
import type { ServiceState } from "../../src/core/state.ts";
import type { ForgeReader } from "../../src/ports/forge.ts";
import type { Commit, GitReader } from "../../src/ports/git.ts";
import { beforeVersion, commitWith, findBump, stateHistory } from "../../src/reconcile/release-history.ts";
import { commit, inFlight, member, MINUTE, NEW, NOON, OLD, templateOf, version } from "../support/member.ts";

const CANARY = "apps/checkout/canary.yaml";
const STATE = ".tidegate/services/checkout.yaml";
const [BEFORE, BUMP, HOTFIX] = ["c", "b", "f"].map(commit);

/** A file whose one change is this commit's, and the pull requests that brought commits. */
function eyesOf(message: string, changed: readonly string[]) {
  const bump: Commit = {
    sha: BUMP ?? commit("b"),
    parents: [BEFORE ?? commit("c")],
    at: 0,
    message,
    author: "ben",
    ours: false,
  };
  const git: GitReader = {
    fetch: async () => new Map(),
    commit: async () => bump,
    read: async () => new Map(),
    entries: async () => new Map(),
    list: async () => [],
    links: async () => new Map(),
    history: async () => [bump],
    contains: async () => true,
    changed: async () => changed,
    fork: async () => bump.sha,
  };
  const forge: Pick<ForgeReader, "pullsOf"> = {
    pullsOf: async (sha) => (sha === HOTFIX ? [{ number: 7, labels: ["hotfix"] }] : [{ number: 8, labels: [] }]),
  };
  return { git, forge, from: bump.sha, paths: [CANARY] };
}

const versionAt = async (sha: Sha) => {
  const image = sha === BUMP ? NEW : OLD;
  return { image, template: templateOf(image) };
};

it.each([
  ["a commit that gives a version again, and changes the state", [CANARY, STATE], 7, ["hotfix"]],
  ["anybody's commit that says so", [CANARY], 8, []],
])("the pull request that a bump names as its own is believed of %s: %#", async (_, changed, source, labels) => {
  const eyes = eyesOf(`Update checkout\n\nTidegate-Bump: ${HOTFIX}`, changed);
  expect(await findBump(eyes, versionAt)).toMatchObject({ commit: BUMP, source, labels });
});

/** Commits in a row, newest first, and the files that each of them changed. */
function inRow(changes: Readonly<Record<string, readonly string[]>>) {
  const digits = Object.keys(changes);
  const shas = digits.map(commit);
  const row: readonly Commit[] = shas.map((sha, index) => {
    const parents = [shas[index + 1] ?? commit("0")];
    return { sha, parents, at: 0, message: "Change it", author: "ben", ours: false };
  });
  const { git, forge } = eyesOf("", []);
  const history: GitReader["history"] = async (_, path) =>
    row.filter((_one, index) => changes[digits[index] ?? ""]?.includes(path));
  const contains: GitReader["contains"] = async (head, one) => shas.indexOf(head) <= shas.indexOf(one);
  return { git: { ...git, history, contains }, forge, from: shas[0] ?? commit("0"), shas };
}

it.each<[string, Readonly<Record<string, readonly string[]>>, string]>([
  ["the pod template's file alone", { "3": ["base"], "2": ["overlay"] }, "3"],
  ["the file of the version alone", { "3": ["overlay"], "2": ["base"] }, "3"],
  ["both at once, later than each", { "4": ["other"], "3": ["overlay", "base"], "2": ["base"], "1": ["overlay"] }, "3"],
  ["one of them, before a change that brought nothing", { "4": ["base"], "3": ["overlay"], "2": ["base"] }, "3"],
])("a bump is found in whichever of two files brought it: %s", async (_, changes, digit) => {
  const { shas, ...eyes } = inRow(changes);
  const brought = shas.indexOf(commit(digit));
  const at = async (sha: Sha) => {
    const image = shas.includes(sha) && shas.indexOf(sha) <= brought ? NEW : OLD;
    return { image, template: templateOf(image) };
  };
  const paths = ["overlay", "base"];
  expect(await findBump({ ...eyes, paths }, at)).toMatchObject({ commit: commit(digit) });
  expect(await commitWith({ ...eyes, paths }, templateOf(OLD), at)).toBe(shas[brought + 1] ?? commit("0"));
});

it.each<[string, readonly (readonly [commit: string, is: typeof OLD])[], string | undefined]>([
  [
    "given by the newest change",
    [
      ["3", NEW],
      ["2", OLD],
      ["1", OLD],
    ],
    "2",
  ],
  [
    "given before other changes of the file",
    [
      ["4", NEW],
      ["3", NEW],
      ["2", OLD],
      ["1", OLD],
    ],
    "2",
  ],
  [
    "put back over a third one",
    [
      ["4", NEW],
      ["3", OLD],
      ["2", NEW],
      ["1", OLD],
    ],
    "3",
  ],
  [
    "put back over one that somebody had there for a while",
    [
      ["4", NEW],
      ["3", version("0.9.0")],
      ["2", NEW],
      ["1", OLD],
    ],
    "1",
  ],
  [
    "where the image that the release began from is not found",
    [
      ["3", NEW],
      ["2", version("0.9.0")],
      ["1", version("0.8.0")],
    ],
    "2",
  ],
  [
    "that has always been there",
    [
      ["2", NEW],
      ["1", NEW],
    ],
    undefined,
  ],
])("what stood before a version %s", async (_, changes, before) => {
  const commits = changes.map(([digit], index): Commit => {
    const parent = changes[index + 1];
    const rest = { at: 0, message: "", author: "ben", ours: false };
    return { sha: commit(digit), parents: parent === undefined ? [] : [commit(parent[0])], ...rest };
  });
  const images = new Map(changes.map(([digit, image]) => [commit(digit), image]));
  const from = { git: { history: async () => commits }, from: commit(changes[0]?.[0] ?? "0"), path: CANARY };
  const found = await beforeVersion(from, OLD, async (sha) => {
    const image = images.get(sha) ?? OLD;
    return { image, template: templateOf(image) };
  });
  expect(found).toBe(before && commit(before));
});

describe("what the changes of a state file tell about one of its targets", () => {
  const base = member().state;
  const [PROD, STAGING] = [name("prod"), name("staging")];
  type Step = number | undefined;
  const stateOf = (prod: Step, staging: Step, heard = 0): ServiceState => {
    const at = (step: Step) => (step === undefined ? member().at : inFlight(step).at);
    return {
      ...base,
      heard,
      targets: new Map([
        [PROD, at(prod)],
        [STAGING, at(staging)],
      ]),
    };
  };
  /** Newest first, a minute apart. */
  const historyOf = async (states: readonly (ServiceState | undefined)[]) => {
    const commits = states.map((_, index): Commit => {
      const parents = index + 1 < states.length ? [commit(`${index + 2}`)] : [];
      return {
        sha: commit(`${index + 1}`),
        parents,
        at: NOON - index * MINUTE,
        message: "",
        author: "Tidegate",
        ours: true,
      };
    });
    const git = { history: async () => commits };
    return stateHistory(
      { git, from: commit("1"), path: STATE },
      PROD,
      async (at) => states[commits.findIndex(({ sha }) => sha === at)],
    );
  };

  it("counts its own steps, however often the others move in between", async () => {
    const found = await historyOf([
      stateOf(1, 3),
      stateOf(1, 2),
      stateOf(1, 1),
      stateOf(0, 1),
      stateOf(0, 0),
      stateOf(undefined, undefined),
    ]);
    expect(found.changedAt).toBe(NOON - 2 * MINUTE);
    expect(found.newest.sha).toBe(commit("3"));
    expect([...found.landings]).toEqual([
      [1, NOON - 2 * MINUTE],
      [0, NOON - 4 * MINUTE],
    ]);
    expect(found.ended).toBeUndefined();
  });

  it("finds the end of its release below what the others did since", async () => {
    const found = await historyOf([
      stateOf(undefined, 2),
      stateOf(undefined, 1),
      undefined,
      stateOf(6, 1),
      stateOf(5, 1),
    ]);
    expect(found.changedAt).toBe(NOON - MINUTE);
    expect(found.ended?.targets.get(PROD)?.release?.step).toBe(6);
  });

  it("does not take words that its wave left it with for a change of what runs", async () => {
    const before = stateOf(1, 1);
    const at = before.targets.get(PROD);
    const skip = { gate: "errors", by: "ana", comment: 7, reason: "the provider is being moved" } as const;
    const release = at?.release && { ...at.release, skips: [skip] };
    if (at === undefined || release === undefined) throw new Error("The builder is in flight.");
    const after = { ...stateOf(1, 2), targets: new Map([...stateOf(1, 2).targets, [PROD, { ...at, release }]]) };
    const found = await historyOf([after, before, stateOf(0, 1), stateOf(0, 0)]);
    expect(found.changedAt).toBe(NOON - MINUTE);
    expect(found.landings.get(1)).toBe(NOON - MINUTE);
  });

  it("takes what is of no target more than of another for its own", async () => {
    const found = await historyOf([stateOf(1, 2, 7), stateOf(1, 2), stateOf(0, 2)]);
    expect(found.changedAt).toBe(NOON);
  });
});
