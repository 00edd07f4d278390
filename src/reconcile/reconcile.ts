import type { Action } from "../core/action.ts";
import { decide as decideByRules } from "../core/decide.ts";
import type { Clock } from "../ports/clock.ts";
import type { ForgeReader, ForgeWriter } from "../ports/forge.ts";
import type { GitReader, GitWriter } from "../ports/git.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics, PrometheusSettings } from "../ports/metrics.ts";
import type { Queue, RepoKey } from "../ports/queue.ts";
import { act } from "./act.ts";
import type { Hands } from "./hands.ts";
import { refusalKey, type Memory } from "./memory.ts";
import type { Leases } from "./lease.ts";
import { look } from "./look.ts";
import type { Readings } from "./readings.ts";
import { actInTurn } from "./turns.ts";

/** Everything a look at one repository needs. */
export type World = {
  readonly git: GitReader & GitWriter;
  readonly forge: ForgeReader & ForgeWriter;
  readonly metrics: (settings: PrometheusSettings) => Metrics;
  readonly queue: Pick<Queue, "look" | "wake">;
  readonly leases: Leases;
  readonly readings: Readings;
  readonly memory: Memory;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly decide?: typeof decideByRules;
};

/** How long after GitHub's rules refused a merge it is asked for again, where nothing has changed and no review has come. */
const ASK_AGAIN_MS = 15 * 60_000;

/** Look, think, do: once, for one repository. Measuring runs outside the lease; what somebody else did meanwhile makes it look again. */
export async function reconcile(key: RepoKey, world: World): Promise<void> {
  const { git, forge, readings, clock, leases, queue } = world;
  const turn = await leases.turn(key);
  const { facts, snapshot } = await look(key, world);
  await leases.withLease(key, async (lease) => {
    if (lease.turn !== turn) return queue.look(key);
    const hands: Hands = {
      git,
      forge,
      readings,
      refs: facts.refs,
      branch: facts.branch,
      refused: (headSha, reason) => {
        world.memory.refusals.set(refusalKey(headSha, facts.head), { reason, until: clock.now() + ASK_AGAIN_MS });
      },
      wakeAt: (at) => queue.wake(key, at),
      lookAgain: () => queue.look(key),
    };
    const actions = (world.decide ?? decideByRules)(snapshot, clock.now());
    const carryOut = (action: Action) => act(lease, action, hands);
    return actInTurn(actions, { clock, carryOut, lookAgain: hands.lookAgain });
  });
}
