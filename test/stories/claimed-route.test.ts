import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { edit } from "../support/story-plot.ts";
import { checkOn, planOf } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const SERVICES = { checkout: "istioTested", search: "istioMirrored" } as const;
const WORLD = { services: Object.keys(SERVICES), kinds: SERVICES };

/** The route is people's, and its weights are claimed; stable's file is all that is owned. */
async function claimed(story: Story, service: string): Promise<void> {
  const { state, stable, route } = pathsOf(service);
  await edit(story, "ana", state, (text) =>
    text
      .replace(`- apps/${service}/tidegate/\n`, `- ${stable}\n`)
      .replace("claims:\n", `claims:\n  - { path: ${route}, at: "VirtualService shop/${service} weight" }\n`),
  );
}

async function proposed(story: Story, service: string, change: (text: string) => string) {
  const { route } = pathsOf(service);
  const text = await story.file(route);
  const files = { [route]: change(text) };
  expect(files[route]).not.toBe(text);
  const branch = `ana/${service}-${story.github.pulls(REPO).length}`;
  const pull = await story.github.openPull({ repo: REPO, user: "ana", branch, title: `Change ${service}`, files });
  await story.settle();
  return pull;
}

/** What takes the canary's weight in the rule that comes first, or the mirror, to another number. */
const TAKEN: { readonly [service in keyof typeof SERVICES]: (text: string) => string } = {
  checkout: (text) =>
    text.replace("weight: 100", "weight: 0").replace("weight: 0\n    - name", "weight: 100\n    - name"),
  search: (text) => text.replace("value: 0", "value: 30"),
};

it.concurrent(
  "a pull request that sends testers or copies to the canary of a claimed route is told whose that is",
  UNHURRIED,
  told(WORLD, async (story) => {
    for (const service of ["checkout", "search"] as const) {
      await claimed(story, service);
      const pull = await proposed(story, service, TAKEN[service]);
      expect([service, planOf(story, pull)]).toEqual([
        service,
        {
          conclusion: "failure",
          title: `Only Tidegate writes VirtualService shop/${service} weight of ${pathsOf(service).route}: take that change out`,
        },
      ]);
    }
  }),
);

it.concurrent(
  "and one that changes what else such a rule says, or adds a mirror of 0, is people's own",
  UNHURRIED,
  told(WORLD, async (story) => {
    const changes = {
      checkout: (text: string) =>
        `${text.replace("x-tester", "x-staff")}      mirror: { host: checkout-canary }\n      mirrorPercentage: { value: 0 }\n`,
      search: (text: string) => text.replace("    - name: primary\n", "    - name: primary\n      timeout: 3s\n"),
    };
    for (const service of ["checkout", "search"] as const) {
      await claimed(story, service);
      const pull = await proposed(story, service, changes[service]);
      expect([service, checkOn(story, pull, "tidegate/plan")]).toEqual([service, undefined]);
    }
  }),
);
