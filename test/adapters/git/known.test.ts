import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { environmentOf } from "../../../src/adapters/git/environment.ts";
import { containsCommit, historyOf } from "../../../src/adapters/git/history.ts";
import { knownTo } from "../../../src/adapters/git/known.ts";
import { repositoryAt } from "../../../src/adapters/git/repository.ts";
import { git, records, type Place } from "../../../src/adapters/git/run.ts";
import { sha, type Sha } from "../../../src/core/names.ts";
import { unreachable } from "../../../src/core/unreachable.ts";
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

/** One question, asked of git and of whoever knows. */
type Question =
  | { readonly kind: "history"; readonly from: Sha; readonly path: string; readonly limit: number }
  | { readonly kind: "contains"; readonly head: Sha; readonly commit: Sha }
  | { readonly kind: "read"; readonly commit: Sha; readonly paths: readonly string[] };

type Answering = ReturnType<typeof knownTo>;

const PLAIN: Answering = {
  history: (from, path, limit) => historyOf(place, IDENTITY, { from, path, limit }),
  contains: (head, commit) => containsCommit(place, head, commit),
  read: async (commit, paths) => {
    const listed = paths.length === 0 ? [] : records(await git(place, ["ls-tree", "-z", commit, "--", ...paths]));
    const files = listed.flatMap((line) => {
      const [, id, path] = /^100(?:644|755) blob ([0-9a-f]{40})\t(.+)$/.exec(line) ?? [];
      return id === undefined || path === undefined || !paths.includes(path) ? [] : [{ id: sha(id), path }];
    });
    const read = files.map(async ({ id, path }) => {
      const text = (await git(place, ["cat-file", "blob", id])).toString();
      return [path, { id, text }] as const;
    });
    return new Map(await Promise.all(read));
  },
};

function answered({ history, contains, read }: Answering, question: Question): Promise<unknown> {
  switch (question.kind) {
    case "history":
      return history(question.from, question.path, question.limit);
    case "contains":
      return contains(question.head, question.commit);
    case "read":
      return read(question.commit, question.paths);
    default:
      return unreachable(question);
  }
}

const commit = fc.constantFrom(...COMMITS);
const path = fc.constantFrom(...PATHS);
const question: fc.Arbitrary<Question> = fc.oneof(
  fc.record({ kind: fc.constant("history"), from: commit, path, limit: fc.constantFrom(...LIMITS) }),
  fc.record({ kind: fc.constant("contains"), head: commit, commit }),
  fc.record({ kind: fc.constant("read"), commit, paths: fc.uniqueArray(path) }),
);

describe("what is known of commits", () => {
  it("is what git says, whatever was asked before", UNHURRIED, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(question, { minLength: 2, maxLength: 15 }), async (questions) => {
        const known = knownTo(repositoryAt(place, IDENTITY));
        for (const one of questions) expect(await answered(known, one)).toEqual(await answered(PLAIN, one));
      }),
      { numRuns: 10 },
    );
  });

  it("and so it is where the heads follow one another", UNHURRIED, async () => {
    const heads = remote.git("rev-list", "--first-parent", "--reverse", "main").split("\n").map(sha);
    const known = knownTo(repositoryAt(place, IDENTITY));
    for (const head of heads) {
      const questions: readonly Question[] = [
        ...PATHS.map((one) => ({ kind: "history", from: head, path: one, limit: 300 }) as const),
        ...COMMITS.map((one) => ({ kind: "contains", head, commit: one }) as const),
        { kind: "read", commit: head, paths: PATHS },
      ];
      for (const one of questions) expect(await answered(known, one)).toEqual(await answered(PLAIN, one));
    }
  });

  it("is nothing where a question failed", async () => {
    const { history, contains } = knownTo(repositoryAt(place, IDENTITY));
    const absent = sha("1".repeat(40));
    const [first = absent] = COMMITS;
    await expect(history(absent, "a.yaml", 300)).rejects.toThrow(/git log/);
    expect(await history(first, "a.yaml", 300)).toHaveLength(1);
    expect(await contains(first, absent)).toBe(false);
    await expect(contains(absent, first)).rejects.toThrow(/git merge-base/);
  });
});
