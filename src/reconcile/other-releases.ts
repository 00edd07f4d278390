import type { Sha } from "../core/names.ts";
import type { Span } from "../core/season.ts";
import type { Member } from "../core/snapshot.ts";
import { NO_WEIGHT } from "../core/weight.ts";
import type { GitReader } from "../ports/git.ts";
import { pathOf, type Readings } from "./readings.ts";

/** When releases of a member were under way before the running one, milliseconds; before `known` nobody can tell. */
export type OtherReleases = { readonly spans: readonly Span[]; readonly known: number };

/** As many changes of a state file as are read, newest first: several targets may release many times a day. */
const MOST_CHANGES = 2_000;

/** The tracked branch at one commit. */
type Seeing = {
  readonly head: Sha;
  readonly git: Pick<GitReader, "history" | "read">;
  readonly readings: Pick<Readings, "state">;
};

/** The times in which git says that another release of the member was under way, or a weight stood, from `from` on (ms); oldest first. */
export async function otherReleases(
  { head, git, readings }: Seeing,
  member: Pick<Member, "state" | "target" | "at">,
  from: number,
): Promise<OtherReleases> {
  const path = pathOf(member.state.service);
  const commits = await git.history(head, path, MOST_CHANGES);
  const spans: Span[] = [];
  let to = Number.POSITIVE_INFINITY;
  for (const { sha, at } of commits) {
    // oxlint-disable-next-line no-await-in-loop -- newest first, no further than is asked for
    const state = readings.state(path, (await git.read(sha, [path])).get(path));
    if (state.kind === "read" && isOther(state.value.targets.get(member.target), member))
      spans.unshift({ from: at, to });
    to = at;
    if (at <= from) return { spans: joined(spans), known: from };
  }
  const isWhole = commits.length < MOST_CHANGES;
  return { spans: joined(spans), known: isWhole ? from : to };
}

/** A file that could not be read says nothing of releases; the time is taken as it is. */
function isOther(at: Member["at"] | undefined, { at: now }: Pick<Member, "at">): boolean {
  if (at === undefined) return false;
  const isThis = at.release !== undefined && at.release.commit === now.release?.commit;
  return !isThis && (at.release !== undefined || at.weight > NO_WEIGHT);
}

function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last !== undefined && span.from <= last.to) all[all.length - 1] = { from: last.from, to: span.to };
    else all.push(span);
  }
  return all;
}
