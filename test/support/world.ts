import type { Action } from "../../src/core/action.ts";
import type { Change } from "../../src/core/change.ts";
import { decide } from "../../src/core/decide.ts";
import type { Manifest, Workload } from "../../src/core/manifest.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { read } from "../../src/core/reading.ts";
import type { HeardComment, Member } from "../../src/core/snapshot.ts";
import { commit, MINUTE, OLD, podsOf, stepPull, templateOf, windows, type WindowsOf } from "./member.ts";
import { snapshotOf } from "./snapshot.ts";

/** One service, its pull requests and its comments as values: what actions do to them, without git, GitHub or a cluster. */
export type World = {
  readonly of: Member;
  readonly now: number;
  readonly pulls: number;
  /** Comments without a reply. */
  readonly inbox: readonly HeardComment[];
  readonly done: readonly Action[];
};

export type Traffic = Pick<WindowsOf, "canary" | "stable">;

export function worldOf(of: Member, now: number): World {
  return { of, now, pulls: of.pull?.number ?? 4813, inbox: [], done: [] };
}

/** One look and the first `most` of its actions: a crash may come after any. */
export function turn(world: World, traffic: (of: Member) => Traffic, most = Number.POSITIVE_INFINITY): World {
  const heard = world.inbox.filter(({ at }) => at <= world.now);
  const of = { ...seen(world, traffic(world.of)), heard };
  const actions = decide(snapshotOf([of]), world.now).slice(0, most);
  return actions.reduce(act, { ...world, done: [...world.done, ...actions] });
}

/** What the provider tells: whole windows since the last change, with all pods as git wants them. */
function seen({ of, now }: World, traffic: Traffic): Member {
  const count = Math.max(0, Math.floor((now - of.changedAt) / MINUTE));
  return { ...of, timeline: read(windows({ from: of.changedAt, count, pods: podsOf(of), ...traffic })) };
}

function act(world: World, action: Action): World {
  switch (action.kind) {
    case "propose":
      return proposed(world, action.change);
    case "merge":
      return merged(world, action.step.index);
    case "land":
      return { ...world, of: applied(world, action.change) };
    case "reply":
      return { ...world, inbox: world.inbox.filter(({ id }) => id !== action.comment.id) };
    default:
      return world;
  }
}

function proposed(world: World, { state }: Change): World {
  const { of } = world;
  const number = of.pull?.number ?? world.pulls + 1;
  const headSha = commit(((state.heard + number) % 4096).toString(16).padStart(4, "0"));
  return { ...world, pulls: number, of: { ...of, pull: stepPull({ number, headSha, proposed: state }) } };
}

function merged(world: World, step: number): World {
  const { of, now } = world;
  const change = proposalOf(of, commit("a"));
  if (change === undefined || of.pull?.proposed === undefined) throw new Error("Nothing was open to be merged.");
  const next = applied(world, { ...change, state: of.pull.proposed });
  return { ...world, of: { ...next, landings: new Map([...of.landings, [step, now]]) } };
}

/** The member after a commit: its manifests and its state, and nothing open any more. */
function applied({ of, now }: World, change: Change): Member {
  const at = change.state.targets.get(of.target);
  if (at === undefined) throw new Error("A change keeps the target that it is about.");
  const bump = at.release === undefined && of.at.release !== undefined ? undefined : of.bump;
  return {
    ...of,
    state: change.state,
    at,
    manifest: manifestAfter(of, change),
    changedAt: now,
    pull: undefined,
    kept: undefined,
    closed: undefined,
    bump,
  };
}

function manifestAfter(of: Member, change: Change): Manifest {
  const { canary, stable } = of.manifest;
  const nextStable = { ...stable, ...stableAfter(of, change) };
  return {
    weight: change.weight ?? of.manifest.weight,
    stable: nextStable,
    canary: { ...canary, ...canaryAfter(of, change, stable), replicas: change.canaryReplicas ?? canary.replicas },
  };
}

type Version = Pick<Workload, "image" | "template">;

function stableAfter(of: Member, { stableTemplate }: Change): Version {
  if (stableTemplate === undefined) return versionOf(of.manifest.stable);
  return stableTemplate.kind === "fromCanary" ? versionOf(of.manifest.canary) : before(of);
}

function canaryAfter(of: Member, { canaryTemplate }: Change, stable: Workload): Version {
  const { canary } = of.manifest;
  if (canaryTemplate === undefined || canary.template !== canaryTemplate.aborted.template) return versionOf(canary);
  return canaryTemplate.kind === "asStable" ? versionOf(stable) : before(of);
}

function before({ bump }: Member): Version {
  return bump?.was ?? { image: OLD, template: templateOf(OLD) };
}

function versionOf({ image, template }: Workload): Version {
  return { image, template };
}
