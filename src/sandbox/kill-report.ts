import { CALLS, MOMENTS, type ExternalCall, type KillPoint, type Moment } from "./kill-points.ts";
import type { KillRunEnd } from "./kill-run.ts";
import { differences } from "./tally.ts";

/** A run that was held against the one without kills. */
export type JudgedRun = Omit<KillRunEnd, "tally"> & { readonly tree: string };

export type KillSummary = {
  readonly runs: number;
  /** How often the bot was killed at each call. */
  readonly kills: readonly KillCount[];
  /** Kills that were meant to take place, at calls that never came. */
  readonly missed: number;
  readonly trees: readonly string[];
  readonly seconds: number;
  /** Every run came to the end of the one without kills, with nothing done twice. */
  readonly ok: boolean;
};

export type KillCount = { readonly call: ExternalCall } & Readonly<Record<Moment, number>>;

/** Holds a run against the one without kills. */
export function judged({ tally, ...run }: KillRunEnd, undisturbed: KillRunEnd): JudgedRun {
  return { ...run, tree: tally.tree, problems: [...run.problems, ...differences(tally, undisturbed.tally)] };
}

/** All runs together, the one without kills among them; `asked` is how many there should have been. */
export function summaryOf(runs: readonly JudgedRun[], asked: number, seconds: number): KillSummary {
  const trees = [...new Set(runs.map(({ tree }) => tree))];
  return {
    runs: runs.filter(({ number }) => number > 0).length,
    kills: countsOf(runs.flatMap(({ kills }) => kills)),
    missed: runs.flatMap(({ missed }) => missed).length,
    trees,
    seconds,
    ok: trees.length === 1 && runs.length === asked + 1 && runs.every(({ problems }) => problems.length === 0),
  };
}

function countsOf(kills: readonly KillPoint[]): readonly KillCount[] {
  const count = (call: ExternalCall, moment: Moment) =>
    kills.filter((kill) => kill.call === call && kill.moment === moment).length;
  return CALLS.map((call) => ({ call, before: count(call, "before"), after: count(call, "after") }));
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

function pointText({ call, moment, nth }: KillPoint): string {
  return `${moment} ${call} ${nth}`;
}

/** The table of kills, and the result in a sentence. */
export function summaryText({ runs, kills, missed, trees, seconds, ok }: KillSummary): string {
  const rows = kills.map(({ call, before, after }) => [call, String(before), String(after)]);
  const table = [["killed at", ...MOMENTS], ...rows].map(
    ([call = "", ...counts]) => `  ${call.padEnd(12)}${counts.map((count) => count.padStart(8)).join("")}`,
  );
  const total = kills.reduce((sum, { before, after }) => sum + before + after, 0);
  const result = ok
    ? `Every run ended with the tree ${trees[0]}, as the run without kills did, and nothing was done twice.`
    : `The runs did not all end alike: ${trees.length} different trees, or something went wrong above.`;
  return `\n${table.join("\n")}\n\n${runs} runs, ${total} kills (${missed} more at calls that never came), ${Math.round(seconds)} s. ${result}\n`;
}
