import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import type { Log } from "../../ports/log.ts";
import { GitError } from "./error.ts";
import { clone, type Origin } from "./remote.ts";
import { git, gitAnswer } from "./run.ts";

const NEW = ".new-";
const OLD = ".old-";

/** A mirror that can be used: the one that is there, or, where that is none, half made, damaged or of another remote, a new clone. */
export async function ensureMirror(origin: Origin, log: Log): Promise<void> {
  await mkdir(dirname(origin.directory), { recursive: true });
  await removeLeftovers(origin.directory);
  await removeLocks(origin.directory, log);
  const fault = await faultOf(origin);
  if (fault === undefined) return;
  log.info("The mirror is cloned.", { directory: origin.directory, because: fault });
  await replaceMirror(origin);
}

/** Clones beside the mirror, then takes its place: no half-made mirror is ever seen under the name. */
export async function replaceMirror(origin: Origin): Promise<void> {
  const fresh = `${origin.directory}${NEW}${randomUUID()}`;
  const old = `${origin.directory}${OLD}${randomUUID()}`;
  await clone(origin, fresh);
  await rename(origin.directory, old).catch(ignoreAbsent);
  await rename(fresh, origin.directory);
  await rm(old, { recursive: true, force: true });
}

/** Removes lock files and crash reports of processes that are gone. One mirror belongs to one process, which calls this while it runs no command that locks. */
export async function removeLocks(directory: string, log: Log): Promise<void> {
  const files = await readdir(directory, { recursive: true }).catch(() => []);
  const stale = files.filter((path) => path.endsWith(".lock") || basename(path).startsWith("fast_import_crash_"));
  if (stale.length === 0) return;
  log.warn("Files that a dead process left in the mirror are removed.", { directory, files: stale.length });
  await Promise.all(stale.map((path) => rm(join(directory, path), { force: true })));
}

async function removeLeftovers(directory: string): Promise<void> {
  const prefixes = [NEW, OLD].map((mark) => `${basename(directory)}${mark}`);
  const siblings = await readdir(dirname(directory));
  const leftovers = siblings.filter((entry) => prefixes.some((prefix) => entry.startsWith(prefix)));
  await Promise.all(leftovers.map((entry) => rm(resolve(dirname(directory), entry), { recursive: true, force: true })));
}

/** Why the mirror cannot be used; undefined where it can. Every ref's object is read, so that a lost one is found here. */
async function faultOf(origin: Origin): Promise<string | undefined> {
  try {
    const url = await gitAnswer(origin, ["config", "--local", "--get", "remote.origin.url"]);
    if (url !== origin.url) return url === undefined ? "it is not there" : "it is of another remote";
    await git(origin, ["for-each-ref", "--format=%(objecttype)%(tree)"]);
    return undefined;
  } catch (error) {
    if (error instanceof GitError) return error.message;
    throw error;
  }
}

function ignoreAbsent(error: unknown): void {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
  throw error;
}
