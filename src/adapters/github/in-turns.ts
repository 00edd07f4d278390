import type { RepoName } from "../../core/names.ts";
import type { Lane } from "../../ports/forge.ts";

export type Turned = { readonly cost: { readonly lane: Lane; readonly repo?: RepoName | undefined } };

const LANES: readonly Lane[] = ["abort", "person", "step", "talk", "news", "progress"];

/**
 * What waits, in the order in which it is to go: lane after lane; within a lane one of each repository in turn, whose turn is longest ago first; of one
 * repository in the order of arrival. `served` tells when each had its last turn, as a number that grows; who never had one comes first.
 */
export function inTurns<T extends Turned>(waiting: readonly T[], served: ReadonlyMap<string, number>): readonly T[] {
  const before = new Map<string, number>();
  const placed = waiting.map((entry) => {
    const key = turnKey(entry);
    const round = before.get(key) ?? 0;
    before.set(key, round + 1);
    return { entry, lane: LANES.indexOf(entry.cost.lane), round, last: served.get(key) ?? -1 };
  });
  return placed
    .toSorted((one, two) => one.lane - two.lane || one.round - two.round || one.last - two.last)
    .map(({ entry }) => entry);
}

/** Whose turn in which lane. */
export function turnKey({ cost: { lane, repo } }: Turned): string {
  return `${lane} ${repo ?? ""}`;
}
