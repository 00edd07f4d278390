import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { Probot, ProbotOctokit } from "probot";
import type { Delivery } from "../adapters/http/delivery.ts";
import type { Shape } from "../adapters/http/outline.ts";
import type { LogContext } from "../adapters/observe/context.ts";
import { isRepoName, type RepoName } from "../core/names.ts";
import { field } from "./field.ts";
import type { Fields, Log } from "../ports/log.ts";
import type { Because, Queue, RepoKey } from "../ports/queue.ts";
import { pressIn, type Press } from "./press.ts";
import { isPlain, PLAIN_EVENTS, reasonFor, type PlainEvent } from "./reasons.ts";

export type TidegateOptions = {
  readonly queue: Pick<Queue, "look">;
  readonly log: Log;
  readonly appId: number;
  /** What an installation covers, for the webhooks that do not say. */
  readonly repositories: (installation: number) => Promise<readonly RepoName[]>;
  /** Writes a press of a button down where the next look finds it. */
  readonly note: (key: RepoKey, press: Press) => Promise<void>;
  /** People have said what the rules of a branch may have waited for: what GitHub refused is asked for again. */
  readonly reviewed: (key: RepoKey) => void;
};

const REVIEW_EVENTS = ["pull_request_review.submitted", "pull_request_review.dismissed"] as const;

/**
 * Translates webhooks to wake-ups, and does nothing else: whatever a payload says, the next look finds out for itself. The one thing that no look could find is a click on
 * a check's button: it is written down first, and where that fails the webhook is refused, so that GitHub shows it as failed.
 */
export function tidegateApp(options: TidegateOptions): (probot: Probot) => void {
  const lookAt = looks(options);
  const lookIf = plainLooks(options);
  return (probot) => {
    probot.on([...PLAIN_EVENTS], ({ id, name, payload }) => lookIf({ id, name, payload }));
    // A button of GitHub's own.
    probot.on("check_run.rerequested", ({ name, payload }) => lookAt(name, payload, [payload.repository], "person"));
    probot.on([...REVIEW_EVENTS], async ({ name, payload }) => {
      const key = keyOf(payload, payload.repository);
      if (key !== undefined) options.reviewed(key);
      await lookAt(name, payload, [payload.repository], "person");
    });
    probot.on("check_run.requested_action", async ({ name, payload }) => {
      await notePress(options, payload);
      await lookAt(name, payload, [payload.repository], "person");
    });
    onInstallations(probot, options);
  };
}

/** Installations come and go, wake and sleep, and cover more or less. */
function onInstallations(probot: Probot, options: TidegateOptions): void {
  const { log, repositories } = options;
  const lookAt = looks(options);
  probot.on("installation.created", ({ name, payload }) => lookAt(name, payload, payload.repositories ?? []));
  probot.on(
    ["installation.unsuspend", "installation.new_permissions_accepted"],
    async ({ name, payload }): Promise<void> => {
      const installation = numberOf(field(field(payload, "installation"), "id"));
      const covered = installation === undefined ? [] : await repositories(installation);
      await lookAt(
        name,
        payload,
        covered.map((repo) => ({ full_name: repo })),
      );
    },
  );
  probot.on(["installation.deleted", "installation.suspend"], ({ payload }) => {
    log.info("An installation is gone or asleep; nothing of it is looked at.", {
      installation: numberOf(field(field(payload, "installation"), "id")),
      action: payload.action,
    });
  });
  probot.on("installation_repositories.added", ({ name, payload }) =>
    lookAt(name, payload, payload.repositories_added),
  );
}

const WHERE: Shape = { repository: { full_name: "whole" }, installation: { id: "whole" } };
const ABOUT: Shape = { action: "whole", ...WHERE };

/** All that is read of payloads, here and in `press.ts`, by event: what a handler reads beyond it is never there, whatever its type says, and of other events nothing is. */
export const READS: Readonly<Record<string, Shape>> = {
  push: { ref: "whole", ...WHERE },
  delete: { ref_type: "whole", ...WHERE },
  pull_request: ABOUT,
  pull_request_review: ABOUT,
  merge_group: ABOUT,
  check_suite: ABOUT,
  repository: ABOUT,
  issue_comment: {
    ...ABOUT,
    issue: { pull_request: {} },
    comment: { performed_via_github_app: { id: "whole" }, body: "whole" },
  },
  check_run: {
    ...ABOUT,
    repository: { id: "whole", full_name: "whole" },
    check_run: { app: { id: "whole" }, head_sha: "whole", pull_requests: "whole" },
    requested_action: { identifier: "whole" },
    sender: { login: "whole", type: "whole" },
  },
  installation: { ...ABOUT, repositories: "whole" },
  installation_repositories: { ...ABOUT, repositories_added: "whole" },
};

/** `because`: "news" unless said. */
type Looking = (event: string, payload: object, repositories: readonly unknown[], because?: Because) => Promise<void>;

function looks({ queue, log }: TidegateOptions): Looking {
  return async (event, payload, repositories, because = "news") => {
    const keys = repositories.map((repository) => keyOf(payload, repository));
    if (keys.length === 0 || keys.includes(undefined)) noRepository(log, { event });
    await Promise.all(keys.filter((key) => key !== undefined).map((key) => queue.look(key, because)));
  };
}

function noRepository(log: Log, about: Fields): void {
  log.warn("A webhook names no repository that can be looked at.", about);
}

const NOTHING = Promise.resolve();

type Plain = { readonly id: string; readonly name: PlainEvent; readonly payload: object };

/** One look, where the webhook is a reason for it. */
function plainLooks(options: TidegateOptions): (webhook: Plain) => Promise<void> {
  const { queue, log, appId } = options;
  return ({ id, name, payload }) => {
    const because = reasonFor(name, payload, appId);
    if (because === undefined) return NOTHING;
    const key = keyOf(payload, field(payload, "repository"));
    if (key !== undefined) return queue.look(key, because);
    noRepository(log, { event: name, delivery: id });
    return NOTHING;
  };
}

async function notePress({ log, appId, note }: TidegateOptions, payload: { readonly repository?: unknown }) {
  const press = pressIn(payload, appId);
  if ("because" in press) return log.info("A click on a check's button is not followed.", press);
  const key = keyOf(payload, payload.repository);
  if (key !== undefined) await note(key, press);
}

// The payload is foreign, whatever its type promises: each field is looked at before it is believed.
function keyOf(payload: object, repository: unknown): RepoKey | undefined {
  const installation = numberOf(field(field(payload, "installation"), "id"));
  const repo = field(repository, "full_name");
  return installation !== undefined && isRepoName(repo) ? { installation, repo } : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
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
      authStrategy: oneForAll,
      throttle: { enabled: false },
      retry: { enabled: false },
    })),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
}

/** Gives the client that is there to every event, where Probot would make one each; none of them may ask GitHub for anything. */
function oneForAll({ octokit }: { readonly octokit: object }) {
  const refuse = async (): Promise<never> => {
    throw new Error("Probot dispatches webhooks and asks GitHub for nothing.");
  };
  return Object.assign(async () => octokit, { hook: refuse });
}

type Event = Parameters<Probot["receive"]>[0];

/**
 * Loads the app into Probot and hands verified webhooks on; rejects when the queue did. Those that are a look or nothing go the short way, since that is nearly all of them
 * and Probot's dispatch would be the most of their cost; whatever takes more than a look is dispatched by Probot, within the context of its log lines.
 */
export async function receiverOf(
  probot: Probot,
  options: TidegateOptions,
  within: LogContext["within"],
): Promise<(delivery: Delivery) => Promise<void>> {
  await probot.load(tidegateApp(options));
  const lookIf = plainLooks(options);
  return (delivery) => {
    if (!isEvent(delivery)) return NOTHING;
    const { id, name, payload } = delivery;
    if (isPlain(name)) return lookIf({ id, name, payload });
    return within({ delivery: id, event: name }, () => probot.receive(delivery));
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
