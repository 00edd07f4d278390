import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { environmentOf } from "../../../src/adapters/git/environment.ts";
import { historyOf } from "../../../src/adapters/git/history.ts";
import { knownHistories } from "../../../src/adapters/git/known-history.ts";
import type { Place } from "../../../src/adapters/git/run.ts";
import { sha, type Sha } from "../../../src/core/names.ts";
import { bareRemote } from "../../support/remote.ts";
import { UNHURRIED } from "../../support/patience.ts";

const IDENTITY = { name: "tidegate[bot]", email: "tidegate[bot]@users.noreply.github.com" };
const PATHS = ["a.yaml", "d/x.yaml", "d/y.yaml", "d", "d.yaml"] as const;
const LIMITS = [1, 2, 300] as const;

const remote = bareRemote();
afterAll(remote.remove);
const place: Place = {
  directory: remote.directory,
  environment: environmentOf(remote.url, process.env),
  timeoutMs: 60_000,
};

/** Two branches that touch the same files by turns, and are merged into each other now and then. */
const COMMITS: readonly Sha[] = [
  remote.commit("main", { "a.yaml": "1", "d/x.yaml": "1" }),
  remote.commit("main", { "d/x.yaml": "2" }),
  ...forked("side"),
  remote.commit("side", { "d/y.yaml": "1" }),
  remote.commit("main", { "a.yaml": "2" }),
  remote.commit("side", { "a.yaml": "3", "d/x.yaml": undefined }),
  merged("main", "side"),
  remote.commit("main", { "d.yaml": "1" }),
  remote.commit("main", { "d.yaml": { mode: "100755", text: "1" } }),
  remote.commit("main", { "e.yaml": "nothing of theirs" }, "Say\n\n:100644 100644 d/x.yaml"),
  merged("side", "main"),
  remote.commit("side", { d: { mode: "120000", text: "a.yaml" }, "d/x.yaml": undefined, "d/y.yaml": undefined }),
  remote.commit("main", { "a.yaml": undefined }),
];

function forked(branch: string): readonly Sha[] {
  remote.git("update-ref", `refs/heads/${branch}`, "refs/heads/main");
  return [];
}

/** A merge that takes what the other branch has in one file. */
function merged(into: string, from: string): Sha {
  const [tip, other] = [into, from].map((branch) => remote.git("rev-parse", `refs/heads/${branch}`));
  const theirs = remote.git("show", `${other}:a.yaml`);
  const taken = remote.commit(into, { "a.yaml": theirs });
  const who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"];
  const tree = `${taken}^{tree}`;
  const merge = remote.git(...who, "commit-tree", tree, "-p", tip ?? "", "-p", other ?? "", "-m", "Merge");
  remote.git("update-ref", `refs/heads/${into}`, merge);
  return sha(merge);
}

describe("knownHistories", () => {
  it("gives what git gives, whatever was asked before", UNHURRIED, async () => {
    const asked = fc.record({
      from: fc.constantFrom(...COMMITS),
      path: fc.constantFrom(...PATHS),
      limit: fc.constantFrom(...LIMITS),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 2, maxLength: 12 }), async (questions) => {
        const histories = knownHistories(place, IDENTITY);
        for (const question of questions)
          expect(await histories(question)).toEqual(await historyOf(place, IDENTITY, question));
      }),
      { numRuns: 10 },
    );
  });

  it("and so it does where the heads follow one another", UNHURRIED, async () => {
    const heads = remote.git("rev-list", "--first-parent", "--reverse", "main").split("\n").map(sha);
    const histories = knownHistories(place, IDENTITY);
    for (const from of heads)
      for (const path of PATHS) {
        const question = { from, path, limit: 300 };
        expect(await histories(question)).toEqual(await historyOf(place, IDENTITY, question));
      }
  });

  it("keeps nothing of a question that failed", async () => {
    const histories = knownHistories(place, IDENTITY);
    const [first] = COMMITS;
    const absent = sha("1".repeat(40));
    await expect(histories({ from: absent, path: "a.yaml", limit: 300 })).rejects.toThrow(/git log/);
    const question = { from: first ?? absent, path: "a.yaml", limit: 300 };
    expect(await histories(question)).toHaveLength(1);
  });
});
