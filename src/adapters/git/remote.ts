import { dirname } from "node:path";

import { simpleGit } from "simple-git";

import { isSha, type Sha } from "../../core/names.ts";
import { authorised, guardedKeys, type Environment } from "./environment.ts";
import { GitError } from "./error.ts";
import { noted, type Place } from "./run.ts";

/** Gives a token for the remote. `refused` is one that the remote did not take: another is wanted. */
export type TokenSource = (refused?: string) => Promise<string>;

export type Origin = Place & { readonly url: string; readonly token: TokenSource };

const BRANCHES = "+refs/heads/*:refs/heads/*";
const PULLS = "+refs/pull/*/head:refs/pull/*/head";

/** Clones every branch (a bare clone's own way) and pull request head into a new bare repository at `into`. */
export async function clone(origin: Origin, into: string): Promise<void> {
  await speak(origin, "clone", (talk, { environment }) =>
    talk(environment).clone(origin.url, into, [
      "--bare",
      "--no-tags",
      "--template=",
      "--config",
      `remote.origin.fetch=${PULLS}`,
    ]),
  );
}

/** Whether a fetch changed any ref here. */
export type Fetched = "moved" | "unmoved";

/** Brings the branches and pull request heads up to date; those that are gone there are forgotten here. */
export async function fetchRefs(origin: Origin): Promise<Fetched> {
  const options = ["--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-progress"];
  let said = 0;
  await speak(origin, "fetch", (talk, { environment, directory }) =>
    talk({ ...environment, GIT_DIR: directory })
      // It names each ref that it creates, moves or removes, and says nothing where it does none of that.
      .outputHandler((_, out, err) => {
        for (const stream of [out, err]) stream.on("data", ({ length }: Buffer) => (said += length));
      })
      .raw(["fetch", ...options, "origin", BRANCHES, PULLS]),
  );
  return said === 0 ? "unmoved" : "moved";
}

/** Moves one ref from exactly `expected` (undefined: not there) to `to` (undefined: gone). Throws where the remote does not do so. */
export async function moveRef(
  origin: Origin,
  ref: string,
  to: Sha | undefined,
  expected: Sha | undefined,
): Promise<void> {
  const options = [`--force-with-lease=${ref}:${expected ?? ""}`, "--no-verify", "--porcelain"];
  await speak(origin, "push", (talk, { environment, directory, url }) =>
    talk({ ...environment, GIT_DIR: directory }).raw([
      "push",
      ...options,
      "--end-of-options",
      url,
      `${to ?? ""}:${ref}`,
    ]),
  );
}

/** Where a ref is at the remote now. */
export async function refAt(origin: Origin, ref: string): Promise<Sha | undefined> {
  const output = await speak(origin, "ls-remote", (talk, { environment, url }) =>
    talk(environment).listRemote(["--refs", "--end-of-options", url, ref]),
  );
  const line = output.split("\n").find((candidate) => candidate.endsWith(`\t${ref}`));
  const id = line?.split("\t")[0];
  return isSha(id) ? id : undefined;
}

type Talk = (environment: Environment) => ReturnType<typeof simpleGit>;

/** Does it with a token, and once more with another where the remote refuses the first: a refused request had no effect. */
async function speak<T>(origin: Origin, task: string, say: (talk: Talk, origin: Origin) => PromiseLike<T>): Promise<T> {
  const token = await origin.token();
  try {
    return await spoken(origin, task, token, say);
  } catch (error) {
    if (!(error instanceof GitError) || error.fault !== "denied") throw error;
    return spoken(origin, task, await origin.token(token), say);
  }
}

async function spoken<T>(
  origin: Origin,
  task: string,
  token: string,
  say: (talk: Talk, origin: Origin) => PromiseLike<T>,
): Promise<T> {
  const environment = origin.url.startsWith("file:")
    ? origin.environment
    : authorised(origin.environment, origin.url, token);
  try {
    const work = async () => say((variables) => talker(origin, variables), { ...origin, environment });
    return await noted(origin, task, work);
  } catch (error) {
    throw new GitError(task, error instanceof Error ? error.message : String(error));
  }
}

function talker({ directory, timeoutMs }: Origin, environment: Environment): ReturnType<typeof simpleGit> {
  const speaker = simpleGit({
    baseDir: dirname(directory),
    timeout: { block: timeoutMs },
    completion: { onClose: true, onExit: false },
    allowEnvironment: guardedKeys(environment),
    unsafe: {
      // All of these are ours, none comes from a repository: configuration by environment keeps the token out of arguments and files.
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeHooksPath: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeTemplateDir: true,
    },
  });
  return speaker.env({ ...environment });
}
