import type { Sha } from "../core/names.ts";
import type { ServiceState } from "../core/state.ts";
import type { GitReader } from "../ports/git.ts";
import type { Readings } from "./readings.ts";

type Sight = { readonly git: Pick<GitReader, "history" | "read">; readonly readings: Pick<Readings, "state"> };

/** As far back as a state file that can be read is looked for, in changes of it. */
const READABLE_WITHIN = 10;

/** The newest state of a service at a commit or before it that can be read; undefined where none of the file's last ten changes left one. */
export async function readableState(sight: Sight, from: Sha, path: string): Promise<ServiceState | undefined> {
  const now = await stateAt(sight, from, path);
  if (now !== undefined) return now;
  const commits = await sight.git.history(from, path, READABLE_WITHIN);
  const states = await Promise.all(commits.map(({ sha }) => stateAt(sight, sha, path)));
  return states.find((state) => state !== undefined);
}

async function stateAt({ git, readings }: Sight, commit: Sha, path: string): Promise<ServiceState | undefined> {
  const reading = readings.state(path, (await git.read(commit, [path])).get(path));
  return reading.kind === "read" ? reading.value : undefined;
}
