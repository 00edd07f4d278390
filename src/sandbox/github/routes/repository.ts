import { HttpError, notFound } from "../http-error.ts";
import { EMPTY_TREE, changedFiles, history, patches } from "../history.ts";
import type { Commit } from "../history.ts";
import { mergeBase, refTip, resolveCommit } from "../repo.ts";
import { paged, param, reading } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import { apiUrl, userShape } from "../shapes/account.ts";
import { commitShape, fileShape } from "../shapes/commit.ts";
import type { Published } from "../shapes/published.ts";
import { branchRules } from "../shapes/rules.ts";
import { fullRepoShape, repoUrl } from "../shapes/repository.ts";
import { accountOf } from "../store.ts";
import type { Repo, Role } from "../store.ts";

/** The repository, its commits, branches, and who may do what. Contents are in `contents.ts`. */
export const repositoryRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "", needs: reading("metadata"), run: getRepo },
  { kind: "repo", method: "GET", path: "/branches/{branch*}", needs: reading("contents"), run: getBranch },
  { kind: "repo", method: "GET", path: "/compare/{basehead*}", needs: reading("contents"), run: compare },
  {
    kind: "repo",
    method: "GET",
    path: "/collaborators/{login}/permission",
    needs: reading("metadata"),
    run: getPermission,
  },
  { kind: "repo", method: "GET", path: "/commits/{ref*}", needs: reading("contents"), run: getCommit },
];

// the coarse permission that GitHub gives for each role
const PERMISSION: Readonly<Record<Role, "admin" | "write" | "read">> = {
  admin: "admin",
  maintain: "write",
  write: "write",
  triage: "read",
  read: "read",
};

const FILES_OF_A_COMPARISON = 300;

const COMMITS_OF_A_COMPARISON = 250;

function getRepo({ store, repo }: RepoCall): Answer {
  return { status: 200, body: fullRepoShape(store, repo) };
}

async function getBranch(call: RepoCall): Promise<Answer> {
  const { store, repo } = call;
  const name = param(call, "branch");
  const tip = await refTip(repo.git, `refs/heads/${name}`);
  const [commit] = tip === undefined ? [] : await history(repo.git, ["--max-count=1", tip]);
  if (commit === undefined) throw new HttpError(404, "Branch not found");
  const url = `${repoUrl(store, repo)}/branches/${encodeURIComponent(name)}`;
  const protection = {
    enabled: isProtected(call, name),
    required_status_checks: { enforcement_level: "off", contexts: [], checks: [] },
  };
  return {
    status: 200,
    body: {
      name,
      commit: commitShape(store, repo, commit),
      _links: { self: url, html: `${store.origin}/${repo.fullName}/tree/${name}` },
      protected: protection.enabled,
      protection,
      protection_url: `${url}/protection`,
    } satisfies Published<"repos", "getBranch">,
  };
}

function isProtected({ repo }: RepoCall, branch: string): boolean {
  return branchRules(repo, branch).length > 0;
}

async function getCommit(call: RepoCall): Promise<Answer> {
  const { store, repo } = call;
  const ref = param(call, "ref");
  const sha = await resolveCommit(repo.git, ref);
  const [commit] = sha === undefined ? [] : await history(repo.git, ["--max-count=1", sha]);
  if (commit === undefined) throw new HttpError(422, `No commit found for SHA: ${ref}`);
  const files = await filesBetween(call, [commit.parents[0] ?? EMPTY_TREE, commit.sha], commit.sha);
  const additions = files.reduce((total, file) => total + file.additions, 0);
  const deletions = files.reduce((total, file) => total + file.deletions, 0);
  return {
    status: 200,
    body: {
      ...commitShape(store, repo, commit),
      stats: { additions, deletions, total: additions + deletions },
      files,
    } satisfies Published<"repos", "getCommit">,
  };
}

async function compare(call: RepoCall): Promise<Answer> {
  const { store, repo } = call;
  const [base, head, common] = await ends(call);
  const [ahead, behind] = await Promise.all([
    history(repo.git, ["--reverse", `${base}..${head}`]),
    history(repo.git, [`${head}..${base}`]),
  ]);
  const [baseCommit, commonCommit] = await Promise.all([commitAt(repo, base), commitAt(repo, common)]);
  const html = `${store.origin}/${repo.fullName}/compare/${base}...${head}`;
  const url = `${repoUrl(store, repo)}/compare/${base}...${head}`;
  const files = (await filesBetween(call, [common, head], head)).slice(0, FILES_OF_A_COMPARISON);
  const facts = {
    url,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: commitShape(store, repo, baseCommit),
    merge_base_commit: commitShape(store, repo, commonCommit),
    status: comparison(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
  };
  const shape = (commits: readonly Commit[], shown: typeof files) =>
    ({
      ...facts,
      commits: commits.map((commit) => commitShape(store, repo, commit)),
      files: shown,
    }) satisfies Published<"repos", "compareCommitsWithBasehead">;
  const page = call.url.searchParams.get("page");
  if (page === null && !call.url.searchParams.has("per_page")) {
    return { status: 200, body: shape(ahead.slice(0, COMMITS_OF_A_COMPARISON), files) };
  }
  // files come with the first page only
  return paged(call, ahead, (commits) => shape(commits, (page ?? "1") === "1" ? files : []));
}

async function commitAt(repo: Repo, sha: string): Promise<Commit> {
  const [commit] = await history(repo.git, ["--max-count=1", sha]);
  if (commit === undefined) throw notFound();
  return commit;
}

async function ends(call: RepoCall): Promise<readonly [base: string, head: string, common: string]> {
  const { repo } = call;
  const names = param(call, "basehead").split("...");
  const [base, head] = await Promise.all(
    names.map((name) => resolveCommit(repo.git, name.slice(name.indexOf(":") + 1))),
  );
  const common = base === undefined || head === undefined ? undefined : await mergeBase(repo.git, base, head);
  if (names.length !== 2 || base === undefined || head === undefined || common === undefined) throw notFound();
  return [base, head, common];
}

function comparison(ahead: number, behind: number): "identical" | "ahead" | "behind" | "diverged" {
  if (ahead > 0 && behind > 0) return "diverged";
  if (ahead > 0) return "ahead";
  return behind > 0 ? "behind" : "identical";
}

async function filesBetween({ store, repo }: RepoCall, range: readonly string[], ref: string) {
  const [files, texts] = await Promise.all([changedFiles(repo.git, range), patches(repo.git, range)]);
  return files.map((file, at) => fileShape(store, repo, ref, { file, patch: texts[at] }));
}

function getPermission(call: RepoCall): Answer {
  const { store, repo } = call;
  const account = accountOf(store, param(call, "login"));
  if (account === undefined) throw new HttpError(404, `${param(call, "login")} is not a user`);
  const role = repo.roles.get(account.login.toLowerCase());
  const permission = role === undefined ? "none" : PERMISSION[role];
  const flags = {
    admin: role === "admin",
    maintain: role === "admin" || role === "maintain",
    push: permission === "admin" || permission === "write",
    triage: role !== undefined && role !== "read",
    pull: role !== undefined,
  };
  const roleName = role ?? "none";
  const user = {
    ...userShape(store, account),
    url: `${apiUrl(store)}/users/${account.login}`,
    permissions: flags,
    role_name: roleName,
  };
  return {
    status: 200,
    body: { permission, role_name: roleName, user } satisfies Published<"repos", "getCollaboratorPermissionLevel">,
  };
}
