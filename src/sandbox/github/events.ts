import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { history } from "./history.ts";
import type { Commit } from "./history.ts";
import { NO_SHA } from "./repo.ts";
import type { RefChange } from "./repo.ts";
import { appShape, nodeId, userShape } from "./shapes/account.ts";
import { checkShape } from "./shapes/check.ts";
import { commentShape } from "./shapes/comment.ts";
import { noreplyEmail } from "./shapes/commit.ts";
import { association, pullHtmlUrl, pullShape } from "./shapes/pull.ts";
import { repoShape, repoUrl } from "./shapes/repository.ts";
import { pullDetails } from "./pull-facts.ts";
import { installationOf, timestamp } from "./store.ts";
import type { Account, CheckRun, Comment, Installation, Pull, Repo, Store } from "./store.ts";

type Payload<Name extends EmitterWebhookEventName> = EmitterWebhookEvent<Name>["payload"];

export type PullAction =
  | { readonly action: "opened" | "reopened" | "closed" }
  | { readonly action: "synchronize"; readonly before: string; readonly after: string }
  | { readonly action: "edited"; readonly changes: object };

/** Says that a pull request changed; `pull` is what it is now. */
export function emitPull(store: Store, repo: Repo, by: Account, pull: Pull, what: PullAction): void {
  store.hook.emit("pull_request", what.action, async () => {
    const shape = pullShape(store, repo, pull, await pullDetails(repo, pull));
    return { ...what, number: pull.number, pull_request: { ...shape, ...mergeRules(repo) }, ...envelope(store, repo, by) };
  });
}

/** Says that a branch or a tag moved, was created or was deleted. */
export function emitPush(store: Store, repo: Repo, by: Account, change: RefChange): void {
  store.hook.emit("push", undefined, () => pushPayload(store, repo, by, change));
}

/** Says that somebody wrote, changed or removed a comment; `from` is the text before an edit. */
export function emitComment(store: Store, repo: Repo, by: Account, comment: Comment, what: { readonly action: "created" | "edited" | "deleted"; readonly from?: string }): void {
  const changes = what.from === undefined ? {} : { changes: { body: { from: what.from } } };
  store.hook.emit("issue_comment", what.action, () => ({
    action: what.action,
    ...changes,
    issue: issueShape(store, repo, comment.number),
    comment: commentShape(store, repo, comment),
    ...envelope(store, repo, by),
  }));
}

export type CheckEvent =
  | { readonly action: "created" | "completed" | "rerequested" }
  | { readonly action: "requested_action"; readonly requested_action: { readonly identifier: string } };

/** Says that a check run changed or that somebody pressed one of its buttons. */
export function emitCheck(store: Store, repo: Repo, by: Account, run: CheckRun, what: CheckEvent): void {
  // buttons and re-runs are told only to the App that owns the check
  if (run.app.id !== store.app.id && (what.action === "rerequested" || what.action === "requested_action")) return;
  store.hook.emit("check_run", what.action, () => ({ ...what, check_run: checkRunShape(store, repo, run), ...envelope(store, repo, by) }));
}

/** Says that the App was installed on an account, with its first repository. */
export function emitInstallation(store: Store, installation: Installation, repo: Repo): void {
  store.hook.emit("installation", "created", () => ({
    action: "created",
    installation: installationShape(store, installation),
    repositories: [minimalRepo(repo)],
    requester: null,
    sender: userShape(store, installation.account),
  }));
}

/** Says that an installation reaches one more repository. */
export function emitRepositoryAdded(store: Store, installation: Installation, repo: Repo): void {
  store.hook.emit("installation_repositories", "added", () => ({
    action: "added",
    installation: installationShape(store, installation),
    repository_selection: "all",
    repositories_added: [minimalRepo(repo)],
    repositories_removed: [],
    requester: null,
    sender: userShape(store, installation.account),
  }));
}

/** An installation of the App, in webhooks and at `GET /app/installations`. */
export function installationShape(store: Store, { id, account, createdAt }: Installation) {
  return {
    id,
    account: userShape(store, account),
    repository_selection: "all" as const,
    access_tokens_url: `${store.origin}/api/v3/app/installations/${id}/access_tokens`,
    repositories_url: `${store.origin}/api/v3/installation/repositories`,
    html_url: `${store.origin}/organizations/${account.login}/settings/installations/${id}`,
    app_id: store.app.id,
    client_id: store.app.clientId,
    app_slug: store.app.slug,
    target_id: account.id,
    target_type: "Organization",
    permissions: { ...store.app.permissions },
    events: appShape(store, store.app).events,
    created_at: timestamp(createdAt),
    updated_at: timestamp(createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

function envelope(store: Store, repo: Repo, by: Account) {
  const installation = installationOf(store, repo);
  const id = installation?.id ?? 0;
  return {
    repository: repoShape(store, repo),
    organization: organizationShape(store, repo.owner),
    sender: userShape(store, by),
    installation: { id, node_id: nodeId("Integration", id) },
  };
}

function organizationShape(store: Store, { id, login }: Account) {
  const url = `${store.origin}/api/v3/orgs/${login}`;
  return {
    login,
    id,
    node_id: nodeId("Organization", id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${store.origin}/avatars/${id}`,
    description: null,
  };
}

function mergeRules({ settings: { current } }: Repo) {
  return {
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: current.deletesBranchOnMerge,
    merge_commit_message: "PR_TITLE",
    merge_commit_title: "MERGE_MESSAGE",
    squash_merge_commit_message: "COMMIT_MESSAGES",
    squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
    use_squash_pr_title_as_default: false,
  } as const;
}

function minimalRepo({ id, name, fullName }: Repo) {
  return { id, node_id: nodeId("Repository", id), name, full_name: fullName, private: true };
}

async function pushPayload(store: Store, repo: Repo, by: Account, { ref, before, after }: RefChange) {
  const range = before === NO_SHA ? [after, `^refs/heads/${repo.defaultBranch}`] : [`${before}..${after}`];
  const commits = after === NO_SHA ? [] : (await history(repo.git, ["--max-count=2048", ...range])).toReversed();
  const [head] = after === NO_SHA ? [] : await history(repo.git, ["--max-count=1", after]);
  const lost = before === NO_SHA || after === NO_SHA ? [] : await history(repo.git, ["--max-count=1", `${after}..${before}`]);
  const html = `${store.origin}/${repo.fullName}`;
  return {
    ref,
    before,
    after,
    base_ref: null,
    created: before === NO_SHA,
    deleted: after === NO_SHA,
    forced: lost.length > 0,
    compare: before === NO_SHA ? `${html}/commit/${after.slice(0, 12)}` : `${html}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: commits.map((commit) => pushedCommit(html, commit)),
    head_commit: head === undefined ? null : pushedCommit(html, head),
    pusher: { name: by.login, email: noreplyEmail(by) },
    ...envelope(store, repo, by),
  };
}

function pushedCommit(html: string, { sha, tree, message, author, committer, files }: Commit) {
  const changed = (status: string) => files.filter((file) => file.status === status).map(({ path }) => path);
  return {
    id: sha,
    tree_id: tree,
    distinct: true,
    message,
    timestamp: committer.date,
    url: `${html}/commit/${sha}`,
    author: { ...author, username: author.name },
    committer: { ...committer, username: committer.name },
    added: changed("added"),
    removed: changed("removed"),
    modified: changed("modified"),
  };
}

function checkRunShape(store: Store, repo: Repo, run: CheckRun) {
  const shape = checkShape(store, repo, run);
  const suite = { id: run.suite, head_branch: null, head_sha: run.headSha, status: shape.status, conclusion: shape.conclusion, app: shape.app, pull_requests: shape.pull_requests };
  return { ...shape, check_suite: suite };
}

function issueShape(store: Store, repo: Repo, number: number) {
  const pull = repo.pulls.get(number);
  const url = `${repoUrl(store, repo)}/issues/${number}`;
  const html = pullHtmlUrl(store, repo, number);
  const author = pull?.author ?? repo.owner;
  return {
    id: pull?.id ?? number,
    node_id: nodeId("Issue", pull?.id ?? number),
    number,
    url,
    html_url: html,
    repository_url: repoUrl(store, repo),
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    labels_url: `${url}/labels{/name}`,
    title: pull?.title ?? "",
    body: pull?.body ?? null,
    state: pull === undefined || pull.state.kind === "open" ? "open" : "closed",
    user: userShape(store, author),
    author_association: association(repo, author),
    labels: [],
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: [...repo.comments.values()].filter((comment) => comment.number === number).length,
    created_at: timestamp(pull?.createdAt ?? 0),
    updated_at: timestamp(pull?.updatedAt ?? 0),
    closed_at: pull === undefined || pull.state.kind === "open" ? null : timestamp(pull.state.at),
    draft: pull?.draft ?? false,
    pull_request: { url: `${repoUrl(store, repo)}/pulls/${number}`, html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch`, merged_at: null },
  };
}

// the compiler's proof that what is emitted has the shape GitHub publishes
export type Emitted = {
  readonly push: Payload<"push">;
  readonly pull: Payload<"pull_request.opened">;
};
