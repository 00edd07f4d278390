import { expect, it } from "vitest";
import { runText } from "../../src/sandbox/kill-report.ts";

it("tells of each problem of a run below its line, with a program's words further in", () => {
  const run = {
    number: 2,
    seconds: 3.14,
    tree: "0123456789abcdef",
    kills: [{ call: "merge", moment: "after", nth: 1 }],
    missed: [],
    problems: ["it was not over after 300 s", "the bot ended by itself (exit code 1); it said last:\none\ntwo"],
  } as const;
  expect(runText(run)).toBe(
    `run    2    3.1 s  tree 0123456789  killed after merge 1
          ✗ it was not over after 300 s
          ✗ the bot ended by itself (exit code 1); it said last:
            one
            two
`,
  );
});
