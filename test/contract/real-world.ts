import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { z } from "zod";

import { githubApp } from "../../src/adapters/github/app.ts";
import { githubForge } from "../../src/adapters/github/forge.ts";
import { limiter } from "../../src/adapters/github/limiter.ts";
import { sha, type RepoName, type Sha } from "../../src/core/names.ts";
import type { ForgeReader, ForgeWriter } from "../../src/ports/forge.ts";
import type { Telemetry } from "../../src/ports/telemetry.ts";
import { memoryLog } from "../support/remote.ts";
import type { ForgeWorld, MakeWorld, Skip } from "./forge-world.ts";
import { realGit, type RealGit } from "./real-git.ts";
import { realPeople, type RealPerson } from "./real-people.ts";
import type { RealService } from "./real-service.ts";

type Forge = ForgeReader & ForgeWriter;

/** Under which everything stands that the suite makes. */
const PREFIX = "tidegate-contract";
/** How far GitHub's clock and ours may be apart, and how long an answer may take. */
const SLACK = -5;

/** What all worlds of one run share. */
type Run = {
  readonly prefix: string;
  readonly service: RealService;
  readonly people: ReadonlyMap<string, RealPerson>;
  readonly git: RealGit;
};

export type RealWorlds = { readonly make: MakeWorld; readonly close: () => Promise<void> };

/** Makes worlds in a repository that others have set up: each has branches of its own, under one prefix, and removes them. */
export async function realWorlds(service: RealService): Promise<RealWorlds> {
  const people = await realPeople(service);
  const git = await realGit(`${siteOf(service.api)}/${service.repo}.git`, service.people.get("ben") ?? "");
  const prefix = `${PREFIX}/${randomBytes(4).toString("hex")}`;
  const worlds = { count: 0 };
  return {
    make: (skip) => {
      worlds.count += 1;
      return realWorld({ prefix: `${prefix}/${worlds.count}`, service, people, git }, skip);
    },
    close: async () => {
      await git.sweep(prefix);
      await git.close();
    },
  };
}

/** One test's part of the repository: its names are the suite's, its branches are its own. */
type Place = Run & {
  readonly skip: Skip;
  /** Where a branch of the suite's really is. */
  readonly at: (branch: string) => string;
  readonly called: (branch: string) => string;
  /** The part that an account plays. */
  readonly part: (login: string) => string;
  readonly person: (name: string) => RealPerson;
  /** The pull requests of this world, among all that the repository has. */
  readonly opened: Set<number>;
};

async function realWorld(run: Run, skip: Skip): Promise<ForgeWorld> {
  const place = placeIn(run, skip);
  const writes = { count: 0 };
  const { forge, bot } = await realForge(place, counting(writes));
  const { service, git, prefix, at } = place;
  const tip = (branch: string) => tipOf(place, branch);
  await git.push(at("main"), { "app.yaml": "image: shop:1\n", "README.md": "# Shop\n" }, undefined);
  return {
    forge: scoped(forge, place),
    bot,
    now: service.clock.now,
    pass: (ms) => service.clock.sleep(ms),
    about: (when): unknown => expect.closeTo(when, SLACK),
    push: async (branch, files) => git.push(at(branch), files, (await tip(branch)) ?? (await tip("main"))),
    tip,
    read: (branch, path) => readOf(place, branch, path),
    ...deeds(place),
    ...notHere(skip),
    writes: () => writes.count,
    close: () => git.sweep(prefix),
  };
}

function placeIn(run: Run, skip: Skip): Place {
  const { prefix } = run;
  const parts = new Map([...run.people].map(([name, { login }]) => [login, name]));
  return {
    ...run,
    skip,
    at: (branch) => `${prefix}/${branch}`,
    called: (branch) => branch.slice(prefix.length + 1),
    opened: new Set(),
    part: (login) => parts.get(login) ?? login,
    person: (name) =>
      run.people.get(name) ?? skip(`it takes a token of ${name} (TIDEGATE_TEST_TOKEN_${name.toUpperCase()})`),
  };
}

function counting(writes: { count: number }): Telemetry {
  return {
    during: (activity, work) => {
      if (activity.kind === "forgeCall" && activity.call !== "read") writes.count += 1;
      return work();
    },
    tell: () => undefined,
  };
}

type Signed = { readonly forge: Forge; readonly bot: string };

async function realForge(place: Place, telemetry: Telemetry): Promise<Signed> {
  const { app, api, clock, repo } = place.service;
  if (app === undefined) return personalForge(place, telemetry);
  const limits = { minWriteGapMs: place.service.gapMs };
  const github = githubApp({ app, baseUrl: api, clock, log: memoryLog(), telemetry, limits });
  const [owner] = repo.split("/");
  const installed = (await github.installations()).find(({ account }) => account === owner);
  if (installed === undefined) throw new Error(`The App is not installed on ${owner}.`);
  return { forge: github.forge(installed.id, repo), bot: (await github.identity()).login };
}

/** Without an App the forge writes as ben, and what only an App can do is left out. */
function personalForge({ service, skip, person, part }: Place, telemetry: Telemetry): Signed {
  const { login, token } = person("ben");
  const forge = githubForge({
    repo: service.repo,
    baseUrl: service.api,
    identity: async () => ({ id: 0, login }),
    transport: {
      clock: service.clock,
      log: memoryLog(),
      timeoutMs: 20_000,
      limiter: limiter({ clock: service.clock, limits: { minWriteGapMs: service.gapMs } }),
      authorise: async () => `token ${token}`,
      telemetry,
    },
  });
  const needsApp = () => skip("it takes an App (TIDEGATE_TEST_APP_ID and TIDEGATE_TEST_APP_KEY_FILE)");
  const only = { check: needsApp, report: needsApp, mergedBy: needsApp, comments: needsApp, noteAsked: needsApp };
  return { forge: { ...forge, ...only }, bot: part(login) };
}

/** The forge, by the suite's names of branches and people. */
function scoped(forge: Forge, { at, called, part, person, people, opened }: Place): Forge {
  return {
    ...forge,
    openPull: async (pull, lane) => {
      const number = await forge.openPull({ ...pull, branch: at(pull.branch), base: at(pull.base) }, lane);
      opened.add(number);
      return number;
    },
    openPulls: async (base) =>
      (await forge.openPulls(at(base))).map((pull) => ({
        ...pull,
        author: part(pull.author),
        branch: called(pull.branch),
        base: called(pull.base),
      })),
    closedPulls: async (base, since) =>
      (await forge.closedPulls(at(base), since)).map((pull) => ({ ...pull, branch: called(pull.branch) })),
    closedBy: async (pull) => named(await forge.closedBy(pull), part),
    mergedBy: async (pull) => named(await forge.mergedBy(pull), part),
    rules: (branch) => forge.rules(at(branch)),
    comments: async (since) =>
      (await forge.comments(since)).flatMap((comment) =>
        opened.has(comment.pull) ? [{ ...comment, author: part(comment.author) }] : [],
      ),
    standing: (name) => forge.standing(people.has(name) || name in ROLES ? person(name).login : name),
  };
}

const ROLES = { ana: "admin", ben: "write", cleo: "read", dan: "none" };

function named<T extends { readonly login: string }>(who: T | undefined, part: Place["part"]): T | undefined {
  return who && { ...who, login: part(who.login) };
}

const Numbered = z.object({ number: z.number() });
const WithId = z.object({ id: z.number() });
const Ref = z.object({ object: z.object({ sha: z.string() }) });
const Content = z.object({ content: z.string() });
const Said = z.array(z.object({ user: z.object({ login: z.string() }), body: z.string() }));

async function tipOf({ service, person, at }: Place, branch: string): Promise<Sha | undefined> {
  const found = await person("ben").ask("GET", `${base(service.repo)}/git/ref/heads/${at(branch)}`);
  return found === undefined ? undefined : sha(Ref.parse(found).object.sha);
}

async function readOf({ service, person, at }: Place, branch: string, path: string): Promise<string | undefined> {
  const query = `?ref=${encodeURIComponent(at(branch))}`;
  const found = await person("ben").ask("GET", `${base(service.repo)}/contents/${path}${query}`);
  return found === undefined ? undefined : Buffer.from(Content.parse(found).content, "base64").toString();
}

type Deeds = Pick<
  ForgeWorld,
  "openAs" | "closeAs" | "mergeAs" | "deleteBranchAs" | "commentAs" | "editAs" | "said" | "isOpen"
>;

/** What people do in the repository, each with their own token. */
function deeds({ service, person, at, part, skip, opened }: Place): Deeds {
  const pulls = `${base(service.repo)}/pulls`;
  const issues = `${base(service.repo)}/issues`;
  return {
    openAs: async (user, branch, from) => {
      if (from === "fork") skip("it takes a fork of the repository");
      const body = { title: branch, head: at(branch), base: at("main") };
      const { number } = Numbered.parse(await person(user).ask("POST", pulls, body));
      opened.add(number);
      return number;
    },
    closeAs: async (user, number) => void (await person(user).ask("PATCH", `${pulls}/${number}`, { state: "closed" })),
    mergeAs: async (user, number) => void (await person(user).ask("PUT", `${pulls}/${number}/merge`, {})),
    deleteBranchAs: async (user, branch) =>
      void (await person(user).ask("DELETE", `${base(service.repo)}/git/refs/heads/${at(branch)}`)),
    commentAs: async (user, number, body) =>
      WithId.parse(await person(user).ask("POST", `${issues}/${number}/comments`, { body })).id,
    editAs: async (user, id, body) => void (await person(user).ask("PATCH", `${issues}/comments/${id}`, { body })),
    said: async (number) =>
      Said.parse(await person("ben").ask("GET", `${issues}/${number}/comments?per_page=100`)).map(({ user, body }) => ({
        author: part(user.login),
        body,
      })),
    isOpen: async (number) =>
      z.object({ state: z.string() }).parse(await person("ben").ask("GET", `${pulls}/${number}`)).state === "open",
  };
}

type NotHere = Pick<
  ForgeWorld,
  "allow" | "requireGate" | "rule" | "setTeam" | "reportAsOther" | "statusAs" | "deployAs" | "markAs"
>;

/** What would change a repository or an organisation that is not the suite's, or takes more Apps and accounts than it has. */
function notHere(skip: Skip): NotHere {
  const settings = () => skip("it would change the repository's settings");
  const others = () => skip("it takes what another App reports");
  return {
    allow: settings,
    requireGate: settings,
    rule: settings,
    setTeam: () => skip("it would change a team"),
    reportAsOther: others,
    statusAs: others,
    deployAs: others,
    markAs: () => skip("drafts are marked over GraphQL"),
  };
}

function base(repo: RepoName): string {
  return `/repos/${repo}`;
}

/** Where a GitHub's pages and repositories are, by the address of its API. */
function siteOf(api: string): string {
  return api === "https://api.github.com" ? "https://github.com" : api.replace(/\/api\/v3$/, "");
}
