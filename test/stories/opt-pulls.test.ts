import { describe, expect, it } from "vitest";
import { realGit } from "../support/git.ts";
import { CAN_KUSTOMIZE, openLayoutBump, renderedWorld } from "../support/layout-story.ts";
import { say } from "../support/story-plot.ts";
import { answersOn } from "../support/story-reads.ts";
import { BOT, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { BEFORE, CONFIG, optedIn, OVERLAY, PLAIN } from "../support/unopted.ts";
import { told, UNHURRIED } from "./told.ts";

const CHECKOUT = "tidegate/opt-in/checkout";
const CART = "tidegate/opt-in/cart";

async function branchesOf({ github }: Story): Promise<readonly string[]> {
  const { out } = await realGit(github.gitDir(REPO), "branch", "--list", "--format=%(refname:short)");
  return out.split("\n").filter((name) => name.startsWith("tidegate/opt-in/"));
}

/** Lands what opts all services in without a pull request of Tidegate's, as the command line writes it. */
async function optInByHand(story: Story): Promise<void> {
  const written = [...optedIn()].filter(([path, text]) => BEFORE.get(path) !== text);
  story.byHand.add(await story.push("ana", Object.fromEntries(written), "Opt both in"));
  await story.settle();
}

describe.skipIf(!CAN_KUSTOMIZE)(
  "what is said on a pull request that opts in (skipped without kustomize and kubectl)",
  () => {
    it.concurrent(
      "about releases is answered, once, with how it stands and what is heard there",
      UNHURRIED,
      told(renderedWorld(BEFORE, { config: CONFIG }), async (story) => {
        const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
        await say(story, "ana", bump.number, "/opt-in canary-gateway-api gateway=public");
        const opt = story.github.pulls(REPO).find(({ author }) => author.login === BOT);
        const number = opt?.number ?? 0;
        const answerTo = async (line: string) => {
          const asked = await say(story, "ben", number, line);
          await story.settle();
          return [answersOn(story, number).at(-1) ?? "", ...(await story.reactions(asked))];
        };
        const [status, ...heard] = await answerTo("/status");
        expect(status).toContain("`/status`: Merging opts checkout in; no traffic moves.");
        expect(heard).toEqual(["eyes"]);
        const [promote, ...no] = await answerTo("/promote prod");
        expect(promote).toContain(
          "`/promote`: there is no release here that it could be about. Heard here are `/status`",
        );
        expect(no).toEqual(["confused"]);
        expect((await answerTo("/help"))[0]).toContain("/opt-out");
        expect((await answerTo("/promte"))[0]).toContain("Did you mean `/promote`?");
        expect(answersOn(story, number)).toHaveLength(1);
        expect(story.github.pulls(REPO).filter(({ author }) => author.login === BOT)).toHaveLength(1);
      }),
    );
  },
);

describe.skipIf(!CAN_KUSTOMIZE)("branches of what is opted in (skipped without kustomize and kubectl)", () => {
  it.concurrent(
    "go, but for one with work of others that nobody has merged, which goes when it has landed",
    UNHURRIED,
    told(renderedWorld(BEFORE, { config: CONFIG }), async (story) => {
      for (const service of [OVERLAY, PLAIN]) {
        const { number } = await openLayoutBump(story, service, "1.1.0");
        await say(story, "ana", number, "/opt-in canary-gateway-api gateway=public");
      }
      const opts = story.github.pulls(REPO).filter(({ author }) => author.login === BOT);
      expect(await branchesOf(story)).toEqual([CART, CHECKOUT]);
      const note = { "notes.md": "# Why we do this\n" };
      await story.github.push({ repo: REPO, user: "ben", branch: CHECKOUT, files: note, message: "Say why" });
      await story.settle();
      for (const { number } of opts) await story.github.editPull({ repo: REPO, user: "ben", number, state: "closed" });
      await story.settle();

      await optInByHand(story);
      expect(await branchesOf(story)).toEqual([CHECKOUT]);
      story.byHand.add(await story.push("ben", note, "Say why"));
      await story.settle();
      expect(await branchesOf(story)).toEqual([]);
    }),
  );
});
