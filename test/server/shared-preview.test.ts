import { expect, it } from "vitest";
import { repoName, sha } from "../../src/core/names.ts";
import type { RepoKey } from "../../src/ports/queue.ts";
import type { Extending } from "../../src/reconcile/elsewhere.ts";
import { sharedPreviews } from "../../src/server/shared-preview.ts";
import { modelGit } from "../simulation/git.ts";
import { simulatedReadings } from "../simulation/seeds.ts";

const CONFIG = `version: 1
metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }
waves: [{ targets: ["*"], bake: 5m }]
`;
const PLATFORM: RepoKey = { installation: 7, repo: repoName("acme/platform") };
const PROPOSED = { id: sha("1".repeat(40)), text: "version: 1\nenforced: { bake: 8m }\n" };

const sight: Extending = {
  git: modelGit(new Map([[".github/tidegate.yml", CONFIG]]), 0),
  forge: { repository: async () => ({ defaultBranch: "main", mergeMethods: [] }) },
  readings: simulatedReadings(),
};

/** So many repositories extend it; the second cannot be read. */
function world(repositories: number) {
  const state = { now: 0, asked: [] as string[] };
  const keys = Array.from({ length: repositories }, (_, index) => ({
    installation: 7,
    repo: repoName(`acme/r${index}`),
  }));
  const previews = sharedPreviews({
    shared: { extending: () => ({ keys, now: undefined }) },
    sightOf: async ({ repo }) => {
      state.asked.push(repo);
      if (repo === "acme/r1") throw new Error("It is gone.");
      return sight;
    },
    clock: { now: () => state.now },
    log: { info: () => undefined, warn: () => undefined },
  });
  return { state, preview: previews(PLATFORM) };
}

it("tells what a proposal makes of each repository, and leaves out what cannot be read", async () => {
  const { preview } = world(3);
  const found = await preview(PROPOSED);
  expect(found.map(({ repo }) => repo)).toEqual(["acme/r0", "acme/r2"]);
  expect(found[0]?.loosened).toEqual([expect.stringContaining("waves[0].bake is 5m, and acme/platform: ")]);
});

it("asks twenty at most, and the same ones for the same proposal once in five minutes", async () => {
  const { state, preview } = world(30);
  await preview(PROPOSED);
  await preview(PROPOSED);
  expect(state.asked).toHaveLength(20);
  state.now = 300_000;
  await preview(PROPOSED);
  await preview({ ...PROPOSED, id: sha("2".repeat(40)) });
  expect(state.asked).toHaveLength(60);
});
