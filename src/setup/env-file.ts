import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, copyFile, link, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { parseEnv } from "node:util";
import { UserError } from "../core/error.ts";

/** What a file says so far, by name; undefined where there is none. */
export async function envAt(path: string): Promise<Readonly<Record<string, string | undefined>> | undefined> {
  try {
    return parseEnv(await readFile(path, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new UserError(`${path} cannot be read: ${codeOf(error)}.`, { cause: error });
  }
}

/** Throws a UserError unless a file can be written there: before anything is registered that would then be lost. */
export async function mustBeWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${codeOf(error)}.`, { cause: error });
  }
}

/** Writes a new file that its owner alone can read, whole or not at all; a file that is there stays, and the error says so. */
export async function writeNew(path: string, text: string): Promise<void> {
  await written(path, text, (whole) => link(whole, path));
}

/** The same over a file that is there, which is kept beside it; resolves to where. */
export async function writeOver(path: string, text: string): Promise<string> {
  const kept = await keptCopy(path);
  await written(path, text, (whole) => rename(whole, path));
  return kept;
}

async function written(path: string, text: string, put: (whole: string) => Promise<void>): Promise<void> {
  const whole = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(whole, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await put(whole);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${codeOf(error)}.`, { cause: error });
  } finally {
    await rm(whole, { force: true });
  }
}

const MOST_COPIES = 1000;

async function keptCopy(path: string): Promise<string> {
  const there = new Set(await readdir(dirname(path)));
  const names = Array.from({ length: MOST_COPIES }, (_, at) => `${path}.old${at === 0 ? "" : `.${at + 1}`}`);
  const copy = names.find((name) => !there.has(basename(name)));
  if (copy === undefined) throw new UserError(`There are ${MOST_COPIES} copies of ${path} already.`);
  await copyFile(path, copy, constants.COPYFILE_EXCL);
  await chmod(copy, 0o600);
  return copy;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
