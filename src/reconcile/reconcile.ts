import type { Action } from "../core/action.ts";
import { decide as decideByRules } from "../core/decide.ts";
import { read, unavailable, type Reading } from "../core/reading.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Window } from "../core/window.ts";
import type { Clock } from "../ports/clock.ts";
import type { ForgeReader, ForgeWriter } from "../ports/forge.ts";
import type { GitReader, GitWriter } from "../ports/git.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics, PrometheusSettings } from "../ports/metrics.ts";
import type { Queue, RepoKey } from "../ports/queue.ts";
import { act } from "./act.ts";
import type { Hands } from "./hands.ts";
import type { Leases } from "./lease.ts";
import { observe } from "./observe.ts";
import { questionOf } from "./question.ts";
import type { Readings } from "./readings.ts";
import type { Facts, UnmeasuredMember } from "./scene.ts";
import { actInTurn } from "./turns.ts";

/** Everything a look at one repository needs. */
export type World = {
  readonly git: GitReader & GitWriter;
  readonly forge: ForgeReader & ForgeWriter;
  readonly metrics: (settings: PrometheusSettings) => Metrics;
  readonly queue: Pick<Queue, "look" | "wake">;
  readonly leases: Leases;
  readonly readings: Readings;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly decide?: typeof decideByRules;
};

/** Look, think, do: once, for one repository. Measuring runs outside the lease; what somebody else did meanwhile makes it look again. */
export async function reconcile(key: RepoKey, world: World): Promise<void> {
  const { git, forge, readings, clock, leases, queue } = world;
  const turn = await leases.turn(key);
  const facts = await observe({ git, forge, readings }, clock.now());
  const snapshot = await measure(key, facts, world);
  await leases.withLease(key, async (lease) => {
    if (lease.turn !== turn) return queue.look(key);
    const hands: Hands = {
      git,
      forge,
      readings,
      refs: facts.refs,
      branch: facts.branch,
      wakeAt: (at) => queue.wake(key, at),
      lookAgain: () => queue.look(key),
    };
    const actions = (world.decide ?? decideByRules)(snapshot, clock.now());
    const carryOut = (action: Action) => act(lease, action, hands);
    return actInTurn(actions, { clock, carryOut, lookAgain: hands.lookAgain });
  });
}

async function measure({ repo }: RepoKey, facts: Facts, { metrics, clock }: World): Promise<Snapshot> {
  const { branch, head, refusals, bumps, litter, lastMerge } = facts;
  const now = clock.now();
  const members = await Promise.all(
    facts.members.map(async (member) => ({ ...member, timeline: await timelineOf(member, facts, { metrics, now }) })),
  );
  return { repo, branch, head, members, refusals, bumps, litter, lastMerge };
}

type Measuring = Pick<World, "metrics"> & { readonly now: number };

/** A member that rests is not measured. */
async function timelineOf(
  member: UnmeasuredMember,
  { config }: Facts,
  { metrics, now }: Measuring,
): Promise<Reading<readonly Window[]>> {
  if (member.bump === undefined) return read([]);
  const settings = config.metricsFor(member.target);
  if (settings.kind === "refused") return unavailable(settings.problems.join("; "));
  const question = questionOf(member, now);
  return question === undefined ? read([]) : metrics(settings.value).timeline(question);
}
