import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";

import { repoName, type RepoName } from "../../core/names.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ForgeReader, ForgeWriter } from "../../ports/forge.ts";
import type { GitWriter } from "../../ports/git.ts";
import type { LimitsAhead, LimitsState, SharedBudget } from "../../ports/limits.ts";
import type { Log } from "../../ports/log.ts";
import type { Because, NewsFrom } from "../../ports/queue.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { pages, PER_PAGE, ownerAndName, type AppIdentity } from "./api.ts";
import type { Limits } from "./budget.ts";
import { ForgeError } from "./error.ts";
import { githubForge, SILENT } from "./forge.ts";
import { limiter, type Limiter } from "./limiter.ts";
import { pacedPushes } from "./paced-pushes.ts";
import { attach, type Transport } from "./transport.ts";

export type AppOptions = {
  readonly app: { readonly id: number; readonly privateKey: string };
  /** GitHub's API, `https://api.github.com` unless it is another GitHub. */
  readonly baseUrl?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<Limits>;
  /** Where several processes count what they send; absent where there is one. */
  readonly budgets?: ((installation: number) => SharedBudget) | undefined;
  /** How long a request may take. */
  readonly timeoutMs?: number;
  readonly telemetry?: Telemetry;
  /** Why the look is that is under way where it is asked; absent where there are no looks. */
  readonly because?: () => Because | undefined;
};

export type Installation = { readonly id: number; readonly account: string; readonly suspended: boolean };

/** The App as GitHub knows it. */
export type GitHubApp = {
  readonly identity: () => Promise<AppIdentity>;
  readonly installations: () => Promise<readonly Installation[]>;
  /** Repositories that an installation covers; archived ones cannot be written and are left out. */
  readonly repositories: (installation: number) => Promise<readonly RepoName[]>;
  /** The same forge for the same repository, however often it is asked for. */
  readonly forge: (installation: number, repo: RepoName) => ForgeReader & ForgeWriter;
  /** Whether GitHub took the App's own credentials when they were last shown; undefined while it has not said. */
  readonly credentials: () => "taken" | "refused" | undefined;
  /** Pushes of a repository, paced with all else that the installation sends. */
  readonly paced: (installation: number, repo: RepoName, git: Pushes) => Pushes;
  /** What the limits would keep from being sent for a repository. */
  readonly ahead: (installation: number, repo: RepoName) => LimitsAhead;
  /** From when on an installation has room for a look for news, milliseconds. */
  readonly newsFrom: NewsFrom;
  /** What has been used of each installation's limits, as this process knows it. */
  readonly limits: () => LimitsState;
  /** A token for one repository. `refused` is one that was not taken: another is given. */
  readonly token: (installation: number, repo: RepoName, refused?: string) => Promise<string>;
};

type Pushes = Pick<GitWriter, "push" | "remove">;

const API = "https://api.github.com";
const TIMEOUT_MS = 10_000;

/** Signs in as an App. Its tokens are made for one repository each, kept in memory until they end, and renewed when GitHub refuses one. */
export function githubApp(options: AppOptions): GitHubApp {
  const baseUrl = (options.baseUrl ?? API).replace(/\/+$/, "");
  const { clock, log, limits = {}, timeoutMs = TIMEOUT_MS, telemetry } = options;
  const asApp = new Octokit({ baseUrl, log: SILENT });
  const tokens = signIn(asApp, { ...options, limits, timeoutMs });
  const credentials = credentialsOf(asApp);
  const limiters = new Map<number, Limiter>();
  const forges = new Map<string, ForgeReader & ForgeWriter>();
  const limiterOf = (installation: number) =>
    kept(limiters, installation, () => limiter({ clock, limits, shared: options.budgets?.(installation) }));
  const transportOf = (installation: number, repo: RepoName | undefined): Transport => ({
    clock,
    log,
    repo,
    timeoutMs,
    because: options.because,
    ...(telemetry && { telemetry }),
    limiter: limiterOf(installation),
    authorise: async (refused) => `token ${await tokens(installation, repo, refused?.slice("token ".length))}`,
  });
  const identity = once(() => identityOf(asApp));
  return {
    identity,
    installations: () => installationsOf(asApp),
    repositories: (installation) => {
      const octokit = new Octokit({ baseUrl, log: SILENT });
      attach(octokit, transportOf(installation, undefined));
      return repositoriesOf(octokit);
    },
    forge: (installation, repo) => {
      const make = () => githubForge({ repo, baseUrl, identity, transport: transportOf(installation, repo) });
      return kept(forges, `${installation}:${repo}`, make);
    },
    paced: (installation, repo, git) => pacedPushes(git, limiterOf(installation), repo),
    ahead: (installation, repo) => aheadOf(limiterOf(installation), repo),
    newsFrom: (installation) => limiterOf(installation).newsFrom(),
    limits: () => [...limiters].map(([installation, { used }]) => ({ installation, ...used() })),
    token: tokens,
    credentials,
  };
}

/** Listens to what GitHub says to requests of the App's own: whether it knows who asks. */
function credentialsOf(octokit: Octokit): GitHubApp["credentials"] {
  let last: ReturnType<GitHubApp["credentials"]>;
  octokit.hook.after("request", () => {
    last = "taken";
  });
  octokit.hook.error("request", (error) => {
    if (error instanceof ForgeError && error.status > 0 && error.fault !== "transient")
      last = isUnknown(error) ? "refused" : "taken";
    throw error;
  });
  return () => last;
}

/** GitHub does not know the App by its key, or has no such App. */
function isUnknown({ fault, reason }: ForgeError): boolean {
  return fault === "unauthorised" || (fault === "gone" && /integration not found/i.test(reason));
}

function aheadOf(limits: Limiter, repo: RepoName): LimitsAhead {
  const cost = { lane: "step", repo } as const;
  return (landed) => {
    const merge = limits.held({ ...cost, kind: "merge" }, landed);
    const push = limits.held({ ...cost, kind: "push" });
    const open = limits.held({ ...cost, kind: "content" });
    return { mergeEveryMs: limits.mergeEveryMs, ...(merge && { merge }), ...(push && { push }), ...(open && { open }) };
  };
}

type Tokens = (installation: number, repo: RepoName | undefined, refused?: string) => Promise<string>;

/** Makes an Octokit speak as the App, and gives the tokens that it gets for installations. */
function signIn(
  octokit: Octokit,
  { app, clock, log, limits, timeoutMs, telemetry }: AppOptions & Required<Pick<AppOptions, "limits" | "timeoutMs">>,
): Tokens {
  const auth = createAppAuth({ appId: app.id, privateKey: app.privateKey, request: octokit.request });
  // The App's own requests count against no installation.
  const own = limiter({ clock, limits: { ...limits, minWriteGapMs: 0 } });
  attach(octokit, {
    clock,
    log,
    timeoutMs,
    ...(telemetry && { telemetry }),
    limiter: own,
    authorise: async () => `bearer ${(await auth({ type: "app" })).token}`,
  });
  return async (installation, repo, refused) => {
    const scope = repo === undefined ? {} : { repositoryNames: [ownerAndName(repo).repo] };
    const ask = { type: "installation", installationId: installation, ...scope } as const;
    const known = await auth(ask);
    return known.token === refused ? (await auth({ ...ask, refresh: true })).token : known.token;
  };
}

async function identityOf({ request }: Octokit): Promise<AppIdentity> {
  const { data } = await request("GET /app");
  if (data?.slug === undefined) throw new Error("GitHub does not say what the App is called.");
  return { id: data.id, login: `${data.slug}[bot]` };
}

async function installationsOf({ request }: Octokit): Promise<readonly Installation[]> {
  const found = await pages((page) => request("GET /app/installations", { per_page: PER_PAGE, page }));
  return found.map(({ id, account, suspended_at }) => ({
    id,
    account: account === null ? "" : nameOf(account),
    suspended: suspended_at !== null,
  }));
}

// An enterprise has a slug where a user or an organisation has a login.
function nameOf(account: { readonly login?: string; readonly slug?: string }): string {
  return account.login ?? account.slug ?? "";
}

async function repositoriesOf({ request }: Octokit): Promise<readonly RepoName[]> {
  const found = await pages(async (page) => {
    const { data, headers } = await request("GET /installation/repositories", { per_page: PER_PAGE, page });
    return { data: data.repositories, headers };
  });
  return found.filter(({ archived }) => !archived).map(({ full_name }) => repoName(full_name));
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

/** Asks once, and again only where the asking failed. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
