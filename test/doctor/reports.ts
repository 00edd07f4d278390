import { repoName } from "../../src/core/names.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import { EVENTS } from "../../src/doctor/asked.ts";
import type { AppReport, RepositoryReport, TreeReport } from "../../src/doctor/report.ts";
import type {
  AppFacts,
  DeliveryFacts,
  HookFacts,
  InstallationFacts,
  RepositoryFacts,
} from "../../src/ports/checkup.ts";
import type { BranchRules } from "../../src/ports/forge.ts";

export const NOON = Date.UTC(2026, 10, 20, 12);
export const MINUTE = 60_000;
export const APP_ID = 4242;
const PERMISSIONS = {
  contents: "write",
  pull_requests: "write",
  issues: "write",
  checks: "write",
  metadata: "read",
  statuses: "write",
};
const SETTINGS = "https://github.com/organizations/acme/settings/apps/tidegate";
export const PAGE = "https://github.com/organizations/acme/settings/installations/5";

export const appFacts = (changes: Partial<AppFacts> = {}): AppFacts => ({
  id: APP_ID,
  slug: "tidegate",
  settings: SETTINGS,
  permissions: PERMISSIONS,
  events: EVENTS,
  ...changes,
});

/** Permissions without those that are named. */
export const without = (...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(PERMISSIONS).filter(([name]) => !names.includes(name)));

export const installation = (changes: Partial<InstallationFacts> = {}): InstallationFacts => ({
  id: 5,
  account: "acme",
  suspended: false,
  page: PAGE,
  permissions: PERMISSIONS,
  events: EVENTS,
  ...changes,
});

export const hook = (changes: Partial<HookFacts> = {}): HookFacts => ({
  url: "https://tidegate.example.com/api/github/webhooks",
  contentType: "json",
  hasSecret: true,
  checksCertificates: true,
  ...changes,
});

export const delivery = (minutesAgo: number, changes: Partial<DeliveryFacts> = {}): DeliveryFacts => ({
  at: NOON - minutesAgo * MINUTE,
  event: "push",
  status: 202,
  throttled: false,
  ...changes,
});

/** An App and a machine with which everything is well. */
export const appReport = (changes: Partial<AppReport> = {}): AppReport => ({
  app: read(appFacts()),
  hook: read(hook()),
  deliveries: read([delivery(3), delivery(9)]),
  skew: read(200),
  git: read("2.39.5"),
  publicUrl: "https://tidegate.example.com",
  ...changes,
});

export const settings = (changes: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
  page: "https://github.com/acme/gitops",
  branch: "main",
  archived: false,
  methods: { squash: true, merge: true, rebase: true },
  deletesBranches: true,
  ...changes,
});

export const rules = (changes: Partial<BranchRules> = {}): BranchRules => ({
  checks: [],
  approvals: 0,
  codeOwners: false,
  mergeQueue: false,
  signatures: false,
  linear: false,
  bypass: "never",
  ...changes,
});

export const tree = (changes: Partial<TreeReport> = {}): TreeReport => ({
  branch: "main",
  config: { kind: "read", teams: [], reports: [], loosened: [] },
  services: read({ count: 12, refusals: [], reviewed: [], relied: { unfit: [], unfollowed: [], doubtful: [] } }),
  providers: [],
  ...changes,
});

/** A repository with which everything is well. */
export const repositoryReport = (changes: Partial<RepositoryReport> = {}): RepositoryReport => ({
  repo: repoName("acme/gitops"),
  appId: APP_ID,
  app: read(appFacts()),
  installation: read(installation()),
  settings: read(settings()),
  rules: read(rules()),
  restrictions: read([]),
  classic: read(false),
  tree: read(tree()),
  ...changes,
});

export const down = unavailable<never>("GET /somewhere: 502 Bad Gateway");
