import nock from "nock";

import type { Limits } from "../../src/adapters/github/budget.ts";
import { githubForge } from "../../src/adapters/github/forge.ts";
import type { Transport } from "../../src/adapters/github/transport.ts";
import { limiter } from "../../src/adapters/github/limiter.ts";
import { repoName, sha } from "../../src/core/names.ts";
import type { ForgeReader, ForgeWriter } from "../../src/ports/forge.ts";
import { hastyClock } from "./fake-clock.ts";
import { memoryLog } from "./remote.ts";

export const API = "https://api.github.test";
export const PATH = "/repos/acme/gitops";
export const NOON = Date.UTC(2026, 10, 20, 12);
export const BOT = "tidegate[bot]";
export const APP_ID = 4242;
export const HEAD = sha("a".repeat(40));
export const LANDED = sha("b".repeat(40));
export const OTHER = sha("c".repeat(40));

export type NockedForge = {
  readonly forge: ForgeReader & ForgeWriter;
  readonly github: nock.Scope;
  readonly clock: ReturnType<typeof hastyClock>;
  readonly log: ReturnType<typeof memoryLog>;
  /** What was refused before each token was given. */
  readonly refusals: readonly (string | undefined)[];
};

/** A forge over answers that a test sets out, on a clock whose sleeps pass at once. */
export function nockedForge({
  timeoutMs = 20_000,
  limits = {},
  ...seen
}: { readonly timeoutMs?: number; readonly limits?: Partial<Limits> } & Pick<
  Transport,
  "because" | "telemetry"
> = {}): NockedForge {
  const clock = hastyClock(NOON);
  const log = memoryLog();
  const refusals: (string | undefined)[] = [];
  const forge = githubForge({
    repo: repoName("acme/gitops"),
    baseUrl: API,
    identity: async () => ({ id: APP_ID, login: BOT }),
    transport: {
      ...seen,
      clock,
      log,
      timeoutMs,
      limiter: limiter({ clock, limits: { minWriteGapMs: 0, ...limits } }),
      authorise: async (refused) => {
        refusals.push(refused);
        return refused === undefined ? "token first" : "token second";
      },
    },
  });
  return { forge, github: nock(API), clock, log, refusals };
}

/** For use before and after the tests of a file: no request leaves the process, and every answer that was set out must have been asked for. */
export const strictly = {
  before: () => nock.disableNetConnect(),
  after: () => {
    const unused = nock.pendingMocks();
    nock.cleanAll();
    if (unused.length > 0) throw new Error(`Never asked for: ${unused.join(", ")}`);
  },
};

/** What the forge reads of a user. */
export const user = (login: string) => ({ login, type: login.endsWith("[bot]") ? "Bot" : "User" });

/** What the forge reads of a pull request, with changes. */
export function pullJson(changes: Record<string, unknown> = {}) {
  return {
    number: 7,
    title: "checkout 5% → 25%",
    body: "why",
    state: "open",
    merged: false,
    merge_commit_sha: null,
    mergeable: true,
    mergeable_state: "clean",
    user: user(BOT),
    head: { ref: "tidegate/checkout", sha: HEAD, repo: { id: 1 } },
    base: { ref: "main", repo: { id: 1 } },
    draft: false,
    labels: [],
    ...changes,
  };
}

/** What the forge reads of a check run, with changes. */
export function runJson(changes: Record<string, unknown> = {}) {
  return {
    id: 11,
    name: "tidegate/gate",
    head_sha: HEAD,
    external_id: "e1",
    status: "completed",
    conclusion: "success",
    output: { title: "Passed" },
    app: { id: APP_ID },
    ...changes,
  };
}

/** What the forge reads of a comment, with changes. */
export function commentJson(changes: Record<string, unknown> = {}) {
  const at = new Date(NOON).toISOString();
  return {
    id: 21,
    issue_url: `${API}${PATH}/issues/7`,
    user: user("ana"),
    created_at: at,
    updated_at: at,
    body: "/hold",
    reactions: { total_count: 0 },
    ...changes,
  };
}
