import { expect, it } from "vitest";
import type { FaultHook } from "../../src/sandbox/github/faults.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { landBump, openBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import { gateOf, mergedSteps, planOf, stepOf, leafOf } from "../support/story-reads.ts";
import { CONFIG, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const CHECKOUT = "checkout";
const PLATFORM = "acme/platform";
const SHARED = ".github/tidegate-org.yml";
const HOURS = "3h";

async function pushShared({ github, settle }: Story, text: string): Promise<void> {
  const order = { repo: PLATFORM, user: "ana", branch: "main", message: "Say what goes for all" };
  await github.push({ ...order, files: { [SHARED]: `version: 1\n${text}` } });
  await settle();
}

/** A pull request of a person's that changes the repository's own configuration. */
async function openConfig(story: Story, change: (text: string) => string): Promise<Pull> {
  const files = { [CONFIG]: change(await story.file(CONFIG)) };
  const branch = `config-${story.github.pulls(REPO).length}`;
  const pull = await story.github.openPull({ repo: REPO, user: "ana", branch, title: "Configure", files });
  await story.settle();
  return pull;
}

/** How many minutes after now the open step's bake ends, by its check; less than nothing where it says no time. */
function bakesUntil(story: Story): number {
  const [, hours, minutes] = /^Baking until (\d\d):(\d\d)/.exec(gateOf(story, CHECKOUT).title) ?? [];
  if (hours === undefined || minutes === undefined) return -1;
  const now = new Date(story.now());
  const passed = now.getUTCHours() * 60 + now.getUTCMinutes();
  return (Number(hours) * 60 + Number(minutes) - passed + 24 * 60) % (24 * 60);
}

const unreachable: FaultHook = ({ path }) =>
  path.includes(PLATFORM) ? { kind: "respond", when: "before", status: 404 } : undefined;

it.concurrent(
  "what the operator has every repository extend holds it whatever it says, reaches a release under way, and while it is out of reach nothing rises and an abort goes on",
  UNHURRIED,
  told(
    {
      services: [CHECKOUT],
      // Of the repository itself, while it is out of reach.
      failures: /"repo":"acme\/platform"/,
      config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]", deadline: "4h" },
      operator: { hosts: [], environment: {}, shared: PLATFORM },
    },
    async (story) => {
      const { github } = story;
      const early = await openBump(story, { service: CHECKOUT, version: "1.1.0" });
      const why = `it extends ${PLATFORM}, which cannot be read: install the App on it`;
      await story.until("the plan says why", () => planOf(story, early).title.includes(why));

      await github.createRepo(PLATFORM, { "README.md": "# Platform\n" });
      github.setRole(PLATFORM, "ana", "admin");
      await pushShared(story, "enforced: { steps: [5, 20], bake: 3s }\n");
      await story.until("it is known", () => planOf(story, early).conclusion === "success");
      await landBump(story, { service: CHECKOUT, version: "1.2.0" });
      await untilStep(story, CHECKOUT, "1-5");

      const loose = await openConfig(story, (text) => text.replace("[50]", "[40]"));
      const { conclusion, title } = planOf(story, loose);
      expect(conclusion).toBe("failure");
      expect(title).toContain(
        `less than is enforced: ${CONFIG}:4: waves[0].steps is 40%, and ${PLATFORM}: ${SHARED}:2 allows`,
      );

      const longer = `enforced: { steps: [5, 20], bake: ${HOURS} }\n`;
      const proposal = { repo: PLATFORM, user: "ana", branch: "longer", title: "Bake longer" };
      const { head } = await github.openPull({ ...proposal, files: { [SHARED]: `version: 1\n${longer}` } });
      await story.settle();
      expect(github.checks(PLATFORM, head.sha).map(({ output }) => output.title)).toEqual([
        "What other repositories extend is understood: releases of 1 member in 1 repository go otherwise once it is merged",
      ]);

      await pushShared(story, longer);
      await story.until("it bakes for hours", () => bakesUntil(story) > 60);

      await story.restart(async () => github.setFaults(unreachable));
      await story.until("it is held", () => gateOf(story, CHECKOUT).title.includes(PLATFORM));
      await story.pass(5_000);
      expect(stepOf(story, CHECKOUT)?.leaf).toBe("2-20");
      await say(story, "ana", stepOf(story, CHECKOUT)?.number, "/abort customers complain");
      await untilRest(story, CHECKOUT);
      expect(mergedSteps(story, CHECKOUT).map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
      expect((await story.state(CHECKOUT)).blocked.map(({ by }) => by)).toEqual(["person"]);
    },
  ),
);
