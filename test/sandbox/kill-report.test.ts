import { describe, expect, it } from "vitest";
import { runText, summaryOf, summaryText, type JudgedRun } from "../../src/sandbox/kill-report.ts";

const KILL = { blow: "kill", call: "merge", moment: "after", nth: 1 } as const;
const REDIS = { blow: "killRedis", awayMs: 1_234, call: "token", moment: "before", nth: 2 } as const;
const FLUSH = { blow: "flushRedis", call: "git push", moment: "before", nth: 3 } as const;

function run(number: number, kills: JudgedRun["kills"], problems: readonly string[] = []): JudgedRun {
  return { number, seconds: 3.14, tree: "0123456789abcdef", kills, missed: [], problems };
}

it("tells of each problem of a run below its line, with a program's words further in", () => {
  const problems = [
    "it was not over after 300 s",
    "the bot ended by itself (exit code 1); it said last:\none\ntwo",
  ] as const;
  expect(runText(run(2, [KILL, REDIS, FLUSH], problems))).toBe(
    `run    2    3.1 s  tree 0123456789  killed after merge 1, Redis for 1.2 s before token 2, Redis's keys before git push 3
          ✗ it was not over after 300 s
          ✗ the bot ended by itself (exit code 1); it said last:
            one
            two
`,
  );
});

describe("the summary", () => {
  const asked = { runs: 1, blows: ["kill", "killRedis", "flushRedis"] } as const;

  it("counts what was done to the bot and to Redis at each call", () => {
    const text = summaryText(summaryOf([run(0, []), run(1, [KILL, REDIS, FLUSH])], asked, 12.3));
    expect(text).toContain("  killed at     before   after   Redis killed  Redis flushed\n");
    expect(text).toContain("  token              0       0              1              0\n");
    expect(text).toContain("  merge              0       1              0              0\n");
    expect(text).toContain(
      "1 runs, 1 kills, 1 kills of Redis, 1 flushes of Redis (0 more at calls that never came), 12 s.",
    );
    expect(text).toContain("Every run ended with the tree 0123456789abcdef");
  });

  it("speaks of Redis only where there is one", () => {
    const summary = summaryOf([run(0, []), run(1, [KILL])], { runs: 1, blows: ["kill"] }, 1);
    expect([summary.ok, summary.blows]).toEqual([true, { kill: 1 }]);
    expect(summaryText(summary)).not.toContain("Redis");
  });

  it.each([
    ["a kind of blow was never dealt", [run(0, []), run(1, [KILL, REDIS])]],
    ["a run is missing", [run(0, [KILL, REDIS, FLUSH])]],
    ["a run has a problem", [run(0, []), run(1, [KILL, REDIS, FLUSH], ["a commit 2 times"])]],
    ["a tree differs", [run(0, []), { ...run(1, [KILL, REDIS, FLUSH]), tree: "fedc" }]],
  ])("is not well where %s", (_, runs) => {
    const summary = summaryOf(runs, asked, 1);
    expect(summary.ok).toBe(false);
    expect(summaryText(summary)).toContain("did not all end alike");
  });
});
