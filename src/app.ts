import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { Probot, ProbotOctokit } from "probot";
import type { Delivery } from "./adapters/http/delivery.ts";
import { isRepoName } from "./core/names.ts";
import type { Log } from "./ports/log.ts";
import type { Queue, RepoKey } from "./ports/queue.ts";

export type TidegateOptions = { readonly queue: Pick<Queue, "look">; readonly log: Log; readonly appId: number };

/** Translates webhooks to wake-ups, and does nothing else: whatever a payload says, the next look finds out for itself. */
export function tidegateApp({ queue, log, appId }: TidegateOptions): (probot: Probot) => void {
  const lookAt = async (event: string, payload: object, repositories: readonly unknown[]): Promise<void> => {
    const keys = repositories.map((repository) => keyOf(payload, repository));
    if (keys.length === 0 || keys.includes(undefined))
      log.warn("A webhook names no repository that can be looked at.", { event });
    await Promise.all(keys.filter((key) => key !== undefined).map((key) => queue.look(key)));
  };
  const lookAtIts = (event: string, payload: { readonly repository?: unknown }): Promise<void> =>
    lookAt(event, payload, [payload.repository]);

  return (probot) => {
    probot.on("push", async ({ name, payload }) => {
      if (payload.ref.startsWith("refs/heads/")) await lookAtIts(name, payload);
    });
    probot.on(
      [
        "pull_request.opened",
        "pull_request.synchronize",
        "pull_request.closed",
        "pull_request.reopened",
        "pull_request.edited",
        "pull_request.ready_for_review",
        "check_run.rerequested",
        "check_run.requested_action",
        "check_suite.rerequested",
      ],
      ({ name, payload }) => lookAtIts(name, payload),
    );
    probot.on("issue_comment.created", async ({ name, payload }) => {
      // Our own words are no news, and commands are heard on pull requests only.
      const isOurs = payload.comment.performed_via_github_app?.id === appId;
      if (!isOurs && payload.issue.pull_request !== undefined) await lookAtIts(name, payload);
    });
    probot.on(
      ["installation.created", "installation.unsuspend", "installation.new_permissions_accepted"],
      ({ name, payload }) => lookAt(name, payload, payload.repositories ?? []),
    );
    probot.on("installation_repositories.added", ({ name, payload }) =>
      lookAt(name, payload, payload.repositories_added),
    );
  };
}

// The payload is foreign, whatever its type promises: each field is looked at before it is believed.
function keyOf(payload: object, repository: unknown): RepoKey | undefined {
  const installation = field(field(payload, "installation"), "id");
  const repo = field(repository, "full_name");
  if (typeof installation !== "number" || !Number.isSafeInteger(installation) || installation <= 0) return undefined;
  return isRepoName(repo) ? { installation, repo } : undefined;
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

export type ProbotSettings = {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly log: Logger;
  /** Root of the REST API where it is not GitHub's own. */
  readonly baseUrl?: string;
};

/**
 * A Probot that only dispatches: no server of its own, no setup pages, no proxy, no retries and no throttling behind our back.
 * Its own webhook path is locked with a secret that nobody knows, because an empty one would mean the well-known default.
 */
export function probotFor({ appId, privateKey, log, baseUrl }: ProbotSettings): Probot {
  return new Probot({
    appId,
    privateKey,
    log: withoutPayloads(log),
    secret: randomBytes(32).toString("hex"),
    // A plain object would not reach the clients that are made per installation; a function does.
    Octokit: ProbotOctokit.defaults((options: object) => ({
      ...options,
      throttle: { enabled: false },
      retry: { enabled: false },
    })),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
}

type Event = Parameters<Probot["receive"]>[0];

/** Hands verified webhooks to Probot's dispatch; rejects when the queue did. */
export function receiverOf(probot: Probot): (delivery: Delivery) => Promise<void> {
  return async (delivery) => {
    if (isEvent(delivery)) await probot.receive(delivery);
  };
}

// Names and payloads are GitHub's word; `keyOf` believes nothing of them.
function isEvent(delivery: Delivery): delivery is Delivery & Event {
  return typeof delivery.payload === "object" && delivery.payload !== null;
}

// At debug level Probot logs every event whole.
function withoutPayloads(log: Logger): Logger {
  return log.child({}, { level: log.isLevelEnabled("debug") ? "info" : log.level });
}
