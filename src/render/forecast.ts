import { timeOf } from "../core/outlook.ts";
import type { Plan, Policy, Wave } from "../core/plan.ts";
import type { Reached } from "../core/snapshot.ts";
import { inOrder } from "../core/waves.ts";
import { count, duration, ratio } from "./numbers.ts";
import { waveName } from "./wave.ts";

/** A release that would start, and the plan that it would follow. */
export type Start = { readonly member: Reached; readonly plan: Plan };

/** What is to be expected of one wave of all that starts: how long a good release is in it, milliseconds, and how many good members its gates would block. */
export type WaveForecast = {
  readonly wave: Wave;
  readonly members: number;
  readonly timeMs: number;
  readonly falseBlocks: number;
};

/** The waves that releases would go through, in their order. */
export function forecastOf(starts: readonly Start[]): readonly WaveForecast[] {
  const inTurn = inOrder(starts.map((start) => ({ ...start, policy: start.member.policy })));
  const waves = Map.groupBy(inTurn, ({ policy }) => policy.wave.index);
  return [...waves.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        wave: first.policy.wave,
        members: group.length,
        timeMs: Math.max(...group.map(({ plan, member }) => timeOf(plan, member.policy))),
        falseBlocks: sum(group.map(({ policy }) => falseBlocksOf(policy))),
      },
    ];
  });
}

/** Gates that ask for requests, or hold the service against its own past, block alpha of good members, all of them together; time and pods block nobody by chance. */
function falseBlocksOf({ evidence, gate, seasonal = [] }: Policy): number {
  return evidence === "bake" && seasonal.length === 0 ? 0 : gate.alpha;
}

/** What a good release takes at least, wave after wave, milliseconds. */
export function timeOfAll(waves: readonly WaveForecast[]): number {
  return sum(waves.map(({ timeMs }) => timeMs));
}

/** How long it all takes and how many members would be blocked for nothing, as sentences; none for a member alone. */
export function forecastText(waves: readonly WaveForecast[]): readonly string[] {
  const members = sum(waves.map((wave) => wave.members));
  if (members < 2) return [];
  const [only, ...others] = waves;
  const each = waves.map(({ wave, timeMs }) => `${waveName(wave) ?? ""} ${duration(timeMs)}`.trim());
  const time =
    others.length === 0 || only === undefined
      ? `The targets move side by side: at least ${duration(timeOfAll(waves))}.`
      : `A wave begins when the one before is done: ${each.join(", then ")}, at least ${duration(timeOfAll(waves))} in all.`;
  return [time, blocksText(waves, members)];
}

function blocksText(waves: readonly WaveForecast[], members: number): string {
  const all = `at most ${ratio(sum(waves.map(({ falseBlocks }) => falseBlocks)))}`;
  const parts = waves.map(
    ({ wave, members: some, falseBlocks }) =>
      `${ratio(falseBlocks)} in ${waveName(wave) ?? "one wave"} (${count(some, "member")})`,
  );
  const how = waves.length === 1 ? `${all}, for ${count(members, "member")}` : `${parts.join(", ")}, ${all} in all`;
  return `Good members that the gates would block for nothing, as expected: ${how}.`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
