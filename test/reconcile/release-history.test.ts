import { expect, it } from "vitest";
import type { Sha } from "../../src/core/names.ts";
import type { ForgeReader } from "../../src/ports/forge.ts";
import type { Commit, GitReader } from "../../src/ports/git.ts";
import { beforeVersion, findBump } from "../../src/reconcile/release-history.ts";
import { commit, NEW, OLD, templateOf } from "../support/member.ts";

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
    list: async () => [],
    history: async () => [bump],
    contains: async () => true,
    changed: async () => changed,
    fork: async () => bump.sha,
  };
  const forge: Pick<ForgeReader, "pullsOf"> = {
    pullsOf: async (sha) => (sha === HOTFIX ? [{ number: 7, labels: ["hotfix"] }] : [{ number: 8, labels: [] }]),
  };
  return { git, forge, from: bump.sha, path: CANARY };
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
  const found = await beforeVersion(from, async (sha) => {
    const image = images.get(sha) ?? OLD;
    return { image, template: templateOf(image) };
  });
  expect(found).toBe(before && commit(before));
});
