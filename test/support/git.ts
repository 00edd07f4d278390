import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

const PERSON = {
  GIT_AUTHOR_NAME: "ana",
  GIT_AUTHOR_EMAIL: "ana@example.com",
  GIT_COMMITTER_NAME: "ana",
  GIT_COMMITTER_EMAIL: "ana@example.com",
};

export type GitOutput = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the real git in a folder, without the machine's configuration; a failure is an answer too. */
export async function realGit(cwd: string, ...args: readonly string[]): Promise<GitOutput> {
  const env = {
    ...process.env,
    ...PERSON,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
  };
  try {
    const { stdout, stderr } = await run("git", args, { cwd, env });
    return { code: 0, out: stdout.trim(), err: stderr };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): GitOutput {
  const { code, stderr } = { code: 1, stderr: "", ...(error as { readonly code?: number; readonly stderr?: string }) };
  return { code, out: "", err: stderr };
}
