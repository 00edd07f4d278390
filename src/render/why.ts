import type { Standing } from "../core/action.ts";
import { decide } from "../core/decide.ts";
import type { Sha } from "../core/names.ts";
import type { Member, Snapshot } from "../core/snapshot.ts";
import { stageOf, type Stage } from "../core/stage.ts";
import { recordOf, type GateRecord } from "./record.ts";
import { titleOf } from "./title.ts";

/** What stands between a member and its next merge: what its check says, for one who asks elsewhere. `pull` is an address. */
export type Why = {
  readonly service: string;
  readonly target: string;
  readonly stage: Stage["kind"];
  readonly title: string;
  readonly missing: readonly string[];
  readonly pull: string | undefined;
  /** The pull request that brought the version. */
  readonly bump: string | undefined;
  readonly record: GateRecord;
};

/** A service of which nothing moves as it cannot be read. */
export type Unread = { readonly service: string; readonly problems: readonly string[] };

export type Whys = {
  readonly repo: string;
  readonly branch: string;
  readonly head: Sha;
  readonly members: readonly Why[];
  readonly refusals: readonly Unread[];
  /** Members that rest and were not asked for. */
  readonly resting: number;
  /** What can be asked for: services, and services with their targets. */
  readonly known: readonly string[];
};

/** `site` is GitHub's own address, without a slash at the end; `wanted` a service, or `service/target`; undefined: all that do not rest. */
export type Asking = { readonly now: number; readonly site: string; readonly wanted: string | undefined };

/** Why the members that are asked for are not merged, by one look at a repository. */
export function whysOf(snapshot: Snapshot, { now, site, wanted }: Asking): Whys {
  const { repo, branch, head, refusals } = snapshot;
  const staged = stagedOf(snapshot, { now, wanted });
  const shown = staged.filter(({ stage }) => wanted !== undefined || stage.kind !== "resting");
  return {
    repo,
    branch,
    head,
    members: shown.map((standing) => whyOf(standing, { head, pulls: `${site}/${repo}/pull` })),
    refusals: refusals
      .filter(({ service }) => wanted === undefined || service === wanted.split("/")[0])
      .map(({ service, problems }) => ({ service, problems })),
    resting: staged.length - shown.length,
    known: knownIn(snapshot),
  };
}

/** The members that are asked for, and where each stands. */
export function stagedOf(snapshot: Snapshot, { now, wanted }: Pick<Asking, "now" | "wanted">): readonly Standing[] {
  const standings = standingsOf(snapshot, now);
  const asked = snapshot.members.filter((member) => wanted === undefined || isCalled(member, wanted));
  return asked.map((member) => standings.get(member) ?? { member, stage: stageOf(member, now, 0, snapshot.heldBack) });
}

/** What can be asked for: services, and services with their targets. */
export function knownIn({ members, refusals }: Pick<Snapshot, "members" | "refusals">): readonly string[] {
  return [...new Set([...members.flatMap(namesOf), ...refusals.map(({ service }) => service)])];
}

/** What each check would be given now; a member without an open step has no check. */
function standingsOf(snapshot: Snapshot, now: number): ReadonlyMap<Member, Standing> {
  const standings = decide(snapshot, now).flatMap((action): readonly Standing[] =>
    action.kind === "reportGate" ? [action, ...(action.fellows ?? [])] : [],
  );
  return new Map(standings.map(({ member, stage, outlook }) => [member, { member, stage, outlook }]));
}

function namesOf({ state: { service }, target }: Member): readonly string[] {
  return [service, `${service}/${target}`];
}

function isCalled(member: Member, wanted: string): boolean {
  return namesOf(member).includes(wanted);
}

type Place = { readonly head: Sha; readonly pulls: string };

function whyOf({ member, stage, outlook }: Standing, { head, pulls }: Place): Why {
  const { state, target, pull, bump } = member;
  const source = member.at.release?.source ?? bump?.source;
  const record = recordOf(member, stage, pull?.headSha ?? head, outlook);
  return {
    service: state.service,
    target,
    stage: stage.kind,
    title: titleOf(member, stage),
    missing: record.missing,
    pull: pull === undefined ? undefined : `${pulls}/${pull.number}`,
    bump: source === undefined ? undefined : `${pulls}/${source}`,
    record,
  };
}

/** For machines: one object; docs/doctor.md describes it. What does not apply is null, and in a record absent, as in the check's. */
export function whyJson({ repo, branch, head, members, refusals, resting }: Whys): string {
  const told = members.map(({ pull, bump, record, ...why }) => ({
    ...why,
    pull: pull ?? null,
    bump: bump ?? null,
    record,
  }));
  return `${JSON.stringify({ version: 1, repo, branch, head, members: told, refusals, resting }, undefined, 2)}\n`;
}
