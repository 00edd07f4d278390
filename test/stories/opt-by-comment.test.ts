import { describe, expect, it } from "vitest";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { realGit } from "../support/git.ts";
import {
  CAN_KUSTOMIZE,
  isAtStep,
  landLayoutBumps,
  openLayoutBump,
  renderedWorld,
  untilLayoutsRest,
  withVersion,
} from "../support/layout-story.ts";
import { mergeByHand, say } from "../support/story-plot.ts";
import { answersOn, checkOn, leafOf, liveOf, mergedSteps, planOf, pullNow } from "../support/story-reads.ts";
import { BOT, imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { BEFORE, CONFIG, optedIn, OVERLAY, PLAIN } from "../support/unopted.ts";
import { failures, inject, OPEN, PUSH, WORDS, type Kind } from "./faulty-forge.ts";
import { told, UNHURRIED } from "./told.ts";
import { twice } from "./twice.ts";

const ASK = "/opt-in canary-gateway-api gateway=public";

/** Pull requests of ours that opt in or out. */
function opts({ github }: Story, branch: string): readonly Pull[] {
  return github.pulls(REPO).filter(({ author, head }) => author.login === BOT && head.branch === branch);
}

function optOf(story: Story, branch: string): Pull {
  const [pull, second] = opts(story, branch);
  if (pull === undefined || second !== undefined)
    throw new Error(`There is not one pull request of ${branch}:\n${story.log.slice(-10).join("\n")}`);
  return pull;
}

const OVERLAY_FILE = "apps/checkout/prod/kustomization.yaml";
const STATE = ".tidegate/services/checkout.yaml";
const UNWELL = Array.from({ length: 6 }, () => "errorBefore" as const);
const IN = "tidegate/opt-in/checkout";
const OUT = "tidegate/opt-out/checkout";

/** Merges what opts a service in or out: the story's laws are about what Tidegate lands by itself. */
async function mergeOpt(story: Story, { number }: Pull): Promise<void> {
  story.byHand.add(await mergeByHand(story, "ana", number));
}

/** Every file of the tracked branch. */
async function treeOf(story: Story): Promise<ReadonlyMap<string, string>> {
  const { out } = await realGit(story.github.gitDir(REPO), "ls-tree", "-r", "--name-only", "main");
  const paths = out.split("\n");
  return new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
}

async function branchesOf({ github }: Story): Promise<string> {
  return (await realGit(github.gitDir(REPO), "branch", "--list")).out;
}

/** Builds a bump of the overlay anew on what the tracked branch holds now, as a bump bot does. */
async function rebase(story: Story, { head, title }: Pull, version: string): Promise<void> {
  const files = { [OVERLAY_FILE]: withVersion(await story.file(OVERLAY_FILE), version) };
  await story.github.push({ repo: REPO, user: "renovate", branch: head.branch, message: title, files, force: true });
  await story.settle();
}

function lastAnswer(story: Story, number: number): string {
  return answersOn(story, number).at(-1) ?? "";
}

const CONFIG_FILE = ".github/tidegate.yml";
const CART_FILE = "apps/cart/base/deployment.yaml";

const TEMPLATE = `version: 1
title: Mine
summary: As Tidegate's, for whoever may say so.
extends: canary-gateway-api
`;

/** The same as before, with a service that two versions of may not run. */
const REFUSED = new Map([
  ...BEFORE,
  [CART_FILE, (BEFORE.get(CART_FILE) ?? "").replace(/^spec:$/m, "spec:\n  strategy: { type: Recreate }")],
]);

/** The same as before, with a container that is called as the service is. */
const BASE_FILE = "apps/checkout/base/deployment.yaml";
const NAMED = new Map([
  ...BEFORE,
  [BASE_FILE, (BEFORE.get(BASE_FILE) ?? "").replace(/- name: app$/m, "- name: checkout")],
]);

const WITH = "canary-gateway-api gateway=public";

/** The same as before, with a second target of checkout, and a service of which nothing says where it runs. */
const SEVERAL = new Map([
  ...BEFORE,
  ["apps/checkout/staging/kustomization.yaml", (BEFORE.get(OVERLAY_FILE) ?? "").replaceAll("prod", "staging")],
  ["clusters/checkout-staging.yaml", (BEFORE.get("clusters/checkout-prod.yaml") ?? "").replaceAll("prod", "staging")],
  ["apps/till/deployment.yaml", (BEFORE.get(CART_FILE) ?? "").replaceAll("cart", "till")],
  ["apps/till/service.yaml", (BEFORE.get("apps/cart/base/service.yaml") ?? "").replaceAll("cart", "till")],
]);

const EVERYWHERE = { waves: "[{ targets: ['*'], steps: [5, 50], bake: 2s }]" };

const MEETS: readonly Kind[] = [
  ["errors before the effect", ["errorBefore", "timeoutBefore"]],
  ["errors after the effect", ["errorAfter", "timeoutAfter"]],
];

const world = () => renderedWorld(BEFORE, { config: CONFIG });

describe.skipIf(!CAN_KUSTOMIZE)("opting in and out by comment (skipped without kustomize and kubectl)", () => {
  it.concurrent(
    "a bump of a service without a template is told what to say; said, reviewed and merged, the bump runs to its promotion, and opting out gives the tree back",
    UNHURRIED,
    told(world(), async (story) => {
      const before = await treeOf(story);
      const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
      await story.settle();
      const offer = checkOn(story, bump, "tidegate/plan");
      expect(planOf(story, bump)).toEqual({
        conclusion: "neutral",
        title: "Not opted in: merging deploys checkout at once",
      });
      expect(offer?.output.summary).toContain("/opt-in checkout");

      const asked = await say(story, "ana", bump.number, ASK);
      const opt = optOf(story, IN);
      expect(await story.reactions(asked)).toEqual(["+1"]);
      expect(lastAnswer(story, bump.number)).toContain(`#${opt.number} does it`);
      expect(opt.title).toBe("Opt checkout in: canary-gateway-api");
      expect(opt.body).toContain("apps/checkout/prod/tidegate/canary.yaml");
      expect(planOf(story, opt)).toEqual({
        conclusion: "success",
        title: "Merging opts checkout in; no traffic moves",
      });

      await mergeOpt(story, opt);
      expect(await branchesOf(story)).not.toContain(IN);
      const { conclusion, title } = planOf(story, pullNow(story, bump.number));
      expect(conclusion).toBe("action_required");
      expect(title).toMatch(
        /^checkout in prod would not begin: bring this branch up to date with the tracked one first \(rebase it\): it is older than what opted checkout in, and has apps\/checkout\/prod\/kustomization\.yaml as before/,
      );
      await rebase(story, bump, "1.1.0");
      expect(planOf(story, pullNow(story, bump.number)).title).toMatch(
        /^Merging starts checkout in prod, 1\.0\.0 → 1\.1\.0/,
      );
      await mergeByHand(story, "renovate", bump.number);
      await untilLayoutsRest(story, [OVERLAY]);
      expect(mergedSteps(story, "checkout").map(leafOf)).toEqual([
        "0-warmup",
        "1-5",
        "2-50",
        "3-promote",
        "4-drain",
        "5-rest",
      ]);
      expect(liveOf(story, "checkout/prod")).toEqual({
        weight: 0,
        canary: [],
        stable: [imageOf("checkout", "1.1.0")],
      });

      const back = await say(story, "ana", opt.number, "/opt-out");
      const out = optOf(story, OUT);
      expect(await story.reactions(back)).toEqual(["+1"]);
      expect(planOf(story, out).conclusion).toBe("success");
      await mergeOpt(story, out);
      const bumped = withVersion(before.get(OVERLAY_FILE) ?? "", "1.1.0");
      expect(await treeOf(story)).toEqual(new Map([...before, [OVERLAY_FILE, bumped]]));
      expect(await twice(story)).toEqual([]);
    }),
  );

  it.concurrent(
    "a service with a route of its own needs no parameters; its pull request follows the tracked branch, and is never there twice",
    UNHURRIED,
    told(world(), async (story) => {
      const bump = await openLayoutBump(story, PLAIN, "1.1.0");
      await story.settle();
      expect(checkOn(story, bump, "tidegate/plan")?.output.summary).toContain("`/opt-in cart canary-gateway-api`");
      await say(story, "ben", bump.number, "/opt-in canary-gateway-api");
      const cart = "tidegate/opt-in/cart";
      const first = optOf(story, cart);
      const again = await say(story, "ana", bump.number, "/opt-in cart");
      expect(await story.reactions(again)).toEqual(["+1"]);
      expect(optOf(story, cart).head.sha).toBe(first.head.sha);

      // Something else lands: what opting in would write is the same.
      await story.push("ana", { "README.md": "# The shop\n" }, "Say more");
      await story.settle();
      expect(optOf(story, cart).head.sha).toBe(first.head.sha);

      // The version that runs is another one now: stable is to be pinned to that.
      await mergeByHand(story, "renovate", bump.number);
      const second = optOf(story, cart);
      expect(second.head.sha).not.toBe(first.head.sha);
      expect(await story.file("apps/cart/base/tidegate/stable.yaml", second.head.sha)).toContain(
        imageOf("cart", "1.1.0"),
      );
      expect(planOf(story, second).conclusion).toBe("success");

      // Whoever closes it has it closed until somebody asks anew.
      await story.github.editPull({ repo: REPO, user: "ana", number: second.number, state: "closed" });
      await story.settle();
      await story.push("ana", { "README.md": "# Our shop\n" }, "Say less");
      await story.settle();
      expect(opts(story, cart).map(({ state }) => state.kind)).toEqual(["closed"]);
      const anew = await say(story, "ana", bump.number, "/opt-in cart canary-gateway-api");
      expect([await story.reactions(anew), lastAnswer(story, bump.number)]).toEqual([
        ["+1"],
        expect.stringContaining("does it"),
      ]);
      expect(opts(story, cart).map(({ state }) => state.kind)).toEqual(["closed", "open"]);
    }),
  );

  it.concurrent(
    "other parameters are brought into the open pull request; somebody's commit on it is left, and said",
    UNHURRIED,
    told(world(), async (story) => {
      const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
      await say(story, "ana", bump.number, ASK);
      await say(story, "ana", bump.number, "/opt-in canary-gateway-api gateway=internal");
      const changed = optOf(story, IN);
      const route = "apps/checkout/prod/tidegate/route.yaml";
      expect(await story.file(route, changed.head.sha)).toContain("name: internal");
      await story.github.push({
        repo: REPO,
        user: "ben",
        branch: IN,
        message: "Know better",
        files: { "README.md": "# Mine\n" },
      });
      await story.settle();
      const theirs = optOf(story, IN);
      expect(planOf(story, theirs)).toEqual({
        conclusion: "neutral",
        title: "Not what Tidegate wrote: ben has commits on it",
      });
      const again = await say(story, "ana", bump.number, ASK);
      expect(await story.reactions(again)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toContain("with work of ben, and is left as it is");
      expect(optOf(story, IN).head.sha).toBe(theirs.head.sha);
    }),
  );

  it.concurrent(
    "a bump that somebody pushes onto what opts another service out is judged as anywhere",
    UNHURRIED,
    told(renderedWorld(optedIn(), { config: CONFIG }), async (story) => {
      const bump = await openLayoutBump(story, PLAIN, "1.1.0");
      await say(story, "ana", bump.number, "/opt-out");
      const out = optOf(story, "tidegate/opt-out/cart");
      await landLayoutBumps(story, [OVERLAY], "1.1.0");
      await story.until("checkout has traffic", () => isAtStep(story, "2-50")(OVERLAY));
      const files = { [OVERLAY_FILE]: withVersion(await story.file(OVERLAY_FILE), "1.2.0") };
      await story.github.push({ repo: REPO, user: "ben", branch: out.head.branch, message: "Update checkout", files });
      await story.settle();
      const judged = planOf(story, pullNow(story, out.number));
      expect([judged.conclusion, judged.title]).toEqual(["action_required", expect.stringContaining("1.1.0")]);
      await untilLayoutsRest(story, [OVERLAY]);
      expect(planOf(story, pullNow(story, out.number)).conclusion).toBe("success");
    }),
  );

  it.concurrent(
    "nobody opts in who may not: no reader, nobody from a fork, nobody outside the rules of the tracked branch, whatever the pull request's own files say",
    UNHURRIED,
    told(
      renderedWorld(BEFORE, {
        config: { ...CONFIG, commands: "[{ verbs: [opt-in, opt-out], allow: { users: [ana] } }]" },
      }),
      async (story) => {
        const config = await story.file(CONFIG_FILE);
        const bump = await story.github.openPull({
          repo: REPO,
          user: "ben",
          branch: "ben/mine",
          title: "Mine",
          files: {
            [OVERLAY_FILE]: withVersion(await story.file(OVERLAY_FILE), "1.1.0"),
            [CONFIG_FILE]: config.replace("users: [ana]", "users: [ana, ben, bo]"),
            ".tidegate/templates/mine/template.yaml": TEMPLATE,
          },
        });
        const fork = await story.github.openPull({
          repo: REPO,
          user: "bo",
          branch: "patch-1",
          title: "Update checkout",
          files: { [OVERLAY_FILE]: withVersion(await story.file(OVERLAY_FILE), "1.2.0") },
          fork: "own",
        });
        await story.settle();
        for (const [user, number] of [
          ["ben", bump.number],
          ["bo", bump.number],
          ["bo", fork.number],
        ] as const) {
          const asked = await say(story, user, number, ASK);
          expect(await story.reactions(asked)).toEqual(["-1"]);
        }
        expect(lastAnswer(story, bump.number)).toMatch(/`\/opt-in` for checkout is for people with write access/);
        const unknown = await say(story, "ana", bump.number, "/opt-in checkout mine");
        expect(await story.reactions(unknown)).toEqual(["confused"]);
        expect(lastAnswer(story, bump.number)).toContain("there is no template mine that can be used");
        expect(opts(story, IN)).toEqual([]);
        const asked = await say(story, "ana", fork.number, ASK);
        expect(await story.reactions(asked)).toEqual(["+1"]);
        const opt = optOf(story, IN);
        // Of what the pull request that it was asked on brings nothing is in it.
        expect(await story.file(OVERLAY_FILE, opt.head.sha)).toContain('newTag: "1.0.0"');
        expect(await story.file(CONFIG_FILE, opt.head.sha)).toBe(config);
      },
    ),
  );

  it.concurrent(
    "what should not be converted is refused with its place, its reason and advice, and what is unclear is asked back",
    UNHURRIED,
    told(renderedWorld(REFUSED, { config: CONFIG }), async (story) => {
      const files = async (tag: string) => ({
        [OVERLAY_FILE]: withVersion(await story.file(OVERLAY_FILE), tag),
        [CART_FILE]: withVersion(await story.file(CART_FILE), tag),
      });
      const bump = await story.github.openPull({
        repo: REPO,
        user: "renovate",
        branch: "renovate/all",
        title: "Update all",
        files: await files("1.1.0"),
      });
      await story.settle();
      const check = checkOn(story, bump, "tidegate/plan");
      expect(planOf(story, bump)).toEqual({
        conclusion: "neutral",
        title: "Not opted in: merging deploys 2 services at once",
      });
      expect(check?.output.summary).toMatch(/\*\*cart\*\* \(default\) cannot be opted in as it is: .*Recreate/);
      const which = await say(story, "ana", bump.number, "/opt-in");
      expect(await story.reactions(which)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toMatch(/which of these services\?[^]*`\/opt-in checkout`/);
      const refused = await say(story, "ana", bump.number, "/opt-in cart canary-gateway-api");
      expect(await story.reactions(refused)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toMatch(/apps\/cart\/base\/deployment\.yaml:\d+: .*Recreate/);
      const template = await say(story, "ana", bump.number, "/opt-in checkout");
      expect(await story.reactions(template)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toContain("`/opt-in checkout canary-gateway-api gateway=…`");
      const needed = await say(story, "ana", bump.number, "/opt-in checkout canary-gateway-api");
      expect(await story.reactions(needed)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toContain("gateway");
      const out = await say(story, "ana", bump.number, "/opt-out checkout");
      expect(await story.reactions(out)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toContain("it goes by no template");
      expect(story.github.pulls(REPO).filter(({ author }) => author.login === BOT)).toEqual([]);
    }),
  );

  it.concurrent(
    "what opts out waits for a release that begins meanwhile, and is brought up to date after it",
    UNHURRIED,
    told(renderedWorld(optedIn(), { config: CONFIG }), async (story) => {
      const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
      await say(story, "ana", bump.number, "/opt-out");
      const before = optOf(story, OUT);
      expect(planOf(story, before).conclusion).toBe("success");
      const past = await say(story, "ana", before.number, "/backtest");
      expect(await story.reactions(past)).toEqual(["confused"]);
      expect(lastAnswer(story, before.number)).toContain("ask on a bump of the service");
      await mergeByHand(story, "renovate", bump.number);
      expect(planOf(story, optOf(story, OUT))).toEqual({
        conclusion: "action_required",
        title: "checkout cannot be opted out as things stand",
      });
      const again = await say(story, "ana", bump.number, "/opt-out");
      expect(await story.reactions(again)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toMatch(/release/);
      await untilLayoutsRest(story, [OVERLAY]);
      const after = optOf(story, OUT);
      expect(after.head.sha).not.toBe(before.head.sha);
      expect(planOf(story, after).conclusion).toBe("success");
    }),
  );

  it.concurrent(
    "targets are opted in one after the other where that is asked for, in the namespace that is said where nothing else says it",
    UNHURRIED,
    told(renderedWorld(SEVERAL, { config: EVERYWHERE }), async (story) => {
      const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
      const one = await say(story, "ana", bump.number, `/opt-in checkout ${WITH} --target staging`);
      expect(await story.reactions(one)).toEqual(["+1"]);
      const staging = optOf(story, IN);
      expect(staging.body).toContain("in staging,");
      expect(await story.file("apps/checkout/prod/tidegate/canary.yaml", staging.head.sha)).toBe("");
      const unknown = await say(story, "ana", bump.number, `/opt-in checkout ${WITH} --target nowhere`);
      expect(await story.reactions(unknown)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toMatch(/no target nowhere: checkout runs in prod, staging/);
      expect(optOf(story, IN).head.sha).toBe(staging.head.sha);
      await mergeOpt(story, staging);
      const other = await say(story, "ana", bump.number, `/opt-in checkout ${WITH} --target prod`);
      expect(await story.reactions(other)).toEqual(["+1"]);
      const [, prod] = opts(story, IN);
      const state = await story.file(STATE, prod?.head.sha);
      expect(state).toMatch(/^ {2}prod:$/m);
      expect(state).toMatch(/^ {2}staging:$/m);

      const named = await say(story, "ana", bump.number, `/opt-in till ${WITH} --namespace shop`);
      expect(await story.reactions(named)).toEqual(["+1"]);
      const till = optOf(story, "tidegate/opt-in/till");
      expect(till.body).toContain("`--namespace shop`");
      expect(await story.file(".tidegate/services/till.yaml", till.head.sha)).toContain("namespace: shop");
    }),
  );

  it.concurrent.each([
    ["canary-argo-rollouts", "[25, 50]"],
    ["blue-green-argo-rollouts", "[0, 100]"],
  ])(
    "%s, a template in two steps, is two pull requests, the second asked for with the same words",
    UNHURRIED,
    (template, steps) =>
      told(renderedWorld(NAMED, { config: CONFIG }), async (story) => {
        const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
        const words = `/opt-in ${template}`;
        await say(story, "ana", bump.number, words);
        expect(lastAnswer(story, bump.number)).toContain("does it");
        const first = optOf(story, IN);
        expect(first.body).toContain("the first of two steps in prod");
        expect(planOf(story, first).conclusion).toBe("success");
        await mergeOpt(story, first);
        expect(await story.file(STATE)).toBe("");
        const asked = await say(story, "ana", bump.number, words);
        expect(await story.reactions(asked)).toEqual(["+1"]);
        const [, second] = opts(story, IN);
        expect(second?.body).toContain(STATE);
        expect(second?.body).not.toContain("two steps");
        expect(second?.body).toContain(`steps: ${steps}`);
      })(),
  );

  it.concurrent(
    "what was closed before it could be answered is answered, and not opened again",
    UNHURRIED,
    told({ ...world(), failures }, async (story) => {
      const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
      await story.settle();
      inject(
        story,
        WORDS.map((aim) => ({ aim, kind: "order", faults: UNWELL })),
      );
      const asked = await say(story, "ana", bump.number, ASK);
      const opt = optOf(story, IN);
      expect(await story.reactions(asked)).toEqual([]);
      await story.pass(2_000);
      await story.github.editPull({ repo: REPO, user: "ana", number: opt.number, state: "closed" });
      await story.until("it is answered", async () => (await story.reactions(asked)).length > 0, 30 * 60_000);
      expect(await story.reactions(asked)).toEqual(["confused"]);
      expect(lastAnswer(story, bump.number)).toContain(`#${opt.number} was opened for this, and closed since`);
      expect(opts(story, IN)).toHaveLength(1);
    }),
  );

  it.concurrent.each(MEETS)(
    "one pull request and one answer come of it, though what is written meets %s, and the bot dies in between",
    UNHURRIED,
    async (_, faults) =>
      told({ ...renderedWorld(BEFORE, { config: CONFIG, sweepSeconds: 60 }), failures }, async (story) => {
        const bump = await openLayoutBump(story, OVERLAY, "1.1.0");
        await story.settle();
        const order = [...faults, "none", ...faults] as const;
        const met = inject(
          story,
          [PUSH, OPEN, ...WORDS].map((aim) => ({ aim, kind: "order", faults: order })),
        );
        const asked = await say(story, "ana", bump.number, ASK);
        await story.restart(async () => {});
        await story.until("it is answered", async () => (await story.reactions(asked)).length > 0, 30 * 60_000);
        expect(met()).toBeGreaterThan(faults.length);
        expect(await story.reactions(asked)).toEqual(["+1"]);
        expect(lastAnswer(story, bump.number)).toContain(`#${optOf(story, IN).number} does it`);
        expect(await twice(story)).toEqual([]);
      })(),
  );
});
