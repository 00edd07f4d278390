import { expect, it } from "vitest";

import { pushesOf } from "../../../src/adapters/github/budget.ts";
import { limiter } from "../../../src/adapters/github/limiter.ts";
import { pacedPushes } from "../../../src/adapters/github/paced-pushes.ts";
import { repoName, sha } from "../../../src/core/names.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const TIP = sha("a".repeat(40));

function bench() {
  const clock = fakeClock(NOON);
  const did: string[] = [];
  const git = pacedPushes(
    {
      push: async (branch) => {
        did.push(`push ${branch}`);
        return "pushed";
      },
      remove: async (branch) => {
        did.push(`remove ${branch}`);
        if (branch === "odd") throw new Error("no such remote");
      },
    },
    limiter({ clock, limits: { pushes: pushesOf(2) } }),
    repoName("acme/gitops"),
  );
  return { clock, did, git };
}

it("holds back what is pushed too fast, and says until when; an abort passes", async () => {
  const { clock, did, git } = bench();
  await git.push("one", TIP, undefined, "step");
  await git.push("two", TIP, undefined, "step");
  await expect(git.push("three", TIP, undefined, "step")).rejects.toMatchObject({
    fault: "throttled",
    retryAt: NOON + 60_000,
  });
  expect(await git.push("abort", TIP, undefined, "abort")).toBe("pushed");
  await clock.pass(60_000);
  await git.push("three", TIP, undefined, "step");
  expect(did).toEqual(["push one", "push two", "push abort", "push three"]);
});

it("leaves a branch that there is no room to remove, without a word, and tells what git could not do", async () => {
  const { clock, did, git } = bench();
  await git.push("one", TIP, undefined, "step");
  await git.remove("two", TIP);
  expect(did).toEqual(["push one"]);
  await clock.pass(60_000);
  await expect(git.remove("odd", TIP)).rejects.toThrow("no such remote");
});
