import { resolve } from "node:path";

import { isSha, type Sha } from "../../core/names.ts";
import type { GitReader, GitWriter, NewCommit } from "../../ports/git.ts";
import type { Log } from "../../ports/log.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { environmentOf } from "./environment.ts";
import { changedPaths, forkOf, readCommit } from "./history.ts";
import { knownTo } from "./known.ts";
import { ensureMirror } from "./mirror.ts";
import { moveRef, refAt, type Origin, type TokenSource } from "./remote.ts";
import { repositoryAt } from "./repository.ts";
import { linksIn, listFiles, wordsAt } from "./tree.ts";
import { upkeepOf } from "./upkeep.ts";
import { writeCommit, type Identity } from "./write.ts";

export type MirrorOptions = {
  /** Where the bare mirror is kept; its parent folder is made. It belongs to one process. */
  readonly directory: string;
  /** The remote, by http, https or file, without credentials. */
  readonly url: string;
  readonly token: TokenSource;
  readonly log: Log;
  /** The process's environment, of which git is given where programs, proxies and certificates are. */
  readonly ambient: Readonly<Record<string, string | undefined>>;
  readonly identity?: Identity;
  /** How long git may be silent before it is stopped. */
  readonly timeoutMs?: number;
  readonly telemetry?: Telemetry;
};

const IDENTITY: Identity = { name: "tidegate[bot]", email: "tidegate[bot]@users.noreply.github.com" };
const TIMEOUT_MS = 60_000;

/**
 * Opens the bare mirror of a repository, cloning it where there is none that can be used. What git cannot do is thrown as a GitError.
 * A mirror that turns out damaged later is cloned anew by the next fetch.
 */
export async function openMirror(options: MirrorOptions): Promise<GitReader & GitWriter> {
  const { log, identity = IDENTITY, timeoutMs = TIMEOUT_MS } = options;
  const directory = resolve(options.directory);
  const origin: Origin = {
    directory,
    url: plainUrl(options.url),
    token: options.token,
    environment: environmentOf(options.url, options.ambient),
    timeoutMs,
    ...(options.telemetry && { telemetry: options.telemetry }),
  };
  await ensureMirror(origin, log);

  const repository = repositoryAt(origin, identity);
  const { noticing, update } = upkeepOf(origin, log, repository.objects.release);
  const { read, history, contains } = knownTo(repository);
  return {
    fetch: update,
    commit: noticing((id: Sha) => readCommit(repository, id)),
    read: noticing(read),
    entries: noticing((commit: Sha, paths: readonly string[]) => wordsAt(repository, commit, paths)),
    list: noticing((commit: Sha, folder: string) => listFiles(repository, commit, folder)),
    links: noticing((commit: Sha, folder: string) => linksIn(repository, commit, folder)),
    history: noticing(history),
    contains: noticing(contains),
    changed: noticing((base: Sha, head: Sha) => changedPaths(repository, base, head)),
    fork: noticing((base: Sha, head: Sha) => forkOf(repository, base, head)),
    write: noticing((commit: NewCommit) => writeCommit(repository, commit)),
    push: async (branch, to, expected) => pushBranch(origin, refOf(branch), to, expected),
    remove: async (branch, expected) => removeBranch(origin, refOf(branch), expected),
  };
}

/** Whatever the push said, what counts is where the branch is: an answer that got lost is not a push that failed. */
async function pushBranch(
  origin: Origin,
  ref: string,
  to: Sha,
  expected: Sha | undefined,
): Promise<"pushed" | "moved"> {
  if (!isSha(to)) throw new RangeError(`Not a commit id: ${JSON.stringify(to)}.`);
  try {
    await moveRef(origin, ref, to, expected);
    return "pushed";
  } catch (error) {
    const there = await refAt(origin, ref);
    if (there === to) return "pushed";
    if (there !== expected) return "moved";
    throw error;
  }
}

async function removeBranch(origin: Origin, ref: string, expected: Sha): Promise<void> {
  try {
    await moveRef(origin, ref, undefined, expected);
  } catch (error) {
    if ((await refAt(origin, ref)) === expected) throw error;
  }
}

/** Ours are the branches under `tidegate/`, and no others are ever pushed to. */
function refOf(branch: string): string {
  const fit =
    /^tidegate(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/.test(branch) &&
    !/\.\.|\.lock(?:\/|$)|\.(?:\/|$)/.test(branch) &&
    branch.length <= 200;
  if (!fit) throw new RangeError(`Not a branch of ours: ${JSON.stringify(branch)}.`);
  return `refs/heads/${branch}`;
}

function plainUrl(url: string): string {
  const { protocol, username, password } = new URL(url);
  if (!["http:", "https:", "file:"].includes(protocol))
    throw new RangeError("The remote's URL must be http, https or file.");
  if (username !== "" || password !== "") throw new RangeError("The remote's URL must not contain credentials.");
  return url;
}
