import { mayHoldCommand } from "../core/command-lines.ts";
import type { Because } from "../ports/queue.ts";
import { field } from "./field.ts";

/** Events of which each webhook is one look at the repository that it names, or nothing. Nearly all that GitHub sends are of these. */
export const PLAIN_EVENTS = [
  "push",
  "delete",
  "pull_request",
  "merge_group",
  "check_suite",
  "repository",
  "issue_comment",
] as const;

export type PlainEvent = (typeof PLAIN_EVENTS)[number];

export function isPlain(event: string): event is PlainEvent {
  return Object.hasOwn(REASONS, event);
}

/** Why a webhook asks for a look; undefined where it asks for none. Believes no field of the payload before it was looked at. */
export function reasonFor(event: PlainEvent, payload: object, appId: number): Because | undefined {
  return REASONS[event](payload, appId);
}

type Reason = (payload: object, appId: number) => Because | undefined;

const PULL_ACTIONS = [
  "opened",
  "synchronize",
  "closed",
  "reopened",
  "edited",
  "ready_for_review",
  "converted_to_draft",
  "labeled",
  "unlabeled",
];

const REASONS: Readonly<Record<PlainEvent, Reason>> = {
  push: (payload) => (isBranch(field(payload, "ref")) ? "news" : undefined),
  delete: (payload) => (field(payload, "ref_type") === "branch" ? "news" : undefined),
  pull_request: forActions(PULL_ACTIONS, "news"),
  merge_group: forActions(["checks_requested"], "news"),
  // A button of GitHub's own.
  check_suite: forActions(["rerequested"], "person"),
  // The default branch, or the name.
  repository: forActions(["edited", "renamed"], "news"),
  issue_comment: commented,
};

function isBranch(ref: unknown): boolean {
  return typeof ref === "string" && ref.startsWith("refs/heads/");
}

function forActions(actions: readonly unknown[], because: Because): Reason {
  return (payload) => (actions.includes(field(payload, "action")) ? because : undefined);
}

// Our own words are no news, and commands are heard on pull requests only.
function commented(payload: object, appId: number): Because | undefined {
  const comment = field(payload, "comment");
  const isOurs = field(field(comment, "performed_via_github_app"), "id") === appId;
  const isOnPull = field(field(payload, "issue"), "pull_request") !== undefined;
  if (field(payload, "action") !== "created" || isOurs || !isOnPull) return undefined;
  const body = field(comment, "body");
  return typeof body === "string" && mayHoldCommand(body) ? "person" : "news";
}
