import { filesOf } from "../core/manifests.ts";
import type { Sha } from "../core/names.ts";
import { read, unavailable } from "../core/reading.ts";
import { postedFor, reportOf, type Reported } from "../core/report.ts";
import type { Member } from "../core/snapshot.ts";
import { lacksReport } from "../core/stage.ts";
import type { ForgeReader, ReportsOf } from "../ports/forge.ts";
import type { GitReader } from "../ports/git.ts";
import { keep, type Memory } from "./memory.ts";

/** What reports are read with; `head` is the tracked branch's. */
export type Ears = {
  readonly git: Pick<GitReader, "commit" | "history">;
  readonly forge: Pick<ForgeReader, "reports">;
  readonly memory: Pick<Memory, "reports">;
  readonly head: Sha;
};

/** As far back from the head as the change is looked for, in commits. */
const MOST_STEPS = 50;
/** Commits that reports are asked of at one look: what is synced is a head, so the newest, and those that were heads when the change had just landed. */
const MOST_NEWEST = 5;
const MOST_OLDEST = 5;

/** The member with what the tool that delivers has reported of its last change, where its word counts and nothing else shows the change. Never throws for what GitHub does. */
export async function withReport(ears: Ears, member: Member, now: number): Promise<Member> {
  const { reports } = member.policy;
  if (reports === undefined || !lacksReport(member, now)) return member;
  const place = { service: member.state.service, target: member.target, namespace: member.at.namespace };
  const source: ReportsOf = { by: reports.by, posted: postedFor(reports, place) };
  return { ...member, reported: await reportedBy(ears, source, member) };
}

async function reportedBy({ forge, memory, ...from }: Ears, source: ReportsOf, member: Member): Promise<Reported> {
  const carriers = await carriersOf(from, member);
  const key = JSON.stringify([source, carriers.at(-1)]);
  const known = memory.reports.get(key);
  if (known !== undefined) return read(known);
  try {
    const report = reportOf(await forge.reports(source, someOf(carriers)), carriers);
    if (report?.outcome === "success") keep(memory.reports, key, report);
    return read(report);
  } catch (error) {
    return unavailable(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The commits of the tracked branch that carry the change, newest first: from the head back to the newest that changed a file of the member's no later than its state
 * did. A commit of ours that changes the state alone is none that a tool would sync.
 */
async function carriersOf({ git, head }: Pick<Ears, "git" | "head">, member: Member): Promise<readonly Sha[]> {
  const oldest = new Set(await changesOf(git, member));
  const carriers: Sha[] = [];
  let at: Sha | undefined = head;
  while (at !== undefined && carriers.length < MOST_STEPS) {
    carriers.push(at);
    if (oldest.has(at)) break;
    // oxlint-disable-next-line no-await-in-loop -- from parent to parent
    at = (await git.commit(at)).parents[0];
  }
  return carriers;
}

async function changesOf(
  git: Ears["git"],
  { at: { release, manifests }, bump, changedIn }: Member,
): Promise<readonly Sha[]> {
  if (release === undefined && bump === undefined) return [];
  // What waits to begin is carried by the commit that brought it, and waits for what was taken back after that as well.
  const brought = release === undefined && bump !== undefined ? [bump.commit] : [];
  if (changedIn === undefined) return brought;
  const changes = filesOf(manifests).map((path) => git.history(changedIn, path, 1));
  return [...brought, ...(await Promise.all(changes)).flatMap(([commit]) => commit?.sha ?? [])];
}

function someOf(carriers: readonly Sha[]): readonly Sha[] {
  return carriers.length <= MOST_NEWEST + MOST_OLDEST
    ? carriers
    : [...carriers.slice(0, MOST_NEWEST), ...carriers.slice(-MOST_OLDEST)];
}
