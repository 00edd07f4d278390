import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Account, Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { apiUrl, nodeId, userShape } from "./account.ts";

export type RepoShape = RestEndpointMethodTypes["pulls"]["get"]["response"]["data"]["base"]["repo"];
export type FullRepoShape = RestEndpointMethodTypes["repos"]["get"]["response"]["data"];

/** The API address of a repository. */
export function repoUrl(store: Pick<Store, "origin">, { fullName }: Pick<Repo, "fullName">): string {
  return `${apiUrl(store)}/repos/${fullName}`;
}

/** A repository as it stands inside pull requests and webhooks; `fork`: that account's copy of it. */
export function repoShape(store: Store, repo: Repo, fork?: Account) {
  const owner = fork ?? repo.owner;
  const fullName = `${owner.login}/${repo.name}`;
  const html = `${store.origin}/${fullName}`;
  const id = fork === undefined ? repo.id : repo.id * 1_000_000 + fork.id;
  return {
    id,
    node_id: nodeId("Repository", id),
    name: repo.name,
    full_name: fullName,
    private: true,
    owner: userShape(store, owner),
    html_url: html,
    description: null,
    fork: fork !== undefined,
    url: repoUrl(store, { fullName }),
    ...linksOf(repoUrl(store, { fullName })),
    git_url: `${html.replace(/^http/, "git")}.git`,
    ssh_url: `git@sandbox:${fullName}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    created_at: timestamp(repo.createdAt),
    updated_at: timestamp(repo.createdAt),
    pushed_at: timestamp(repo.createdAt),
    default_branch: repo.defaultBranch,
    open_issues_count: [...repo.pulls.values()].filter(({ state }) => state.kind === "open").length,
    ...QUIET,
    ...mergeSettings(repo),
  } satisfies RepoShape;
}

/** A repository as `GET /repos/{owner}/{repo}` gives it. */
export function fullRepoShape(store: Store, repo: Repo): FullRepoShape {
  const shape = repoShape(store, repo);
  return {
    ...shape,
    open_issues: shape.open_issues_count,
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
    network_count: 0,
    subscribers_count: 0,
  };
}

// what this GitHub has none of
const QUIET = {
  mirror_url: null,
  homepage: null,
  language: null,
  license: null,
  forks: 0,
  forks_count: 0,
  stargazers_count: 0,
  watchers: 0,
  watchers_count: 0,
  open_issues: 0,
  size: 0,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
  has_issues: true,
  has_projects: false,
  has_wiki: false,
  has_pages: false,
  has_downloads: false,
  has_discussions: false,
  archived: false,
  disabled: false,
  visibility: "private" as const,
  allow_forking: true,
};

function mergeSettings({ settings: { current } }: Repo) {
  return {
    allow_merge_commit: current.mergeMethods.includes("merge"),
    allow_squash_merge: current.mergeMethods.includes("squash"),
    allow_rebase_merge: current.mergeMethods.includes("rebase"),
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: current.deletesBranchOnMerge,
  };
}

// the addresses that GitHub lists with every repository, as URI templates
function linksOf(base: string) {
  return {
    archive_url: `${base}/{archive_format}{/ref}`,
    assignees_url: `${base}/assignees{/user}`,
    blobs_url: `${base}/git/blobs{/sha}`,
    branches_url: `${base}/branches{/branch}`,
    collaborators_url: `${base}/collaborators{/collaborator}`,
    comments_url: `${base}/comments{/number}`,
    commits_url: `${base}/commits{/sha}`,
    compare_url: `${base}/compare/{base}...{head}`,
    contents_url: `${base}/contents/{+path}`,
    contributors_url: `${base}/contributors`,
    deployments_url: `${base}/deployments`,
    downloads_url: `${base}/downloads`,
    events_url: `${base}/events`,
    forks_url: `${base}/forks`,
    git_commits_url: `${base}/git/commits{/sha}`,
    git_refs_url: `${base}/git/refs{/sha}`,
    git_tags_url: `${base}/git/tags{/sha}`,
    hooks_url: `${base}/hooks`,
    issue_comment_url: `${base}/issues/comments{/number}`,
    issue_events_url: `${base}/issues/events{/number}`,
    issues_url: `${base}/issues{/number}`,
    keys_url: `${base}/keys{/key_id}`,
    labels_url: `${base}/labels{/name}`,
    languages_url: `${base}/languages`,
    merges_url: `${base}/merges`,
    milestones_url: `${base}/milestones{/number}`,
    notifications_url: `${base}/notifications{?since,all,participating}`,
    pulls_url: `${base}/pulls{/number}`,
    releases_url: `${base}/releases{/id}`,
    stargazers_url: `${base}/stargazers`,
    statuses_url: `${base}/statuses/{sha}`,
    subscribers_url: `${base}/subscribers`,
    subscription_url: `${base}/subscription`,
    tags_url: `${base}/tags`,
    teams_url: `${base}/teams`,
    trees_url: `${base}/git/trees{/sha}`,
  };
}
