import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { environmentOf } from "./environment.ts";
import { GitError } from "./error.ts";

/** The version of the git that is found, such as "2.39.5". Throws a GitError where there is none. */
export async function gitVersion(ambient: Readonly<Record<string, string | undefined>>): Promise<string> {
  const said = await promisify(execFile)("git", ["--version"], { env: { ...environmentOf("https:", ambient) } }).catch(
    (error: unknown) => {
      throw new GitError("--version", error instanceof Error ? error.message : String(error));
    },
  );
  const version = /\d+\.\d+(?:\.\d+)?/.exec(said.stdout)?.[0];
  if (version === undefined) throw new GitError("--version", said.stdout);
  return version;
}
