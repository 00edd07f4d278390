import { join } from "node:path";
import { emitInstallation, emitRepositoryAdded } from "./events.ts";
import { createLock } from "./lock.ts";
import { signatureOf } from "./signing.ts";
import { NO_SHA, commitFiles, createGitRepo, moveRefs } from "./repo.ts";
import type { Files } from "./repo.ts";
import type { GitPlace } from "./run-git.ts";
import { ensureAccount, installationOf, repoOf } from "./store.ts";
import type { Installation, Repo, Role, Settings, Store } from "./store.ts";

/** `date`: of the first commit, in milliseconds. */
export type NewRepo = { readonly date?: number; readonly settings?: Partial<Settings> };

const DEFAULT_BRANCH = "main";

const SETTINGS: Settings = {
  mergeMethods: ["merge", "squash", "rebase"],
  requiredChecks: [],
  protectsDefaultBranch: false,
  deletesBranchOnMerge: false,
  approvals: 0,
  dismissesStale: false,
  codeOwners: false,
  mergeQueue: false,
  signatures: false,
  linear: false,
  bypass: "never",
};

export type RepoOrder = NewRepo & { readonly files: Files; readonly roles: Map<string, Role> };

/** Creates a repository with one commit on `main` and tells the App; its owner is an organisation with an installation of its own. */
export async function createRepo(
  store: Store,
  fullName: string,
  { files, roles, date, settings }: RepoOrder,
): Promise<void> {
  const [, ownerLogin, name] = /^([\w.-]+)\/([\w.-]+)$/.exec(fullName) ?? [];
  if (ownerLogin === undefined || name === undefined || repoOf(store, fullName) !== undefined)
    throw new Error(`Cannot create a repository ${fullName}`);
  const owner = ensureAccount(store, ownerLogin, "Organization");
  const git = await createGitRepo(placeOf(store, fullName), DEFAULT_BRANCH);
  const createdAt = date ?? store.clock.now();
  const first = await commitFiles(git, undefined, {
    files,
    message: "Initial commit",
    by: signatureOf(owner, createdAt),
  });
  await moveRefs(git, [{ ref: `refs/heads/${DEFAULT_BRANCH}`, before: NO_SHA, after: first }]);
  const repo: Repo = {
    id: store.nextId(),
    owner,
    name,
    fullName: `${owner.login}/${name}`,
    defaultBranch: DEFAULT_BRANCH,
    createdAt,
    ruleset: store.nextId(),
    git,
    lock: createLock(),
    settings: { current: { ...SETTINGS, ...settings } },
    roles,
    pulls: new Map(),
    labels: new Map(),
    comments: new Map(),
    reactions: new Map(),
    reviews: new Map(),
    checks: new Map(),
    statuses: new Map(),
    deployments: new Map(),
    mergeability: new Map(),
    queue: [],
    signed: new Set(),
    background: new Set(),
    sizes: new Map(),
  };
  store.repos.set(fullName.toLowerCase(), repo);
  announce(store, repo);
}

/** Where the bare repository of a full name is, or would be. */
export function placeOf({ dataDir, path }: Store, fullName: string): GitPlace {
  return { dir: join(dataDir, `${fullName}.git`), path };
}

function announce(store: Store, repo: Repo): void {
  const known = installationOf(store, repo);
  if (known !== undefined) return emitRepositoryAdded(store, known, repo);
  const installation: Installation = {
    id: store.nextId(),
    account: repo.owner,
    createdAt: store.clock.now(),
    permissions: store.app.permissions,
    suspended: undefined,
  };
  store.installations.set(installation.id, installation);
  emitInstallation(store, installation, repo);
}
