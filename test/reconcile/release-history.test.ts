import { expect, it } from "vitest";
import type { Sha } from "../../src/core/names.ts";
import type { ForgeReader } from "../../src/ports/forge.ts";
import type { Commit, GitReader } from "../../src/ports/git.ts";
import { findBump } from "../../src/reconcile/release-history.ts";
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
