import type { Fault } from "./faults.ts";

export type FaultName =
  | "expiredToken"
  | "forbidden"
  | "primaryLimit"
  | "secondaryLimit"
  | "secondaryLimitBare"
  | "tooMany"
  | "tooManyBare"
  | "contentLimit"
  | "renamed"
  | "notMergeable"
  | "baseModified"
  | "conflict"
  | "unprocessable"
  | "errorBefore"
  | "errorAfter"
  | "unavailable"
  | "timeoutBefore"
  | "timeoutAfter"
  | "truncatedList"
  | "staleRead"
  | "mergeableNull"
  | "graphqlErrors";

export type CatalogueEntry = {
  readonly name: FaultName;
  readonly when: "before" | "after";
  /** The requests that GitHub can answer so. */
  readonly on: "any" | "read" | "write" | "merge" | "nothing";
  /** How the sandbox sends it. */
  readonly http: Fault | "custom";
  readonly why: string;
};

const RATE_DOCS = "rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits";

const SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

const MERGE_DOCS = "rest/pulls/pulls#merge-a-pull-request";

/** Every way in which GitHub fails a caller, in the words and headers that it sends; the one list for stories and for the model world. */
export const FAULTS: readonly CatalogueEntry[] = [
  {
    name: "expiredToken",
    when: "before",
    on: "any",
    http: refusal(401, "Bad credentials"),
    why: "An installation token lives for an hour, and may end between two requests.",
  },
  {
    name: "forbidden",
    when: "before",
    on: "any",
    http: refusal(403, "Resource not accessible by integration"),
    why: "Somebody took a permission from the installation.",
  },
  {
    name: "primaryLimit",
    when: "before",
    on: "any",
    http: {
      ...refusal(403, "API rate limit exceeded for installation.", "rest/overview/rate-limits-for-the-rest-api"),
      exhaustedMs: 60_000,
    },
    why: "The hour's requests are used up: nothing remains until the reset.",
  },
  {
    name: "secondaryLimit",
    when: "before",
    on: "any",
    http: { ...refusal(403, SECONDARY, RATE_DOCS), headers: { "retry-after": "60" } },
    why: "Too many requests at once or in a minute; GitHub says how long to wait.",
  },
  {
    name: "secondaryLimitBare",
    when: "before",
    on: "any",
    http: refusal(403, SECONDARY, RATE_DOCS),
    why: "The same without a word on how long: a minute at least, and longer each time.",
  },
  {
    name: "tooMany",
    when: "before",
    on: "any",
    http: { ...refusal(429, SECONDARY, RATE_DOCS), headers: { "retry-after": "60" } },
    why: "GitHub gives 429 as well as 403 for its limits.",
  },
  {
    name: "tooManyBare",
    when: "before",
    on: "any",
    http: refusal(429, "Too Many Requests"),
    why: "GitHub's edge refuses before the API is reached, and says nothing more.",
  },
  {
    name: "contentLimit",
    when: "before",
    on: "write",
    http: refusal(
      403,
      "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.",
      RATE_DOCS,
    ),
    why: "More than 80 pull requests, comments or merges in a minute, or 500 in an hour; people's own count too.",
  },
  {
    name: "renamed",
    when: "before",
    on: "any",
    http: refusal(404, "Not Found"),
    why: "The repository has another name or another owner now, or the App may no longer see it.",
  },
  {
    name: "notMergeable",
    when: "before",
    on: "merge",
    http: refusal(405, "Pull Request is not mergeable", MERGE_DOCS),
    why: "A conflict, a closed pull request, or mergeability not worked out yet: the same words for all of them.",
  },
  {
    name: "baseModified",
    when: "before",
    on: "merge",
    http: refusal(405, "Base branch was modified. Review and try the merge again.", MERGE_DOCS),
    why: "Something else landed at the same moment; 405 too, though trying again helps.",
  },
  {
    name: "conflict",
    when: "before",
    on: "write",
    http: refusal(409, "Head branch was modified. Review and try the merge again.", MERGE_DOCS),
    why: "The head is not the one that was judged, or two writes met.",
  },
  {
    name: "unprocessable",
    when: "before",
    on: "write",
    http: refusal(422, "Validation Failed"),
    why: "What is asked for exists already, or breaks a rule that the caller could not see.",
  },
  {
    name: "errorBefore",
    when: "before",
    on: "any",
    http: refusal(502, "Server Error"),
    why: "GitHub failed, and nothing was done.",
  },
  {
    name: "errorAfter",
    when: "after",
    on: "write",
    http: { kind: "respond", when: "after", status: 502, message: "Server Error" },
    why: "GitHub failed when it had done what was asked.",
  },
  {
    name: "unavailable",
    when: "before",
    on: "any",
    http: refusal(503, "No server is currently available to service your request."),
    why: "GitHub is down or being deployed.",
  },
  {
    name: "timeoutBefore",
    when: "before",
    on: "any",
    http: { kind: "drop", when: "before" },
    why: "The connection ended before GitHub did anything.",
  },
  {
    name: "timeoutAfter",
    when: "after",
    on: "write",
    http: { kind: "drop", when: "after" },
    why: "The connection ended after GitHub had done what was asked.",
  },
  {
    name: "truncatedList",
    when: "after",
    on: "read",
    http: { kind: "breakOff" },
    why: "The body of an answer breaks off; half a list must not be taken for all of it.",
  },
  {
    name: "staleRead",
    when: "after",
    on: "read",
    http: { kind: "stale" },
    why: "A replica answers as of a moment ago: what was just written is not there.",
  },
  {
    name: "mergeableNull",
    when: "before",
    on: "merge",
    http: { kind: "mergeableNull" },
    why: "GitHub does not work out the test merge; the pull request reads mergeable null, and its merge is refused.",
  },
  {
    name: "graphqlErrors",
    when: "before",
    on: "nothing",
    http: "custom",
    why: "GraphQL answers 200 with errors in the body; nothing here speaks GraphQL, so no request can meet it.",
  },
];

function refusal(status: number, message: string, docs?: string) {
  return { kind: "respond", when: "before", status, message, ...(docs === undefined ? {} : { docs }) } as const;
}
