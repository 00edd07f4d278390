import { spawn } from "node:child_process";

import type { Outcome, Telemetry } from "../../ports/telemetry.ts";
import type { Environment } from "./environment.ts";
import { GitError } from "./error.ts";

/** A bare repository and how git is run in it. */
export type Place = {
  readonly directory: string;
  readonly environment: Environment;
  readonly timeoutMs: number;
  /** Who takes note of what is run; nobody where it is absent. */
  readonly telemetry?: Telemetry;
};

/** Runs one git command in the repository, without a shell, and gives its output. Throws a GitError on any exit but 0. */
export async function git(place: Place, args: readonly string[], input?: string | Buffer): Promise<Buffer> {
  const { code, output, said } = await noted(place, commandIn(args), () => run(place, args, input), failsBut0);
  if (code !== 0) throw new GitError(args[0] ?? "", said);
  return output;
}

/** Like `git`, for commands whose exit 1 is an answer: undefined then. */
export async function gitAnswer(place: Place, args: readonly string[]): Promise<string | undefined> {
  const { code, output, said } = await noted(place, commandIn(args), () => run(place, args), failsBut1);
  if (code === 1) return undefined;
  if (code !== 0) throw new GitError(args[0] ?? "", said);
  return output.toString().trim();
}

/** Runs a command of git while somebody takes note of it. */
export function noted<T>(
  { telemetry }: Place,
  command: string,
  work: () => Promise<T>,
  cameTo?: (outcome: Outcome<T>) => string,
): Promise<T> {
  return telemetry === undefined ? work() : telemetry.during({ kind: "gitCommand", command }, work, cameTo);
}

/** The subcommand, behind what git itself is told. */
function commandIn(args: readonly string[]): string {
  return args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "-c") ?? "";
}

function failsBut0(outcome: Outcome<Exit>): string {
  return outcome.kind === "value" && outcome.value.code === 0 ? "done" : "failed";
}

function failsBut1(outcome: Outcome<Exit>): string {
  return outcome.kind === "value" && outcome.value.code === 1 ? "done" : failsBut0(outcome);
}

/** NUL-separated records of an output, the empty one after the last NUL left out. */
export function records(output: Buffer): readonly string[] {
  const parts = output.toString().split("\0");
  return parts.at(-1) === "" ? parts.slice(0, -1) : parts;
}

type Exit = { readonly code: number | null; readonly output: Buffer; readonly said: string };

function run(
  { directory, environment, timeoutMs }: Place,
  args: readonly string[],
  input?: string | Buffer,
): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", [`--git-dir=${directory}`, ...args], { env: { ...environment }, timeout: timeoutMs });
    const output: Buffer[] = [];
    const said: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.on("error", (error) => reject(new GitError(args[0] ?? "", error.message)));
    child.on("close", (code) => resolve({ code, output: Buffer.concat(output), said: Buffer.concat(said).toString() }));
    // A child that ends before it has read everything says why on stderr; the broken pipe adds nothing.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}
