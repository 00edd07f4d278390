/** A permission of the App's by GitHub's name of it, as its settings page calls it, and the features that need it. */
export type Permission = {
  readonly permission: string;
  readonly level: "read" | "write";
  readonly name: string;
  readonly of: "repository" | "organization";
  readonly why: string;
};

/** An event by GitHub's name of it, and what is noticed at once by it. */
export type Event = { readonly event: string; readonly why: string };

/** What is asked for only where people want what it is for. */
export type Extra = {
  readonly feature: string;
  readonly wanted: string;
  readonly permission: Permission;
  readonly events: readonly Event[];
};

/** Without one of these Tidegate does not work. */
export const NEEDED: readonly Permission[] = [
  {
    permission: "contents",
    level: "write",
    name: "Contents",
    of: "repository",
    why: "reads manifests and configuration; pushes `tidegate/…` branches; merges step pull requests",
  },
  {
    permission: "pull_requests",
    level: "write",
    name: "Pull requests",
    of: "repository",
    why: "opens, merges and closes step pull requests; reads bumps and reviews",
  },
  {
    permission: "issues",
    level: "write",
    name: "Issues",
    of: "repository",
    why: "replies and reactions to commands in comments on pull requests",
  },
  {
    permission: "checks",
    level: "write",
    name: "Checks",
    of: "repository",
    why: "`tidegate/plan`, `tidegate/gate` and `tidegate/policy`, and the buttons on them",
  },
  { permission: "metadata", level: "read", name: "Metadata", of: "repository", why: "GitHub asks it of every App" },
];

/** Without it checks cannot be required of this App alone. */
export const STATUSES: Permission = {
  permission: "statuses",
  level: "write",
  name: "Commit statuses",
  of: "repository",
  why: "none is written: GitHub offers an App as the source of a required check only with it; a target with `observe: reported` reads them",
};

export const DEPLOYMENTS: Permission = {
  permission: "deployments",
  level: "read",
  name: "Deployments",
  of: "repository",
  why: "a target with `observe: reported` and `deployment` reads what Argo CD or Flux reported",
};

export const MEMBERS: Permission = {
  permission: "members",
  level: "read",
  name: "Members",
  of: "organization",
  why: "configuration that lets teams command, in `commands[].allow.teams`, needs to see who is in a team",
};

const MERGE_QUEUES: Permission = {
  permission: "merge_queues",
  level: "read",
  name: "Merge queues",
  of: "repository",
  why: "the default branch has a merge queue: what it tests is answered at once",
};

/** What only some need, by the feature that needs it. */
export const EXTRAS: readonly Extra[] = [
  { feature: "deployments", wanted: "deployments tell what runs", permission: DEPLOYMENTS, events: [] },
  { feature: "teams", wanted: "teams may command", permission: MEMBERS, events: [] },
  {
    feature: "merge-queue",
    wanted: "the default branch has a merge queue",
    permission: MERGE_QUEUES,
    events: [{ event: "merge_group", why: "a merge queue asks for the checks of what it will merge" }],
  },
];

/**
 * What an App subscribes to. Left out is what GitHub sends unasked: check_run and check_suite to whoever may write checks, and installations;
 * and merge_group, which needs a permission of its own for what a sweep finds as well.
 */
export const SUBSCRIBED: readonly Event[] = [
  { event: "push", why: "a bump, a state file or configuration landed" },
  {
    event: "pull_request",
    why: "a bump was opened, and its plan is due; a step was merged, closed or changed by hand",
  },
  { event: "pull_request_review", why: "an approval was given, and a step may merge" },
  { event: "issue_comment", why: "a command was said" },
  { event: "delete", why: "a branch of a step was removed" },
  { event: "repository", why: "a repository was renamed, or its default branch changed" },
];

/** The names of those events. */
export const EVENTS: readonly string[] = SUBSCRIBED.map(({ event }) => event);
