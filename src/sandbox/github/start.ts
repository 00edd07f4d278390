import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { ownerActions } from "./as-owner.ts";
import type { OwnerActions } from "./as-owner.ts";
import { peopleOf } from "./as-person.ts";
import type { People } from "./as-person.ts";
import { latestChecks } from "./check-rules.ts";
import { createRepo, placeOf } from "./create-repo.ts";
import type { NewRepo } from "./create-repo.ts";
import { knownRepo } from "./enter.ts";
import type { FaultHook } from "./faults.ts";
import { isGitPath, serveGit } from "./git-http.ts";
import { history } from "./history.ts";
import type { Commit } from "./history.ts";
import type { ObjectReader } from "./object-reader.ts";
import { HttpError, errorBody } from "./http-error.ts";
import { GITHUB_LIMITS } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { resolveCommit } from "./repo.ts";
import type { Files } from "./repo.ts";
import type { GitPlace } from "./run-git.ts";
import { API_PREFIX, serveRest } from "./rest.ts";
import type { Router } from "./rest.ts";
import { registrarAt } from "./registrar.ts";
import type { RegisteredApp, Registrar } from "./registrar.ts";
import { ROUTES } from "./routes/all.ts";
import { routerOf } from "./routing.ts";
import { ensureAccount, installationOf } from "./store.ts";
import type { Account, App, Call, CheckRun, Comment, Permissions, Pull, Role, Store } from "./store.ts";
import { GITHUB_TIMEOUT_MS, createHook } from "./webhooks.ts";
import type { Delivery, Fate, HookEvent } from "./webhooks.ts";
import type { Witness } from "./witness.ts";

export type GitHubOptions = {
  /** An empty directory for the bare repositories. What is not in git is kept in memory only. */
  readonly dataDir: string;
  /** The `PATH` on which git is found; default: the usual places. */
  readonly path?: string;
  readonly clock: { readonly now: () => number };
  /** `publicKey` is PEM; the App signs its tokens with the private half. */
  readonly app: App & {
    readonly publicKey: string;
    readonly webhookSecret: string;
    readonly webhookUrl?: string;
    readonly permissions?: Permissions;
    readonly events?: readonly string[];
    /** By which the App signs its tokens, where that is not GitHub's own clock. */
    readonly clock?: { readonly now: () => number };
  };
  /** Each user's role by repository's full name. */
  readonly users: Readonly<Record<string, Readonly<Record<string, Role>>>>;
  readonly limits?: Partial<Limits>;
  readonly fate?: (event: HookEvent) => Fate;
  readonly faults?: FaultHook;
  readonly webhookTimeoutMs?: number;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Where numbers of accounts, pull requests' ids, comments and the like begin: two GitHubs in one process are two. */
  readonly firstId?: number;
  /** Is told what this GitHub says, to hold it against the real one's description. */
  readonly witness?: Witness;
};

export type SandboxGitHub = People &
  OwnerActions & {
    /** The API's base address, for Octokit's `baseUrl`. */
    readonly url: string;
    /** The site itself: `html_url`s and clone addresses start with it. */
    readonly htmlUrl: string;
    /** The address to clone a repository from, without credentials (user `x-access-token`, password an installation token). */
    readonly gitUrl: (repo: string) => string;
    /** Where the bare repository is on disk, or will be once it is created: to be read from outside. */
    readonly gitDir: (repo: string) => string;
    /** The same, with the `PATH` on which the sandbox finds git. */
    readonly gitPlace: (repo: string) => GitPlace & { readonly objects: Pick<ObjectReader, "read"> };
    /** Creates a private repository with one commit on `main`, owned by an organisation on which the App is installed. */
    readonly createRepo: (repo: string, files: Files, options?: NewRepo) => Promise<void>;
    readonly installationId: (repo: string) => number;
    readonly readFile: (repo: string, ref: string, path: string) => Promise<string | undefined>;
    /** Newest first, with the paths that each commit changed against its first parent. */
    readonly log: (repo: string, ref: string) => Promise<readonly Commit[]>;
    readonly pulls: (repo: string) => readonly Pull[];
    /** The newest check run of each App and name on a commit. */
    readonly checks: (repo: string, sha: string) => readonly CheckRun[];
    readonly comments: (repo: string, number: number) => readonly Comment[];
    readonly calls: () => readonly Call[];
    readonly deliveries: () => readonly Delivery[];
    /** Apps that were registered from a manifest; to know one of them, a GitHub is started with it. */
    readonly registered: () => readonly RegisteredApp[];
    readonly redeliver: (guid: string) => Promise<boolean>;
    readonly setWebhookUrl: (url: string | undefined) => void;
    readonly setFate: (fate: ((event: HookEvent) => Fate) | undefined) => void;
    readonly setFaults: (faults: FaultHook | undefined) => void;
    /** Resolves when what goes on behind the answers is done, and every event so far has been delivered or given up. */
    readonly settled: () => Promise<void>;
    readonly close: () => Promise<void>;
  };

const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";

const APP_PERMISSIONS: Permissions = {
  checks: "write",
  contents: "write",
  deployments: "read",
  issues: "write",
  members: "read",
  metadata: "read",
  pull_requests: "write",
  statuses: "write",
};

const APP_EVENTS: readonly string[] = [
  "check_run",
  "delete",
  "issue_comment",
  "merge_group",
  "pull_request",
  "pull_request_review",
  "push",
  "repository",
];

/** Starts a GitHub on the loopback address: REST under `url`, git's smart HTTP beside it, webhooks to the App. */
export async function startGitHub(options: GitHubOptions): Promise<SandboxGitHub> {
  const router = routerOf(ROUTES);
  const doors: { current: Doors | undefined } = { current: undefined };
  const server = createServer(
    (message, response) =>
      void (doors.current === undefined ? response.destroy() : handle(doors.current, message, response)),
  );
  const origin = await listen(server, options.port ?? 0);
  const store = newStore(options, origin);
  const registrar = registrarAt(origin, store.nextId);
  doors.current = { store, router, registrar };
  return faceOf(doors.current, server, options);
}

/** What a request may be for. */
type Doors = { readonly store: Store; readonly router: Router; readonly registrar: Registrar };

function newStore(
  { dataDir, path, clock, app, users, limits, fate, faults, webhookTimeoutMs, firstId = 1000, witness }: GitHubOptions,
  origin: string,
): Store {
  const ids = { last: firstId };
  const nextId = () => (ids.last += 1);
  const bot: Account = { id: nextId(), login: `${app.slug}[bot]`, type: "Bot" };
  const hook = createHook({
    secret: app.webhookSecret,
    appId: app.id,
    now: clock.now,
    url: app.webhookUrl,
    fate,
    timeoutMs: webhookTimeoutMs ?? GITHUB_TIMEOUT_MS,
    onDelivery: witness?.onDelivery,
  });
  const store: Store = {
    clock,
    origin,
    dataDir,
    path: path ?? USUAL_PATH,
    app: {
      id: app.id,
      slug: app.slug,
      clientId: app.clientId,
      publicKey: app.publicKey,
      permissions: app.permissions ?? APP_PERMISSIONS,
      events: app.events ?? APP_EVENTS,
      clock: app.clock ?? clock,
      bot,
    },
    limits: { ...GITHUB_LIMITS, ...limits },
    hook,
    faults: { current: faults },
    memory: new Map(),
    nextId,
    accounts: new Map([[bot.login.toLowerCase(), bot]]),
    ghosts: new Set(),
    repos: new Map(),
    teams: new Map(),
    installations: new Map(),
    tokens: new Map(),
    budgets: new Map(),
    calls: [],
    witness,
  };
  for (const login of Object.keys(users)) ensureAccount(store, login);
  return store;
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}`;
}

async function handle(doors: Doors, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { store, router, registrar } = doors;
  const path = (message.url ?? "/").split("?")[0] ?? "/";
  // by the sandbox's clock: clients measure their own clock by it
  response.setHeader("date", new Date(store.clock.now()).toUTCString());
  try {
    if (registrar.serves(path)) return await registrar.serve(message, response);
    if (path.startsWith(`${API_PREFIX}/`)) return await serveRest(store, router, message, response);
    if (isGitPath(path)) return await serveGit(store, message, response);
    throw new HttpError(404, "Not Found");
  } catch (error) {
    const refusal = error instanceof HttpError ? error : new HttpError(500, `The sandbox failed: ${String(error)}`);
    if (response.headersSent) return void response.destroy();
    response
      .writeHead(refusal.status, { "content-type": "application/json; charset=utf-8" })
      .end(JSON.stringify(errorBody(refusal)));
  }
}

function faceOf({ store, registrar }: Doors, server: Server, { users }: GitHubOptions): SandboxGitHub {
  return {
    ...peopleOf(store),
    ...ownerActions(store),
    ...readsOf(store),
    url: `${store.origin}${API_PREFIX}`,
    htmlUrl: store.origin,
    gitUrl: (repo) => `${store.origin}/${repo}.git`,
    createRepo: (repo, files, wanted) => createRepo(store, repo, { files, roles: rolesIn(users, repo), ...wanted }),
    registered: registrar.apps,
    redeliver: store.hook.redeliver,
    setWebhookUrl: store.hook.setUrl,
    setFate: store.hook.setFate,
    setFaults(faults) {
      store.faults.current = faults;
      store.memory.clear();
    },
    async settled() {
      for (const { background } of store.repos.values()) await Promise.all(background);
      await store.hook.settled();
    },
    close: () => close(store, server),
  };
}

function readsOf(store: Store) {
  const installationId = (name: string): number => installationOf(store, knownRepo(store, name))?.id ?? 0;
  return {
    installationId,
    gitDir: (name: string) => placeOf(store, name).dir,
    gitPlace: (name: string) => ({
      ...placeOf(store, name),
      objects: { read: (revision: string) => knownRepo(store, name).git.objects.read(revision) },
    }),
    async readFile(name: string, ref: string, path: string) {
      const { git } = knownRepo(store, name);
      const sha = await resolveCommit(git, ref);
      return sha === undefined ? undefined : (await git.objects.read(`${sha}:${path}`))?.content.toString();
    },
    async log(name: string, ref: string) {
      const { git } = knownRepo(store, name);
      const sha = await resolveCommit(git, ref);
      return sha === undefined ? [] : history(git, [sha]);
    },
    pulls: (name: string) => [...knownRepo(store, name).pulls.values()],
    checks: (name: string, sha: string) => latestChecks(knownRepo(store, name), sha),
    comments: (name: string, number: number) =>
      [...knownRepo(store, name).comments.values()].filter((comment) => comment.number === number),
    calls: () => store.calls,
    deliveries: store.hook.deliveries,
  };
}

function rolesIn(users: GitHubOptions["users"], repo: string): Map<string, Role> {
  return new Map(
    Object.entries(users).flatMap(([login, roles]): [string, Role][] =>
      roles[repo] === undefined ? [] : [[login.toLowerCase(), roles[repo]]],
    ),
  );
}

async function close(store: Store, server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await store.hook.close();
  for (const { lock, background, git } of store.repos.values()) {
    await lock(() => Promise.all(background));
    git.objects.close();
  }
}
