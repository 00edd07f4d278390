import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { pullSize } from "./pull-facts.ts";
import { pullOf } from "./pull-of.ts";
import { headCommit, pushPayload } from "./push-payload.ts";
import type { RefChange } from "./repo.ts";
import { nodeId, userShape } from "./shapes/account.ts";
import { checkShape } from "./shapes/check.ts";
import { commentShape } from "./shapes/comment.ts";
import { installationShape, minimalRepo, organizationShape } from "./shapes/installation.ts";
import { issueShape } from "./shapes/issue.ts";
import { labelShape } from "./shapes/label.ts";
import { pullListShape, pullShape } from "./shapes/pull.ts";
import { repoShape } from "./shapes/repository.ts";
import { reviewShape } from "./shapes/review.ts";
import { installationOf } from "./store.ts";
import type {
  Account,
  Acting,
  CheckRun,
  Comment,
  Installation,
  Pull,
  QueueEntry,
  Repo,
  Review,
  Store,
} from "./store.ts";

// every payload is checked by the compiler against the schema that GitHub publishes
type Payload<Name extends EmitterWebhookEventName> = EmitterWebhookEvent<Name>["payload"];

export type PullAction =
  | { readonly action: "opened" | "reopened" | "closed" | "converted_to_draft" | "ready_for_review" }
  | { readonly action: "enqueued" }
  | { readonly action: "dequeued"; readonly reason: string }
  /** `label` is a name. */
  | { readonly action: "labeled" | "unlabeled"; readonly label: string }
  | { readonly action: "synchronize"; readonly before: string; readonly after: string }
  | { readonly action: "edited"; readonly changes: object };

/** Says that a pull request changed; `pull` is what it is now. */
export function emitPull(acting: Acting, pull: Pull, what: PullAction): void {
  const { store, repo } = acting;
  tell(acting, "pull_request", what.action, async () => {
    const size = await pullSize(repo, pull.base.sha, pull.head.sha);
    const details = { size, mergeability: { kind: "computing" }, blocked: false, comments: 0 } as const;
    const shape = pullShape(store, repo, pull, details);
    const facts = { number: pull.number, pull_request: shape, ...envelope(acting) };
    const said = "label" in what ? { ...what, label: labelShape(store, repo, what.label) } : what;
    return { ...said, ...(facts satisfies Omit<Payload<"pull_request.reopened">, "action">) };
  });
}

/** Says that a branch or a tag moved, was created or was deleted. */
export function emitPush(acting: Acting, change: RefChange): void {
  tell(
    acting,
    "push",
    undefined,
    async () => ({ ...(await pushPayload(acting, change)), ...envelope(acting) }) satisfies Payload<"push">,
  );
}

/** Says that somebody approved a pull request. */
export function emitReview(acting: Acting, review: Review): void {
  const { store, repo } = acting;
  const pull = pullOf(repo, review.number);
  tell(acting, "pull_request_review", "submitted", () => {
    const facts = {
      action: "submitted" as const,
      review: { ...reviewShape(store, repo, review, "approved"), updated_at: null },
      pull_request: { ...pullListShape(store, repo, pull), auto_merge: null },
      ...envelope(acting),
    };
    return facts satisfies Payload<"pull_request_review.submitted">;
  });
}

export type GroupAction =
  | { readonly action: "checks_requested" }
  | { readonly action: "destroyed"; readonly reason: "merged" | "invalidated" | "dequeued" };

/** Says that the merge queue wants checks on a commit, or wants none any more. */
export function emitGroup(acting: Acting, entry: QueueEntry, what: GroupAction): void {
  const { repo } = acting;
  const base_ref = `refs/heads/${repo.defaultBranch}`;
  tell(acting, "merge_group", what.action, async () => {
    const group = { head_sha: entry.head, head_ref: `refs/heads/${entry.branch}`, base_sha: entry.base, base_ref };
    const merge_group = { ...group, head_commit: await headCommit(repo, entry.head) };
    const facts = { merge_group, ...envelope(acting) };
    return { ...what, ...(facts satisfies Omit<Payload<"merge_group.checks_requested">, "action">) };
  });
}

/** Says that the default branch has another name now. */
export function emitRenamed(acting: Acting, from: string): void {
  tell(acting, "repository", "edited", () => {
    const facts = { action: "edited" as const, changes: { default_branch: { from } }, ...envelope(acting) };
    return facts satisfies Payload<"repository.edited">;
  });
}

export type CommentAction =
  | { readonly action: "created" | "deleted" }
  | { readonly action: "edited"; readonly changes: { readonly body: { readonly from: string } } };

/** Says that somebody wrote, changed or removed a comment. */
export function emitComment(acting: Acting, comment: Comment, what: CommentAction): void {
  const { store, repo } = acting;
  const pull = pullOf(repo, comment.number);
  tell(acting, "issue_comment", what.action, () => {
    const facts = {
      issue: issueShape(store, repo, pull),
      comment: commentShape(store, repo, comment),
      ...envelope(acting),
    };
    return { ...what, ...(facts satisfies Omit<Payload<"issue_comment.created">, "action">) };
  });
}

export type CheckAction =
  | { readonly action: "created" | "completed" | "rerequested" }
  | { readonly action: "requested_action"; readonly requested_action: { readonly identifier: string } };

/** Says that a check run changed or that somebody pressed one of its buttons. */
export function emitCheck(acting: Acting, run: CheckRun, what: CheckAction): void {
  const { store, repo } = acting;
  // buttons and re-runs are told only to the App that owns the check
  if (run.app.id !== store.app.id && (what.action === "rerequested" || what.action === "requested_action")) return;
  tell(acting, "check_run", what.action, () => {
    const facts = { check_run: checkRunShape(store, repo, run), ...envelope(acting) };
    return { ...what, ...(facts satisfies Omit<Payload<"check_run.completed">, "action">) };
  });
}

/** Says that the App was installed on an account, with its first repository. */
export function emitInstallation(store: Store, installation: Installation, repo: Repo): void {
  store.hook.emit("installation", "created", (): Payload<"installation.created"> => ({
    action: "created",
    installation: installationShape(store, installation),
    repositories: [minimalRepo(repo)],
    requester: null,
    sender: userShape(store, installation.account),
  }));
}

/** Says that an installation reaches one more repository. */
export function emitRepositoryAdded(store: Store, installation: Installation, repo: Repo): void {
  store.hook.emit("installation_repositories", "added", (): Payload<"installation_repositories.added"> => ({
    action: "added",
    installation: installationShape(store, installation),
    repository_selection: "all",
    repositories_added: [minimalRepo(repo)],
    repositories_removed: [],
    requester: null,
    sender: userShape(store, installation.account),
  }));
}

/** Says that an account suspended the App, or let it go on. */
export function emitSuspension(store: Store, installation: Installation, by: Account): void {
  const action = installation.suspended === undefined ? "unsuspend" : "suspend";
  store.hook.emit("installation", action, () => {
    const facts = { installation: installationShape(store, installation), sender: userShape(store, by) };
    return { action, ...(facts satisfies Omit<Payload<"installation.created">, "action">) };
  });
}

type Told = () => Promise<object> | object;

// an App hears what it subscribes to, and nothing of an account that has suspended it
function tell({ store, repo }: Acting, event: string, action: string | undefined, payload: Told): void {
  if (!store.app.events.includes(event) || installationOf(store, repo)?.suspended !== undefined) return;
  store.hook.emit(event, action, payload);
}

function envelope({ store, repo, by }: Acting) {
  const installation = installationOf(store, repo);
  const id = installation?.id ?? 0;
  return {
    repository: repoShape(store, repo),
    organization: organizationShape(store, repo.owner),
    sender: userShape(store, by),
    installation: { id, node_id: nodeId("Integration", id) },
  };
}

function checkRunShape(store: Store, repo: Repo, run: CheckRun) {
  const shape = checkShape(store, repo, run);
  const suite = {
    id: run.suite,
    head_branch: null,
    head_sha: run.headSha,
    status: shape.status,
    conclusion: shape.conclusion,
    app: shape.app,
    pull_requests: shape.pull_requests,
  };
  return { ...shape, check_suite: suite };
}
