import { expect, it } from "vitest";
import { restoredStable } from "../../src/core/restored.ts";
import { inFlight, MINUTE, OLD, workload } from "../support/member.ts";

it.each([
  ["all that git has until the deadline", 4, 119, 4],
  ["one from the deadline on: an autoscaler may hold the others back", 4, 120, 1],
  ["none where git has none", 0, 120, 0],
])("a restored stable must show %s", (_, inGit, minutes, replicas) => {
  const member = inFlight(4, { manifest: { stable: workload("stable", OLD, inGit) } });
  const aborted = { ...member, policy: { ...member.policy, deadlineMs: 120 * MINUTE } };
  expect(restoredStable(aborted, member.changedAt + minutes * MINUTE)).toEqual({ image: OLD, replicas });
});
