import { vi } from "vitest";

import { repoName, type Sha } from "../../src/core/names.ts";
import type { ForgeReader, ForgeWriter, NewCheck } from "../../src/ports/forge.ts";
import type { FaultHook } from "../../src/sandbox/github/faults.ts";
import type { Aim } from "../../src/sandbox/github/injector.ts";
import { APP, REPO } from "../support/github.ts";
import { sandboxWorld, type SandboxWorld } from "../support/sandbox-world.ts";
import { WRITERS, type ReaderCall, type WriterCall } from "./fault-outcomes.ts";

type Forge = ForgeReader & ForgeWriter;
export type World = SandboxWorld & {
  readonly forge: Forge;
  readonly since: number;
  /** What goes wrong. While it is never anything, all that is read can be read again as it was. */
  readonly rule: { current: FaultHook };
};

/** A pull request of ours for one cell, and what a writer does to it. */
export type Cell = { readonly world: World; readonly branch: string; readonly pull: number; readonly headSha: Sha };

const BOT = `${APP.slug}[bot]`;
const MESSAGE = { title: "checkout 5% → 25%", body: "Errors 0.4 % against 0.5 %." };
const NO_RULES = { checks: [], approvals: 0, codeOwners: false, mergeQueue: false, signatures: false, linear: false };

/** Nothing goes wrong. */
export const calm: FaultHook = () => undefined;

/** A world of its own, for the faults of one call. */
export async function start(): Promise<World> {
  const world = await sandboxWorld();
  // In the middle of a second: GitHub's resets are whole ones, and a minute from here is more than a caller waits.
  world.pass(1_500 - (world.now() % 1_000));
  const rule: World["rule"] = { current: calm };
  world.github.setFaults((request) => rule.current(request));
  return { ...world, forge: world.app.forge(world.installation, repoName(REPO)), since: world.now(), rule };
}

/** Opens a pull request of ours from a branch of its own. */
export async function cellOf(world: World, branch: string): Promise<Cell> {
  const headSha = await world.push(branch, { [`${branch}.yaml`]: "weight: 25\n" });
  const pull = await world.forge.openPull({ branch, base: "main", ...MESSAGE }, "step");
  return { world, branch, pull, headSha };
}

const gate = (headSha: Sha): NewCheck => ({
  name: "tidegate/gate",
  headSha,
  externalId: "e1",
  conclusion: "success",
  title: "Passed",
  summary: "All is well.",
  text: undefined,
  actions: [],
});

async function isJudged({ app, installation, github }: World, pull: number): Promise<boolean> {
  const authorization = `token ${await app.token(installation, repoName(REPO))}`;
  const answer = await fetch(`${github.url}/repos/${REPO}/pulls/${pull}`, { headers: { authorization } });
  return /"mergeable":(true|false)/.test(await answer.text());
}

const saidBy = ({ world, pull }: Cell, start: string) =>
  world.github.comments(REPO, pull).filter(({ author, body }) => author.login === BOT && body.startsWith(start));
const pullOf = ({ world, pull }: Cell) => world.github.pulls(REPO).filter(({ number }) => number === pull);
const commented = async ({ world, pull }: Cell) =>
  (await world.forge.comments(world.since)).filter((one) => one.pull === pull);

/** How a writer is called, the request that does its work, what reads the same addresses before, and how often its effect is there. */
export type Writing = {
  readonly aim: Aim;
  readonly call: (cell: Cell) => Promise<unknown>;
  readonly warm: (cell: Cell) => Promise<unknown>;
  readonly effects: (cell: Cell) => number | Promise<number>;
};

const WRITING: Readonly<Record<WriterCall, Writing>> = {
  openPull: {
    aim: { method: "POST", route: "/pulls" },
    call: async ({ world, branch }) => {
      await world.push(`${branch}-2`, { [`${branch}-2.yaml`]: "1" });
      return world.forge.openPull({ branch: `${branch}-2`, base: "main", ...MESSAGE }, "step");
    },
    warm: async () => undefined,
    effects: ({ world, branch }) => world.github.pulls(REPO).filter(({ head }) => head.branch === `${branch}-2`).length,
  },
  mergePull: {
    aim: { method: "PUT", route: "/pulls/{number}/merge" },
    call: ({ world, pull, headSha }) => world.forge.mergePull(pull, headSha, MESSAGE, "step"),
    warm: async ({ world, pull }) => {
      await world.forge.repository();
      // GitHub begins to work out whether it can be merged when it is first read.
      await vi.waitUntil(() => isJudged(world, pull));
    },
    effects: async ({ world, branch }) =>
      (await world.github.log(REPO, "main")).filter(({ files }) => files.some(({ path }) => path === `${branch}.yaml`))
        .length,
  },
  closePull: {
    aim: { method: "PATCH", route: "/pulls/{number}" },
    call: ({ world, pull }) => world.forge.closePull(pull),
    warm: async () => undefined,
    effects: (cell) => pullOf(cell).filter(({ state }) => state.kind === "closed").length,
  },
  rewordPull: {
    aim: { method: "PATCH", route: "/pulls/{number}" },
    call: ({ world, pull }) => world.forge.rewordPull(pull, { body: "What the past says." }),
    warm: async () => undefined,
    effects: (cell) => pullOf(cell).filter(({ body }) => body === "What the past says.").length,
  },
  report: {
    aim: { method: "POST", route: "/check-runs" },
    call: ({ world, headSha }) => world.forge.report(gate(headSha), "step"),
    warm: ({ world, headSha }) => world.forge.check(headSha, "tidegate/gate"),
    effects: ({ world, headSha }) =>
      world.github.checks(REPO, headSha).filter(({ externalId }) => externalId === "e1").length,
  },
  say: {
    aim: { method: "POST", route: "/issues/{number}/comments" },
    call: ({ world, pull }) => world.forge.say(pull, "status", "Held."),
    warm: ({ world, pull }) => world.forge.say(pull, "other", "Else."),
    effects: (cell) => saidBy(cell, "<!-- tidegate:status -->").length,
  },
  react: {
    aim: { method: "POST", route: "/reactions" },
    call: async ({ world, pull }) => {
      const [known] = world.github.comments(REPO, pull);
      const comment = known ?? world.github.comment({ repo: REPO, user: "ana", number: pull, body: "/hold" });
      return world.forge.react(comment.id, "eyes");
    },
    warm: async () => undefined,
    effects: async (cell) => (await commented(cell)).reduce((sum, { reactions }) => sum + reactions, 0),
  },
  noteAsked: {
    aim: { method: "POST", route: "/issues/{number}/comments" },
    call: ({ world, pull, headSha }) => world.forge.noteAsked(pull, { by: "ana", headSha }, "hold"),
    warm: ({ world, pull }) => world.forge.say(pull, "other", "Else."),
    effects: async (cell) => (await commented(cell)).filter(({ asked }) => asked?.by === "ana").length,
  },
};

/** What there is to read: a pull request that is closed, one that is merged, and one with a comment. */
export type Scene = {
  readonly forge: Forge;
  readonly world: World;
  readonly open: Cell;
  readonly closed: Cell;
  readonly merged: Cell;
  readonly landed: Sha;
  readonly comment: number;
};

/** Sets the scene in a new world. */
export async function scene(): Promise<Scene> {
  const world = await start();
  const [open, closed, merged] = [
    await cellOf(world, "open"),
    await cellOf(world, "closed"),
    await cellOf(world, "merged"),
  ];
  const { forge, github } = world;
  github.setTeam("acme/payments", ["ben"]);
  await forge.closePull(closed.pull);
  const outcome = await forge.mergePull(merged.pull, merged.headSha, MESSAGE, "step");
  if (outcome.kind !== "merged") throw new Error("The scene is not set.");
  await forge.report(gate(open.headSha), "step");
  const { id } = github.comment({ repo: REPO, user: "ana", number: open.pull, body: "/hold" });
  github.comment({ repo: REPO, user: "ben", number: open.pull, body: "/resume" });
  return { forge, world, open, closed, merged, landed: outcome.sha, comment: id };
}

/** How a reader is called, what a caller is told where GitHub does not say, and something that changes the truth. */
export type Reading = {
  readonly call: (scene: Scene) => Promise<unknown>;
  readonly least?: unknown;
  readonly change?: (scene: Scene) => unknown;
};

/** How each reader is called. */
export const READING: Readonly<Record<ReaderCall, Reading>> = {
  repository: {
    call: ({ forge }) => forge.repository(),
    change: ({ world }) => world.github.configure(REPO, { mergeMethods: ["rebase"] }),
  },
  openPulls: {
    call: ({ forge }) => forge.openPulls("main"),
    change: ({ world }) => cellOf(world, "further"),
  },
  pullsOf: { call: ({ forge, landed }) => forge.pullsOf(landed) },
  closedPulls: {
    call: ({ forge, world }) => forge.closedPulls("main", world.since),
    change: async ({ forge, world }) => forge.closePull((await cellOf(world, "closed-too")).pull),
  },
  closedBy: { call: ({ forge, closed }) => forge.closedBy(closed.pull) },
  mergedBy: { call: ({ forge, merged }) => forge.mergedBy(merged.pull) },
  rules: { call: ({ forge }) => forge.rules("main"), least: { ...NO_RULES, bypass: "unknown" } },
  check: {
    call: ({ forge, open }) => forge.check(open.headSha, "tidegate/gate"),
    change: ({ forge, open }) => forge.report({ ...gate(open.headSha), externalId: "e2" }, "step"),
  },
  comments: {
    call: ({ forge, world }) => forge.comments(world.since),
    change: ({ world, open }) => world.github.comment({ repo: REPO, user: "ana", number: open.pull, body: "/abort" }),
  },
  answered: { call: ({ forge, comment }) => forge.answered(comment), least: true },
  standing: {
    call: ({ forge }) => forge.standing("ben"),
    least: { permission: "none", role: "none" },
    change: ({ world }) => world.github.setRole(REPO, "ben", undefined),
  },
  inTeam: { call: ({ forge }) => forge.inTeam("acme/payments", "ben"), least: false },
  reports: {
    call: ({ forge, landed }) => forge.reports({ by: "ben", posted: { kind: "status", label: "ci" } }, [landed]),
    change: ({ world, landed }) =>
      world.github.postStatus({ repo: REPO, user: "ben", sha: landed, context: "ci", state: "success" }),
  },
};

/** The other request of writers that make what is not there and change what is. */
const CHANGING: readonly (readonly [string, WriterCall, Writing])[] = [
  [
    "report of another content",
    "report",
    {
      aim: { method: "PATCH", route: "/check-runs/{id}" },
      call: ({ world, headSha }) => world.forge.report(gate(headSha), "step"),
      warm: ({ world, headSha }) =>
        world.forge.report({ ...gate(headSha), conclusion: undefined, externalId: "e0" }, "step"),
      effects: WRITING.report.effects,
    },
  ],
  [
    "say of another text",
    "say",
    {
      aim: { method: "PATCH", route: "/issues/comments/{id}" },
      call: ({ world, pull }) => world.forge.say(pull, "status", "Baking."),
      warm: ({ world, pull }) => world.forge.say(pull, "status", "Held."),
      effects: (cell) => saidBy(cell, "<!-- tidegate:status -->\nBaking.").length,
    },
  ],
];

/** The calls of all writers, by name. */
export const WRITINGS = [...WRITERS.map((call) => [call, call, WRITING[call]] as const), ...CHANGING];
