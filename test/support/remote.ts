import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { sha, type Sha } from "../../src/core/names.ts";
import type { Log } from "../../src/ports/log.ts";

export type Remote = {
  readonly root: string;
  readonly directory: string;
  readonly url: string;
  /** Runs git in the bare repository and gives its output. */
  readonly git: (...args: readonly string[]) => string;
  /** Commits files on a branch, by mode and text (undefined: removed); gives the commit. */
  readonly commit: (branch: string, files: Readonly<Record<string, FileAt | undefined>>, message?: string) => Sha;
  readonly remove: () => void;
};

export type FileAt = string | { readonly mode: string; readonly text: string | Buffer };

/** A real bare repository in a temporary folder, with an empty first commit on `main`. */
export function bareRemote(): Remote {
  const root = mkdtempSync(join(tmpdir(), "remote-"));
  const directory = join(root, "acme", "gitops.git");
  mkdirSync(directory, { recursive: true });
  const git = (...args: readonly string[]) =>
    execFileSync("git", [`--git-dir=${directory}`, ...args], { encoding: "utf8" }).trim();
  execFileSync("git", ["init", "--bare", "--quiet", "--initial-branch=main", directory]);
  let clock = 1_700_000_000;
  const commit: Remote["commit"] = (branch, files, message = "Change") => {
    clock += 60;
    const who = `ana <ana@example.com> ${clock} +0000`;
    const parent = git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`);
    const parts = [
      `commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\n`,
      data(message),
      parent === "" ? "" : `from ${parent}\n`,
    ];
    const changes = Object.entries(files).flatMap(([path, file]) => change(path, file));
    execFileSync("git", [`--git-dir=${directory}`, "fast-import", "--quiet"], {
      input: Buffer.concat([...parts, ...changes].map((part) => Buffer.from(part))),
    });
    return sha(git("rev-parse", `refs/heads/${branch}`));
  };
  commit("main", {}, "Begin");
  return {
    root,
    directory,
    url: pathToFileURL(directory).href,
    git,
    commit,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export type Logged = {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: Parameters<Log["info"]>[1];
};

/** A log that remembers. */
export function memoryLog(): Log & { readonly lines: readonly Logged[] } {
  const lines: Logged[] = [];
  return {
    lines,
    info: (message, fields) => lines.push({ level: "info", message, fields }),
    warn: (message, fields) => lines.push({ level: "warn", message, fields }),
  };
}

function change(path: string, file: FileAt | undefined): readonly (string | Buffer)[] {
  if (file === undefined) return [`D ${path}\n`];
  const { mode, text } = typeof file === "string" ? { mode: "100644", text: file } : file;
  if (mode === "160000") return [`M 160000 ${text.toString()} ${path}\n`];
  return [`M ${mode} inline ${path}\n`, data(text)];
}

function data(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}
