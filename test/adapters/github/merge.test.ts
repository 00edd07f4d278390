import type nock from "nock";
import { afterEach, beforeAll, expect, it } from "vitest";

import {
  HEAD,
  LANDED,
  nockedForge,
  OTHER,
  PATH,
  pullJson,
  type NockedForge,
  strictly,
} from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const MESSAGE = { title: "checkout 5% → 25%", body: "why" };
const MERGE = `${PATH}/pulls/7/merge`;
const PULL = `${PATH}/pulls/7`;
const settings = (changes: Record<string, unknown> = {}) => ({
  default_branch: "main",
  allow_squash_merge: true,
  allow_merge_commit: true,
  allow_rebase_merge: true,
  ...changes,
});
const merged = pullJson({ merged: true, state: "closed", merge_commit_sha: LANDED });
const moved = { head: { ref: "tidegate/checkout", sha: OTHER, repo: { id: 1 } } };
const merge = ({ forge }: NockedForge) => forge.mergePull(7, HEAD, MESSAGE, "step");

it.each([
  ["squash where all are allowed", {}, "squash"],
  ["merge where squash is not", { allow_squash_merge: false }, "merge"],
  ["rebase where it alone is", { allow_squash_merge: false, allow_merge_commit: false }, "rebase"],
  [
    "squash where GitHub does not say",
    { allow_squash_merge: undefined, allow_merge_commit: undefined, allow_rebase_merge: undefined },
    "squash",
  ],
])("merges by %s, pinned to the head", async (_, changes, method) => {
  const bench = nockedForge();
  bench.github.get(PATH).reply(200, settings(changes));
  const wanted = { sha: HEAD, merge_method: method, commit_title: MESSAGE.title, commit_message: MESSAGE.body };
  bench.github.put(MERGE, wanted).reply(200, { merged: true, sha: LANDED, message: "ok" });
  expect(await merge(bench)).toEqual({ kind: "merged", sha: LANDED });
});

it("is refused where the repository allows no method", async () => {
  const bench = nockedForge();
  bench.github
    .get(PATH)
    .reply(200, settings({ allow_squash_merge: false, allow_merge_commit: false, allow_rebase_merge: false }));
  expect(await merge(bench)).toMatchObject({ kind: "refused" });
});

const NOT_MERGEABLE = "Pull Request is not mergeable";
const BASE_MODIFIED = "Base branch was modified. Review and try the merge again.";
const REVIEW = "At least 1 approving review is required by reviewers with write access.";

it.each<[string, number, string, Record<string, unknown>, object]>([
  ["409 is moved", 409, "Head branch was modified. Review and try the merge again.", moved, { kind: "moved" }],
  ["409 is moved even where the read is behind", 409, "Head branch was modified.", {}, { kind: "moved" }],
  [
    "409 on what is merged already is merged",
    409,
    "Head branch was modified.",
    merged,
    { kind: "merged", sha: LANDED },
  ],
  [
    "405 for the base is unknown, the next look will tell",
    405,
    BASE_MODIFIED,
    {},
    { kind: "unknown", reason: BASE_MODIFIED },
  ],
  ["405 for the base, merged after all", 405, BASE_MODIFIED, merged, { kind: "merged", sha: LANDED }],
  ["405 for a conflict", 405, NOT_MERGEABLE, { mergeable: false, mergeable_state: "dirty" }, { kind: "conflict" }],
  [
    "405 while GitHub does not know yet",
    405,
    NOT_MERGEABLE,
    { mergeable: null, mergeable_state: "unknown" },
    { kind: "unknown", reason: NOT_MERGEABLE },
  ],
  [
    "405 for what blocks it",
    405,
    NOT_MERGEABLE,
    { mergeable: true, mergeable_state: "blocked" },
    { kind: "refused", reason: NOT_MERGEABLE },
  ],
  [
    "405 for a rule, in GitHub's words",
    405,
    REVIEW,
    { mergeable_state: "blocked" },
    { kind: "refused", reason: REVIEW },
  ],
  [
    "405 for a missing check, while mergeability is unknown",
    405,
    'Required status check "tidegate/gate" is expected.',
    { mergeable: null },
    { kind: "refused", reason: 'Required status check "tidegate/gate" is expected.' },
  ],
  [
    "405 for a method that is not allowed",
    405,
    "Squash merges are not allowed on this repository.",
    {},
    { kind: "refused", reason: "Squash merges are not allowed on this repository." },
  ],
  ["405 on a head that moved meanwhile is moved", 405, NOT_MERGEABLE, moved, { kind: "moved" }],
  ["405 on another head that was merged is moved", 405, NOT_MERGEABLE, { ...merged, ...moved }, { kind: "moved" }],
  [
    "405 on a closed pull request is refused",
    405,
    NOT_MERGEABLE,
    { state: "closed" },
    { kind: "refused", reason: "The pull request is closed." },
  ],
  ["422 is refused", 422, "Validation Failed", {}, { kind: "refused", reason: "Validation Failed" }],
  [
    "403 is refused",
    403,
    "Resource not accessible by integration",
    {},
    { kind: "refused", reason: "Resource not accessible by integration" },
  ],
  ["404 is refused", 404, "Not Found", {}, { kind: "refused", reason: "Not Found" }],
  ["5xx before the effect is unknown", 502, "Bad gateway", {}, { kind: "unknown", reason: "Bad gateway" }],
  ["5xx after the effect is merged", 502, "Bad gateway", merged, { kind: "merged", sha: LANDED }],
  ["5xx after another head was merged is moved", 500, "Oops", { ...merged, ...moved }, { kind: "moved" }],
])("%s", async (...[, status, message, changes, outcome]) => {
  const bench = nockedForge();
  bench.github.get(PATH).reply(200, settings());
  bench.github.put(MERGE).reply(status, { message });
  bench.github.get(PULL).reply(200, pullJson(changes));
  expect(await merge(bench)).toEqual(outcome);
});

it.each([
  ["the connection broke", (on: nock.Interceptor) => on.replyWithError("socket hang up")],
  [
    "the answer broke off",
    (on: nock.Interceptor) => on.reply(200, '{"merged": tr', { "content-type": "application/json" }),
  ],
])("looks once when %s: merged, or unknown", async (_, fail) => {
  const bench = nockedForge();
  bench.github.get(PATH).times(2).reply(200, settings());
  fail(bench.github.put(MERGE));
  bench.github.get(PULL).reply(200, merged);
  expect(await merge(bench)).toEqual({ kind: "merged", sha: LANDED });
  fail(bench.github.put(MERGE));
  bench.github.get(PULL).reply(200, pullJson());
  expect(await merge(bench)).toMatchObject({ kind: "unknown" });
});

it("is unknown where the look fails as well", async () => {
  const bench = nockedForge();
  bench.github.get(PATH).reply(200, settings());
  bench.github.put(MERGE).reply(502, { message: "Bad gateway" });
  bench.github.get(PULL).times(3).reply(502, { message: "Bad gateway" });
  expect(await merge(bench)).toEqual({ kind: "unknown", reason: "Bad gateway" });
});

it("is unknown where GitHub says neither yes nor no", async () => {
  const bench = nockedForge();
  bench.github.get(PATH).reply(200, settings());
  bench.github.put(MERGE).reply(200, { merged: false, message: "Queued" });
  expect(await merge(bench)).toEqual({ kind: "unknown", reason: "Queued" });
});

it("throws a refusal for the rate that lasts: nothing was done", async () => {
  const bench = nockedForge();
  bench.github.get(PATH).reply(200, settings());
  bench.github
    .put(MERGE)
    .reply(403, { message: "You have exceeded a secondary rate limit." }, { "retry-after": "900" });
  await expect(merge(bench)).rejects.toMatchObject({ fault: "throttled" });
});
