import type { Action } from "../core/action.ts";
import { decide as decideByRules } from "../core/decide.ts";
import type { Sha } from "../core/names.ts";
import type { Backtests } from "../ports/backtests.ts";
import type { Clock } from "../ports/clock.ts";
import type { ForgeReader, ForgeWriter } from "../ports/forge.ts";
import type { GitReader, GitWriter } from "../ports/git.ts";
import type { LimitsAhead } from "../ports/limits.ts";
import type { Log } from "../ports/log.ts";
import type { Measures } from "../ports/measure.ts";
import type { Metrics, ProviderSettings } from "../ports/metrics.ts";
import type { Queue, RepoKey } from "../ports/queue.ts";
import type { Activity, Telemetry } from "../ports/telemetry.ts";
import { doubtReason } from "../render/doubt.ts";
import type { TextFile } from "../yaml/refusal.ts";
import { act } from "./act.ts";
import { backtestOf } from "./back-tests.ts";
import type { Hands } from "./hands.ts";
import { doubtedSince, keep, keepRefusal, refusalOf, type Memory } from "./memory.ts";
import type { Leases } from "./lease.ts";
import { look, type Look } from "./look.ts";
import type { Readings } from "./readings.ts";
import { abortsIn, newsOfLanding, newsOfReply, standingsOf } from "./standings.ts";
import { actInTurn } from "./turns.ts";
import { isSafeUnheard, withoutPeople } from "./unheard.ts";

/** Everything a look at one repository needs. */
export type World = {
  readonly git: GitReader & GitWriter;
  readonly forge: ForgeReader & ForgeWriter;
  readonly metrics: (settings: ProviderSettings) => Metrics;
  readonly measures: Measures;
  readonly queue: Pick<Queue, "look" | "wake">;
  readonly leases: Leases;
  readonly readings: Readings;
  readonly memory: Memory;
  readonly backtests: Backtests;
  /** The templates that come with Tidegate. */
  readonly templates?: readonly TextFile[];
  readonly limits?: LimitsAhead;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Who takes note of looks; nobody where it is absent. */
  readonly telemetry?: Telemetry;
  /** The address of a chart; absent where charts are not shown. */
  readonly chartAt?: Hands["chartAt"];
  readonly decide?: typeof decideByRules;
};

/** As long as GitHub may leave open whether a head can be merged before people are told. */
const DOUBT_MS = 30_000;

/** Look, think, do: once, for one repository. Measuring runs outside the lease; what somebody else did meanwhile makes it look again. */
export async function reconcile(key: RepoKey, world: World): Promise<void> {
  const turn = await world.leases.turn(key);
  const seen = await part("see", world, () => look(key, world)).catch((failure: unknown) => ({ failure }));
  if (!("failure" in seen)) return actOn(key, world, { turn, seen, may: () => true });
  // What fails must be taken back, whether or not GitHub tells who has said what.
  const least = await look(key, withoutPeople(world)).catch(() => undefined);
  if (least !== undefined) await actOn(key, world, { turn, seen: least, may: isSafeUnheard });
  throw seen.failure;
}

type Turn = {
  /** Of the lease, before it was looked. */
  readonly turn: number;
  readonly seen: Look;
  /** What may be done on what was seen. */
  readonly may: (action: Action) => boolean;
};

function part<T>(of: Extract<Activity, { readonly kind: "part" }>["part"], world: World, work: () => Promise<T>) {
  return world.telemetry === undefined ? work() : world.telemetry.during({ kind: "part", part: of }, work);
}

async function actOn(key: RepoKey, world: World, { turn, seen: { facts, snapshot }, may }: Turn): Promise<void> {
  const { git, forge, readings, clock, leases, queue } = world;
  await leases.withLease(key, async (lease) => {
    if (lease.turn !== turn) return queue.look(key, "own");
    let landed = 0;
    const hands: Hands = {
      git,
      forge,
      readings,
      refs: facts.refs,
      branch: facts.branch,
      ...refusing(world, facts.head),
      declining: declining(world),
      opened: (on, number) => keep(world.memory.opened, on, { number, seen: clock.now(), gone: undefined }),
      closed: (pull) => keep(world.memory.closedHere, pull, clock.now()),
      landed: (action) => {
        landed += abortsIn([action]);
        world.telemetry?.tell(newsOfLanding(key, action));
      },
      backtest: (asked) => world.backtests.begin(backtestOf(asked, facts.config)),
      wakeAt: (at) => queue.wake(key, at),
      lookAgain: () => queue.look(key, "own"),
      chartAt: world.chartAt,
    };
    const actions = (world.decide ?? decideByRules)(snapshot, clock.now()).filter(may);
    const carryOut = async (action: Action) => {
      const carried = await act(lease, action, hands);
      if (action.kind === "reply") newsOfReply(action).forEach((news) => world.telemetry?.tell(news));
      return carried;
    };
    const turns = { clock, carryOut, lookAgain: hands.lookAgain, wakeAt: hands.wakeAt };
    await part("act", world, () => actInTurn(actions, turns)).finally(() => {
      if (world.telemetry === undefined) return;
      const standings = standingsOf(snapshot, { actions, landed, now: clock.now() });
      world.telemetry.tell({ kind: "stood", key, standings });
    });
  });
}

/** A push that rules decline is tried again so often. */
const DECLINED_MS = 5 * 60_000;

function declining({ memory: { opting }, clock }: World): Hands["declining"] {
  return {
    until: (branch) => {
      const until = opting.declined.get(branch)?.until ?? 0;
      return clock.now() < until ? until : undefined;
    },
    declined: (branch, why) => {
      const until = clock.now() + DECLINED_MS;
      keep(opting.declined, branch, { why, until, told: opting.declined.get(branch)?.told ?? new Set() });
      return until;
    },
    taken: (branch) => opting.declined.delete(branch),
    told: (branch, comment) => opting.declined.get(branch)?.told.add(comment),
  };
}

/** What is remembered of GitHub's answers to merges into the tracked branch as it is. */
function refusing({ memory, clock }: World, base: Sha): Pick<Hands, "refusal" | "refused" | "noOf"> {
  return {
    refusal: (headSha) => {
      const known = refusalOf(memory, { headSha, base });
      return known !== undefined && clock.now() < known.until ? known : undefined;
    },
    refused: (headSha, no) => keepRefusal(memory, { headSha, base }, no, clock.now()),
    noOf: (headSha, outcome) => {
      if (outcome.kind === "refused") return outcome.reason;
      if (outcome.kind !== "unknown") return undefined;
      const now = clock.now();
      const since = doubtedSince(memory, headSha, now);
      return now - since < DOUBT_MS ? undefined : doubtReason(outcome.reason, since, now);
    },
  };
}
