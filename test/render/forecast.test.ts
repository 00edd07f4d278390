import { expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import type { Policy } from "../../src/core/plan.ts";
import { forecastOf, forecastText, type Start } from "../../src/render/forecast.ts";
import { DEFAULT_GATE } from "../../src/core/gate/settings.ts";
import { member, MINUTE } from "../support/member.ts";
import { SEASON } from "../support/seasons.ts";

function start(target: string, index: number, policy: Partial<Policy> = {}, of = 2): Start {
  const found = member({ target: name(target), policy: { wave: { index, of, targets: [target] }, ...policy } });
  return { member: found, plan: found.plan };
}

it.each<[string, readonly Start[], readonly string[]]>([
  ["nothing of a member alone", [start("prod", 0)], []],
  [
    "one wave",
    [start("eu", 0, {}, 1), start("us", 0, { bakeMs: 20 * MINUTE }, 1)],
    [
      "The targets move side by side: at least 96 min.",
      "Good members that the gates would block for nothing, as expected: at most 0.02, for 2 members.",
    ],
  ],
  [
    "waves in their order, each as long as its slowest",
    [start("eu", 1), start("us", 1, { bakeMs: 20 * MINUTE }), start("staging", 0, { bakeMs: 5 * MINUTE })],
    [
      "A wave begins when the one before is done: wave 1/2 36 min, then wave 2/2 96 min, at least 2.2 h in all.",
      "Good members that the gates would block for nothing, as expected: 0.01 in wave 1/2 (1 member), 0.02 in wave 2/2 (2 members), at most 0.03 in all.",
    ],
  ],
  [
    "what the gates of each are set to",
    [
      start("eu", 1, { gate: { ...DEFAULT_GATE, alpha: 0.1 } }),
      start("staging", 0, { gate: { ...DEFAULT_GATE, alpha: 0.25 } }),
      start("test", 0, { evidence: "bake" }),
    ],
    [
      expect.any(String),
      "Good members that the gates would block for nothing, as expected: 0.25 in wave 1/2 (2 members), 0.1 in wave 2/2 (1 member), at most 0.35 in all.",
    ],
  ],
  [
    "what a service's own past blocks for nothing where only pods are waited for besides",
    [start("eu", 0, { evidence: "bake", seasonal: [SEASON] }, 1), start("us", 0, { evidence: "bake" }, 1)],
    [
      expect.any(String),
      "Good members that the gates would block for nothing, as expected: at most 0.01, for 2 members.",
    ],
  ],
])("says %s", (_, starts, expected) => {
  expect(forecastText(forecastOf(starts))).toEqual(expected);
});
