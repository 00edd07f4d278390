import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CAN_KUSTOMIZE, openLayoutBump, renderedWorld } from "../support/layout-story.ts";
import { say } from "../support/story-plot.ts";
import { answersOn, pullNow, saidOn } from "../support/story-reads.ts";
import { BOT, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { BEFORE, CONFIG, OVERLAY } from "../support/unopted.ts";
import { told, UNHURRIED } from "./told.ts";

const MINUTE = 60_000;

/** A ruleset by which nobody makes branches of some names. */
async function forbid(story: Story, names: string): Promise<void> {
  story.github.configure(REPO, { protectsDefaultBranch: true });
  const hook = `#!/bin/sh
case "$1" in ${names})
  echo "error: GH013: Repository rule violations found for $1." >&2
  echo "Review all repository rules at https://github.example.com/rules" >&2
  echo "- Cannot create ref due to creations being restricted." >&2
  exit 1;;
esac
`;
  await writeFile(join(story.github.gitDir(REPO), "hooks", "update"), hook, { mode: 0o755 });
}

describe.skipIf(!CAN_KUSTOMIZE)(
  "opting in where rules forbid its branch (skipped without kustomize and kubectl)",
  () => {
    it.concurrent(
      "is answered once with what was declined and what to allow, and done when it is allowed, whatever dies meanwhile",
      UNHURRIED,
      told(renderedWorld(BEFORE, { config: CONFIG }), async (story) => {
        const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
        await story.settle();
        await forbid(story, "refs/heads/tidegate/opt-*");
        const before = saidOn(story, bump.number).length;
        const asked = await say(story, "ana", bump.number, "/opt-in canary-gateway-api gateway=public");
        await story.settle();
        const [answer = ""] = answersOn(story, bump.number);
        expect(answer).toContain(
          "declined the push of `tidegate/opt-in/checkout`: GH013: Repository rule violations found",
        );
        expect(answer).toContain("Cannot create ref due to creations being restricted");
        expect(answer).not.toContain("https://");
        expect(answer).toContain("Leave `tidegate/**` out of that rule");
        expect(await story.reactions(asked)).toEqual([]);

        await story.pass(12 * MINUTE);
        await story.restart(async () => {});
        await story.settle();
        expect(saidOn(story, bump.number)).toHaveLength(before + 1);

        await forbid(story, "refs/heads/other/*");
        const opened = () => story.github.pulls(REPO).filter(({ author }) => author.login === BOT);
        await story.until("it is opened", () => opened().length === 1, 10 * MINUTE);
        await story.settle();
        expect(await story.reactions(asked)).toEqual(["+1"]);
        expect(answersOn(story, bump.number)).toEqual([expect.stringContaining(`#${opened()[0]?.number} does it`)]);
        expect(saidOn(story, bump.number)).toHaveLength(before + 1);
        expect(pullNow(story, opened()[0]?.number).head.branch).toBe("tidegate/opt-in/checkout");
      }),
    );
  },
);
