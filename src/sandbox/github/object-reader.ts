import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { gitEnv } from "./run-git.ts";
import type { GitPlace } from "./run-git.ts";

export type GitObject = { readonly sha: string; readonly type: string; readonly content: Buffer };

/** Reads objects of one repository by revision (`sha`, `refs/heads/main`, `sha:path`) without a process per read. */
export type ObjectReader = {
  /** Undefined when the revision names nothing. */
  readonly read: (revision: string) => Promise<GitObject | undefined>;
  readonly close: () => void;
};

// What has an id never changes.
const MOST_KNOWN = 5_000;
const LARGEST_KNOWN = 10_000;

type Waiting = { readonly resolve: (object: GitObject | undefined) => void; readonly reject: (error: Error) => void };

/** Starts one `git cat-file --batch`, at the first read, and again if it died. */
export function openObjectReader({ dir, path }: GitPlace): ObjectReader {
  const waiting: Waiting[] = [];
  let child: ChildProcessWithoutNullStreams | undefined;
  let buffered: Buffer = Buffer.alloc(0);
  const known = new Map<string, GitObject>();

  function start(): ChildProcessWithoutNullStreams {
    const started = spawn("git", ["--git-dir", dir, "cat-file", "--batch"], { env: gitEnv(path) });
    started.stdin.on("error", () => undefined);
    started.stdout.on("data", (chunk: Buffer) => {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
      answerBuffered();
    });
    started.on("error", fail);
    started.on("close", () => fail(new Error("git cat-file ended")));
    return started;
  }

  function fail(error: Error): void {
    child = undefined;
    buffered = Buffer.alloc(0);
    for (const { reject } of waiting.splice(0)) reject(error);
  }

  function answerBuffered(): void {
    for (let next = takeAnswer(buffered); next !== undefined; next = takeAnswer(buffered)) {
      buffered = next.rest;
      waiting.shift()?.resolve(next.object);
    }
  }

  async function read(revision: string): Promise<GitObject | undefined> {
    const sure = known.get(revision);
    if (sure !== undefined) return sure;
    const found = await ask(revision);
    if (found === undefined || found.sha !== revision || found.content.length > LARGEST_KNOWN) return found;
    const kept = { ...found, content: Buffer.from(found.content) };
    known.set(revision, kept);
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    return kept;
  }

  function ask(revision: string): Promise<GitObject | undefined> {
    if (revision.includes("\n")) return Promise.resolve(undefined);
    child ??= start();
    const { stdin } = child;
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      stdin.write(`${revision}\n`);
    });
  }

  return { read, close: () => child?.kill() };
}

type Taken = { readonly object: GitObject | undefined; readonly rest: Buffer };

function takeAnswer(buffered: Buffer): Taken | undefined {
  const lineEnd = buffered.indexOf(10);
  if (lineEnd < 0) return undefined;
  const header = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(buffered.toString("utf8", 0, lineEnd));
  if (header === null) return { object: undefined, rest: buffered.subarray(lineEnd + 1) };
  const end = lineEnd + 1 + Number(header[3]);
  if (buffered.length <= end) return undefined;
  const content = buffered.subarray(lineEnd + 1, end);
  return { object: { sha: header[1] ?? "", type: header[2] ?? "", content }, rest: buffered.subarray(end + 1) };
}
