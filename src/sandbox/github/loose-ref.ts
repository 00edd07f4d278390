import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The commit at a branch (`refs/heads/main`) by the file that git keeps of it, without a process; undefined where there is no such file. */
export async function looseRef(dir: string, ref: string): Promise<string | undefined> {
  if (!ref.startsWith("refs/heads/")) return undefined;
  const text = await readFile(join(dir, ref), "latin1").catch(() => "");
  return /^([0-9a-f]{40})\n$/.exec(text)?.[1];
}
