import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Socket } from "node:net";

import { sha, type Sha } from "../../core/names.ts";
import { GitError } from "./error.ts";
import type { Place } from "./run.ts";

export type GitObject = { readonly id: Sha; readonly kind: string; readonly size: number; readonly body: Buffer };

/** Reads objects of one repository without a process for each; undefined for those that are not there or cannot be read. */
export type Objects = {
  readonly read: (id: Sha) => Promise<GitObject | undefined>;
  /** How many bytes an object has, without reading them. */
  readonly size: (id: Sha) => Promise<number | undefined>;
  /** Lets go of the repository, for it is to be replaced; the next question finds what is there then. */
  readonly release: () => void;
};

type Question = {
  readonly wants: "contents" | "info";
  readonly resolve: (found: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
};

type Talk = {
  readonly ask: (wants: Question["wants"], id: Sha) => Promise<GitObject | undefined>;
  readonly end: () => void;
};

const REST_MS = 30_000;

/** One `git cat-file --batch-command`: begun by the first question, ended when none came for a while, begun anew after whatever ended it. */
export function objectsOf(place: Place): Objects {
  let talk: Talk | undefined;
  const release = () => {
    talk?.end();
    talk = undefined;
  };
  const ask = (wants: Question["wants"], id: Sha) => {
    talk ??= begin(place, (ended) => {
      if (talk === ended) talk = undefined;
    });
    return talk.ask(wants, id);
  };
  return {
    read: (id) => ask("contents", id),
    size: async (id) => (await ask("info", id))?.size,
    release,
  };
}

function begin({ directory, environment, timeoutMs }: Place, onEnd: (ended: Talk) => void): Talk {
  const child = spawn("git", [`--git-dir=${directory}`, "cat-file", "--batch-command"], { env: { ...environment } });
  const waiting: Question[] = [];
  let timer: NodeJS.Timeout | undefined;
  let said = "";
  const end = () => {
    onEnd(talk);
    child.stdin.end();
  };
  const give = (because: string) => {
    said = because;
    child.kill("SIGKILL");
  };
  const wind = () => {
    clearTimeout(timer);
    const silent = () => give(`no answer for ${timeoutMs / 1_000} s`);
    timer = waiting.length > 0 ? setTimeout(silent, timeoutMs) : setTimeout(end, REST_MS).unref();
  };
  const answers = answersOf(waiting, () => give("cat-file answered in an unknown form"));
  const fail = (because: string) => {
    clearTimeout(timer);
    onEnd(talk);
    for (const { reject } of waiting.splice(0)) reject(new GitError("cat-file", because));
  };
  const talk: Talk = {
    ask: (wants, id) =>
      new Promise((resolve, reject) => {
        waiting.push({ wants, resolve, reject });
        child.stdin.write(`${wants} ${id}\n`);
        if (waiting.length === 1) wind();
      }),
    end,
  };
  child.stdout.on("data", (chunk: Buffer) => {
    answers(chunk);
    wind();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  // A child that ends before it has read everything says why on stderr; the broken pipe adds nothing.
  child.stdin.on("error", () => undefined);
  child.on("error", (error) => fail(error.message));
  child.on("close", () => fail(said));
  loosen(child);
  return talk;
}

/** Whoever waits for an answer holds the process by the timer; one that nobody asks holds nothing. */
function loosen(child: ChildProcessWithoutNullStreams): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
}

/** Takes what git writes and answers the questions in their order. */
function answersOf(waiting: Question[], giveUp: () => void): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let length = 0;
  let needed = 0;
  return (chunk) => {
    held.push(chunk);
    length += chunk.length;
    if (length < needed) return;
    let rest = held.length === 1 ? chunk : Buffer.concat(held);
    for (let taken = take(rest, waiting[0]); ; taken = take(rest, waiting[0])) {
      needed = taken.kind === "more" ? taken.bytes : 0;
      if (taken.kind === "more") break;
      rest = rest.subarray(taken.end);
      if (taken.kind === "odd") giveUp();
      else waiting.shift()?.resolve(taken.found);
    }
    held = [rest];
    length = rest.length;
  };
}

type Taken =
  | { readonly kind: "more"; readonly bytes: number }
  | { readonly kind: "odd"; readonly end: number }
  | { readonly kind: "answer"; readonly end: number; readonly found: GitObject | undefined };

function take(output: Buffer, question: Question | undefined): Taken {
  const line = output.indexOf(0x0a);
  if (line < 0) return { kind: "more", bytes: output.length + 1 };
  const head = output.toString("latin1", 0, line);
  const after = line + 1;
  if (question !== undefined && head.endsWith(" missing")) return { kind: "answer", end: after, found: undefined };
  const [, id = "", kind = "", digits = ""] = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(head) ?? [];
  if (question === undefined || id === "") return { kind: "odd", end: output.length };
  const size = Number(digits);
  const none = { id: sha(id), kind, size, body: Buffer.alloc(0) };
  if (question.wants === "info") return { kind: "answer", end: after, found: none };
  const end = after + size + 1;
  if (output.length < end) return { kind: "more", bytes: end };
  return { kind: "answer", end, found: { ...none, body: output.subarray(after, end - 1) } };
}
