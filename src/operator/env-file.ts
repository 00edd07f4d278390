import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { UserError } from "../core/error.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** Where nobody names another one. */
export const USUAL_ENV_FILE = ".env";

/** The variables of a process and of its file, with what somebody should know about the file. */
export type Told = { readonly environment: Variables; readonly warnings: readonly string[] };

/**
 * The environment, and beneath it what a file says: `named` by somebody, else .env where it is started.
 * That one is read only where the environment names no App: a file that lies in a clone must not say where another App's key is shown.
 * Throws a UserError where the named file cannot be read.
 */
export function environmentWith(named: string | undefined, environment: Variables): Told {
  if (named === undefined && (environment["APP_ID"] ?? "") !== "") return { environment, warnings: [] };
  const path = named ?? USUAL_ENV_FILE;
  const text = textOf(path, named !== undefined);
  if (text === undefined) return { environment, warnings: [] };
  const said = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  return { environment: { ...environment, ...parseEnv(text), ...Object.fromEntries(said) }, warnings: openness(path) };
}

/** `--env FILE` taken out of the words of a command, wherever it stands before `--`. */
export function withoutEnvOption(args: readonly string[]): {
  readonly named: string | undefined;
  readonly args: readonly string[];
} {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const at = args.findIndex((arg, index) => index < end && (arg === "--env" || arg.startsWith("--env=")));
  if (at === -1) return { named: undefined, args };
  const arg = args[at] ?? "";
  const joined = arg.startsWith("--env=");
  const named = joined ? arg.slice("--env=".length) : (args[at + 1] ?? "");
  if (named === "" || (!joined && named.startsWith("-"))) throw new UserError("--env takes the path of a file.");
  return { named, args: args.toSpliced(at, joined ? 1 : 2) };
}

function textOf(path: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (!isNamed && code === "ENOENT") return undefined;
    throw new UserError(`The environment's file ${path} cannot be read: ${code}.`, { cause: error });
  }
}

/** Other users of the machine can read it; Windows has no such modes. */
function openness(path: string): readonly string[] {
  const { mode } = statSync(path);
  return process.platform === "win32" || (mode & 0o077) === 0
    ? []
    : [`${path} holds secrets, and other users of this machine can read it: chmod 600 ${path}`];
}
