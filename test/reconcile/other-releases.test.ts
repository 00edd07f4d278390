import { expect, it } from "vitest";
import type { Sha } from "../../src/core/names.ts";
import { weight } from "../../src/core/weight.ts";
import type { ServiceState } from "../../src/core/state.ts";
import { otherReleases } from "../../src/reconcile/other-releases.ts";
import { commit, inFlight, member, MINUTE, NOON } from "../support/member.ts";

const NOW = inFlight(1);
const REST = member().state;
const other = (index: number) => inFlight(index, { release: { commit: commit("e") } }).state;
const PATH = ".tidegate/services/checkout.yaml";

/** Changes of the state, newest first, each so many minutes after noon; `broken` is a file that cannot be read. */
function seeing(changes: readonly (readonly [minute: number, state: ServiceState | "broken"])[]) {
  const shas = changes.map((_, index) => commit(index.toString(16).padStart(4, "0")));
  const stateOf = (sha: Sha | undefined) => (sha === undefined ? undefined : changes[shas.indexOf(sha)]?.[1]);
  return {
    head: commit("a"),
    git: {
      history: (_: Sha, __: string, limit: number) =>
        Promise.resolve(
          changes.slice(0, limit).map(([minute], index) => ({
            sha: shas[index] ?? commit("f"),
            parents: [],
            at: NOON + minute * MINUTE,
            message: "",
            author: "",
            ours: true,
          })),
        ),
      read: (sha: Sha) => Promise.resolve(new Map([[PATH, { id: sha, text: "" }]])),
    },
    readings: {
      state: (_: string, blob: { readonly id: Sha } | undefined) => {
        const value = stateOf(blob?.id);
        return value === undefined || value === "broken"
          ? ({ kind: "refused", problems: [] } as const)
          : ({ kind: "read", value } as const);
      },
    },
  };
}

const minutes = (at: number) => (at - NOON) / MINUTE;

it.each<[string, Parameters<typeof seeing>[0], readonly (readonly [number, number])[]]>([
  ["nothing of a service that has rested", [[-900, REST]], []],
  [
    "a release from its first state to its rest, in one",
    [
      [-10, REST],
      [-20, other(3)],
      [-30, other(2)],
      [-40, other(0)],
      [-900, REST],
    ],
    [[-40, -10]],
  ],
  [
    "what has been under way since before that",
    [
      [-10, REST],
      [-900, other(2)],
    ],
    [[-900, -10]],
  ],
  [
    "a weight that stood without a release",
    [
      [-10, REST],
      [-30, member({ at: { weight: weight(25) } }).state],
      [-900, REST],
    ],
    [[-30, -10]],
  ],
  [
    "not the release that is under way now",
    [
      [-10, NOW.state],
      [-20, inFlight(0).state],
      [-30, REST],
      [-900, REST],
    ],
    [],
  ],
  [
    "nothing of a file that could not be read",
    [
      [-10, REST],
      [-30, "broken"],
      [-900, REST],
    ],
    [],
  ],
])("git tells of %s", async (_, changes, expected) => {
  const { spans, known } = await otherReleases(seeing(changes), NOW, NOON - 600 * MINUTE);
  expect(spans.map(({ from, to }) => [minutes(from), minutes(to)])).toEqual(expected);
  expect(minutes(known)).toBe(-600);
});

it("knows nothing of what was before the oldest change that is read", async () => {
  const often = Array.from({ length: 2_500 }, (_, index) => [-1 - index / 10, REST] as const);
  const { known } = await otherReleases(seeing(often), NOW, NOON - 600 * MINUTE);
  expect(minutes(known)).toBeCloseTo(-1 - 199.9, 6);
});
