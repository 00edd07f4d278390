/** GitHub's names of the webhooks that an App may be sent and that Tidegate can do something with, and `ping`, which it gets when it is set up. */
const EVENTS: ReadonlySet<string> = new Set([
  "check_run",
  "check_suite",
  "delete",
  "installation",
  "installation_repositories",
  "issue_comment",
  "merge_group",
  "ping",
  "pull_request",
  "pull_request_review",
  "push",
  "repository",
]);

/** A webhook's name as a label: whatever is sent, there are few of them. `none` where the signature was not right. */
export function eventLabel(event: string | undefined): string {
  if (event === undefined) return "none";
  return EVENTS.has(event) ? event : "other";
}
