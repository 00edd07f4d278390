import { unreachable } from "../core/unreachable.ts";
import { CALLS, MOMENTS, type Blow, type ExternalCall, type KillPoint, type Moment } from "./kill-points.ts";
import type { KillRunEnd } from "./kill-run.ts";
import { differences } from "./tally.ts";

/** A run that was held against the one without kills. */
export type JudgedRun = Omit<KillRunEnd, "tally"> & { readonly tree: string };

export type KillSummary = {
  readonly runs: number;
  /** How often the bot was killed at each call, and Redis was killed or flushed while it waited. */
  readonly kills: readonly KillCount[];
  /** The same over all calls, of each kind that there was to be. */
  readonly blows: Readonly<Partial<Record<Blow, number>>>;
  /** What was meant to take place at calls that never came. */
  readonly missed: number;
  readonly trees: readonly string[];
  readonly seconds: number;
  /** Every run came to the end of the one without kills, with nothing done twice, and each kind of blow was dealt. */
  readonly ok: boolean;
};

export type KillCount = { readonly call: ExternalCall } & Readonly<Record<Moment | "killRedis" | "flushRedis", number>>;

/** Holds a run against the one without kills. */
export function judged({ tally, ...run }: KillRunEnd, undisturbed: KillRunEnd): JudgedRun {
  return { ...run, tree: tally.tree, problems: [...run.problems, ...differences(tally, undisturbed.tally)] };
}

/** All runs together, the one without kills among them; `asked` is how many there should have been, and which kinds of blows each was to get. */
export function summaryOf(
  runs: readonly JudgedRun[],
  asked: { readonly runs: number; readonly blows: readonly Blow[] },
  seconds: number,
): KillSummary {
  const trees = [...new Set(runs.map(({ tree }) => tree))];
  const dealt = runs.flatMap(({ kills }) => kills);
  const blows = asked.blows.map((blow) => [blow, dealt.filter((kill) => kill.blow === blow).length] as const);
  const isWhole = runs.length === asked.runs + 1 && blows.every(([, count]) => count > 0);
  return {
    runs: runs.filter(({ number }) => number > 0).length,
    kills: countsOf(dealt),
    blows: Object.fromEntries(blows),
    missed: runs.flatMap(({ missed }) => missed).length,
    trees,
    seconds,
    ok: isWhole && trees.length === 1 && runs.every(({ problems }) => problems.length === 0),
  };
}

function countsOf(dealt: readonly KillPoint[]): readonly KillCount[] {
  const count = (call: ExternalCall, blow: Blow, moment?: Moment) =>
    dealt.filter((one) => one.call === call && one.blow === blow && (moment ?? one.moment) === one.moment).length;
  return CALLS.map((call) => ({
    call,
    before: count(call, "kill", "before"),
    after: count(call, "kill", "after"),
    killRedis: count(call, "killRedis"),
    flushRedis: count(call, "flushRedis"),
  }));
}

/** A line of a run, and one for each of its problems, or more for one that brings a program's words. */
export function runText({ number, seconds, tree, kills, missed, problems }: JudgedRun): string {
  const name = number === 0 ? "no kills" : `run ${String(number).padStart(4)}`;
  const where = kills.length === 0 ? "" : `  killed ${kills.map(pointText).join(", ")}`;
  const spared = missed.length === 0 ? "" : `; never came: ${missed.map(pointText).join(", ")}`;
  const line = `${name}  ${seconds.toFixed(1).padStart(5)} s  tree ${tree.slice(0, 10)}${where}${spared}`;
  return [line, ...problems.map(problemText), ""].join("\n");
}

function problemText(problem: string): string {
  return `          ✗ ${problem.replaceAll("\n", "\n            ")}`;
}

function pointText(point: KillPoint): string {
  const at = `${point.moment} ${point.call} ${point.nth}`;
  switch (point.blow) {
    case "kill":
      return at;
    case "killRedis":
      return `Redis for ${(point.awayMs / 1000).toFixed(1)} s ${at}`;
    case "flushRedis":
      return `Redis's keys ${at}`;
    default:
      return unreachable(point);
  }
}

/** The table of blows, and the result in a sentence. */
export function summaryText(summary: KillSummary): string {
  const { runs, blows, missed, trees, seconds, ok } = summary;
  const result = ok
    ? `Every run ended with the tree ${trees[0]}, as the run without kills did, and nothing was done twice.`
    : `The runs did not all end alike: ${trees.length} different trees, or something went wrong above.`;
  const counts = BLOW_WORDS.flatMap(([blow, word]) => (blows[blow] === undefined ? [] : [`${blows[blow]} ${word}`]));
  const dealt = `${runs} runs, ${counts.join(", ")} (${missed} more at calls that never came)`;
  return `\n${tableOf(summary)}\n\n${dealt}, ${Math.round(seconds)} s. ${result}\n`;
}

const BLOW_WORDS: readonly (readonly [Blow, string])[] = [
  ["kill", "kills"],
  ["killRedis", "kills of Redis"],
  ["flushRedis", "flushes of Redis"],
];

function tableOf({ kills, blows }: KillSummary): string {
  const ofRedis = (["killRedis", "flushRedis"] as const).filter((blow) => blows[blow] !== undefined);
  const head = ["killed at", ...MOMENTS, ...ofRedis.map((blow) => REDIS_WORDS[blow])];
  const rows = kills.map((count) => [count.call, ...[...MOMENTS, ...ofRedis].map((column) => String(count[column]))]);
  const line = ([first = "", ...cells]: readonly string[]) =>
    `  ${first.padEnd(12)}${cells.map((cell, at) => cell.padStart(at < MOMENTS.length ? 8 : 15)).join("")}`;
  return [head, ...rows].map(line).join("\n");
}

const REDIS_WORDS = { killRedis: "Redis killed", flushRedis: "Redis flushed" } as const;
