import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";

import type { RepoName } from "../../core/names.ts";
import type {
  AppCheckup,
  AppFacts,
  DeliveryFacts,
  HookFacts,
  InstallationFacts,
  RepositoryCheckup,
  RepositoryFacts,
  Restriction,
} from "../../ports/checkup.ts";
import type { AppOptions, GitHubApp } from "./app.ts";
import { ownerAndName, pages, PER_PAGE } from "./api.ts";
import { ForgeError } from "./error.ts";
import { SILENT } from "./forge.ts";
import { limiter } from "./limiter.ts";
import { attach, type Transport } from "./transport.ts";

export type CheckupOptions = Pick<AppOptions, "app" | "clock" | "log"> & {
  /** GitHub's API, without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;
const MOST_DELIVERY_PAGES = 10;

/** Asks GitHub about the App with the App's own key; failures are ForgeErrors. */
export function githubAppCheckup(options: CheckupOptions): AppCheckup {
  const { app, baseUrl } = options;
  const { request } = octokitWith(options, async () => `bearer ${(await auth({ type: "app" })).token}`);
  const auth = createAppAuth({
    appId: app.id,
    privateKey: app.privateKey,
    request: new Octokit({ baseUrl, log: SILENT }).request,
  });
  return {
    app: () => readApp(request),
    installations: () => readInstallations(request),
    installationOf: (repo) => orNothing(() => readInstallation(request, repo)),
    hook: () => orNothing(() => readHook(request)),
    deliveries: (since) => readDeliveries(request, since),
    skew: () => readSkew(options),
  };
}

/** Asks GitHub about one repository with the installation's token; failures are ForgeErrors. */
export function githubRepositoryCheckup(
  options: CheckupOptions,
  signedIn: Pick<GitHubApp, "token">,
  { installation, repo }: { readonly installation: number; readonly repo: RepoName },
): RepositoryCheckup {
  const { request } = octokitWith(
    options,
    async (refused) => `token ${await signedIn.token(installation, repo, refused?.slice("token ".length))}`,
  );
  const place = ownerAndName(repo);
  return {
    settings: () => readSettings(request, place),
    restrictions: (branch) => readRestrictions(request, place, branch),
    isClassicallyProtected: (branch) => readClassic(request, place, branch),
  };
}

type Ask = Octokit["request"];
type Place = ReturnType<typeof ownerAndName>;

function octokitWith(
  { baseUrl, clock, log, timeoutMs = TIMEOUT_MS }: CheckupOptions,
  authorise: Transport["authorise"],
): Octokit {
  const octokit = new Octokit({ baseUrl, log: SILENT });
  attach(octokit, { clock, log, timeoutMs, limiter: limiter({ clock }), authorise });
  return octokit;
}

async function readApp(request: Ask): Promise<AppFacts> {
  const { data } = await request("GET /app");
  if (data?.slug === undefined) throw new Error("GitHub does not say what the App is called.");
  const { id, slug, owner, html_url: page, permissions, events } = data;
  const isOrganisation = "type" in owner && owner.type === "Organization" && "login" in owner;
  const folder = isOrganisation ? `organizations/${owner.login}/settings/apps` : "settings/apps";
  return { id, slug, settings: `${new URL(page).origin}/${folder}/${slug}`, permissions: levels(permissions), events };
}

async function readInstallations(request: Ask): Promise<readonly InstallationFacts[]> {
  const found = await pages((page) => request("GET /app/installations", { per_page: PER_PAGE, page }));
  return found.map(installationOf);
}

async function readInstallation(request: Ask, repo: RepoName): Promise<InstallationFacts> {
  const { data } = await request("GET /repos/{owner}/{repo}/installation", ownerAndName(repo));
  return installationOf(data);
}

type ListedInstallation = {
  readonly id: number;
  readonly account: { readonly login?: string; readonly slug?: string } | null;
  readonly suspended_at: string | null;
  readonly html_url: string;
  readonly permissions: object;
  readonly events: readonly string[];
};

function installationOf({
  id,
  account,
  suspended_at,
  html_url,
  permissions,
  events,
}: ListedInstallation): InstallationFacts {
  return {
    id,
    account: accountOf(account),
    suspended: suspended_at !== null,
    page: html_url,
    permissions: levels(permissions),
    events,
  };
}

// An enterprise has a slug where a user or an organisation has a login.
function accountOf(account: ListedInstallation["account"]): string {
  return account?.login ?? account?.slug ?? "";
}

function levels(permissions: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(permissions).flatMap(([key, level]: [string, unknown]) =>
      typeof level === "string" ? [[key, level]] : [],
    ),
  );
}

async function readHook(request: Ask): Promise<HookFacts> {
  const { data } = await request("GET /app/hook/config");
  return {
    url: data.url ?? "",
    contentType: data.content_type ?? "form",
    hasSecret: data.secret !== undefined && data.secret !== "",
    checksCertificates: String(data.insecure_ssl ?? "0") === "0",
  };
}

async function readDeliveries(request: Ask, since: number): Promise<readonly DeliveryFacts[]> {
  const page = async (cursor: string | undefined, number: number): Promise<readonly DeliveryFacts[]> => {
    const query = cursor === undefined ? { per_page: PER_PAGE } : { per_page: PER_PAGE, cursor };
    const { data, headers } = await request("GET /app/hook/deliveries", query);
    const found = data.map(deliveryOf);
    const next = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(headers.link ?? "")?.[1];
    const isOld = (found.at(-1)?.at ?? 0) < since;
    if (next === undefined || isOld || number === MOST_DELIVERY_PAGES) return found;
    return [...found, ...(await page(decodeURIComponent(next), number + 1))];
  };
  return (await page(undefined, 1)).filter(({ at }) => at >= since);
}

type ListedDelivery = {
  readonly delivered_at: string;
  readonly event: string;
  readonly status_code: number;
  readonly throttled_at?: string | null;
};

function deliveryOf({ delivered_at, event, status_code, throttled_at }: ListedDelivery): DeliveryFacts {
  return { at: Date.parse(delivered_at), event, status: status_code, throttled: typeof throttled_at === "string" };
}

/** Any answer has the date in it, a refusal as well, so this works where the clock keeps the App from signing in. */
async function readSkew({ baseUrl, fetch, clock, timeoutMs = TIMEOUT_MS }: CheckupOptions): Promise<number> {
  const asked = clock.now();
  const response = await fetch(`${baseUrl}/meta`, { method: "HEAD", signal: AbortSignal.timeout(timeoutMs) });
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(date)) throw new Error("GitHub's answer has no date.");
  // The header leaves out the milliseconds: half a second on average.
  return Math.round((asked + clock.now()) / 2 - (date + 500));
}

async function readSettings(request: Ask, place: Place): Promise<RepositoryFacts> {
  const { data } = await request("GET /repos/{owner}/{repo}", place);
  return {
    page: data.html_url,
    branch: data.default_branch,
    archived: data.archived,
    methods: { squash: data.allow_squash_merge, merge: data.allow_merge_commit, rebase: data.allow_rebase_merge },
    deletesBranches: data.delete_branch_on_merge,
  };
}

async function readRestrictions(request: Ask, place: Place, branch: string): Promise<readonly Restriction[]> {
  const route = "GET /repos/{owner}/{repo}/rules/branches/{branch}";
  const rules = await pages((page) => request(route, { ...place, branch, per_page: PER_PAGE, page }));
  const ids = [...new Set(rules.flatMap(({ ruleset_id: id }) => id ?? []))];
  const rulesets = new Map(
    await Promise.all(ids.map(async (id) => [id, await readRuleset(request, place, id)] as const)),
  );
  return rules.map(({ type, ruleset_id: id }) => ({
    rule: type,
    ...((id !== undefined && rulesets.get(id)) || UNKNOWN),
  }));
}

type Ruleset = Omit<Restriction, "rule">;
const UNKNOWN: Ruleset = { ruleset: "that holds for it", page: undefined, bypass: "unknown" };

async function readRuleset(request: Ask, place: Place, id: number): Promise<Ruleset> {
  const found = await orNothing(() =>
    request("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", { ...place, ruleset_id: id }),
  );
  if (found === undefined) return { ...UNKNOWN, ruleset: String(id) };
  const { name, current_user_can_bypass: bypass, _links: links } = found.data;
  return { ruleset: name, page: links?.html?.href, bypass: BYPASS.get(bypass ?? "") ?? "unknown" };
}

const BYPASS: ReadonlyMap<string, Restriction["bypass"]> = new Map([
  ["always", "always"],
  ["exempt", "always"],
  ["pull_requests_only", "pullRequests"],
  ["never", "never"],
]);

async function readClassic(request: Ask, place: Place, branch: string): Promise<boolean> {
  const { data } = await request("GET /repos/{owner}/{repo}/branches/{branch}", { ...place, branch });
  return data.protection?.enabled === true;
}

async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ForgeError && error.fault === "gone") return undefined;
    throw error;
  }
}
