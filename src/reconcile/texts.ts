import type { Change } from "../core/change.ts";
import type { GitReader } from "../ports/git.ts";

/** placeholder until manifest lands */
export async function textsOf(_change: Change, _git: GitReader): Promise<ReadonlyMap<string, string>> {
  return new Map();
}
