import { expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { name } from "../../src/core/names.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { inFlight, member, MINUTE, NEW, NOON, queued, waiting, workload } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";

const HOUR = 60 * MINUTE;
const FLIES = inFlight(6);
const RESTS = { canary: workload("canary", NEW), stable: workload("stable", NEW) };

function called(of: Member, target: string): Member {
  return { ...of, target: name(target) };
}

/** The release is over since `ago` before noon. */
function ended(target: string, ago: number): Member {
  const place = name(target);
  const { targets, ...rest } = FLIES.state;
  const before = { ...rest, targets: new Map([...targets, [place, FLIES.at]]) };
  return member({ target: place, at: { stable: NEW }, manifest: RESTS, changedAt: NOON - ago, ended: before });
}

it.each<[string, readonly Member[], readonly (readonly string[])[]]>([
  ["nothing where nothing is over", [called(FLIES, "eu"), called(queued(), "us")], []],
  ["what is over in a target", [ended("eu", MINUTE)], [["eu over"]]],
  [
    "what is over, with all that the bump has reached besides",
    [
      ended("staging", 3 * HOUR),
      ended("eu", MINUTE),
      called(FLIES, "us"),
      called(queued(), "asia"),
      called(member(), "test"),
    ],
    [["staging over", "eu over", "us", "asia"]],
  ],
  ["nothing of what was over long ago", [ended("staging", 2 * HOUR), called(FLIES, "us")], []],
  [
    "what other bumps have come to by themselves",
    [
      ended("eu", MINUTE),
      called(waiting({ bump: { ...(FLIES.bump ?? expect.fail("It has one.")), source: 99 } }), "us"),
    ],
    [["eu over"]],
  ],
])("tells %s", (_, members, expected) => {
  const told = decide(snapshotOf(members), NOON).flatMap((action) => (action.kind === "summarise" ? [action] : []));
  const words = told.map(({ parts }) =>
    parts.map(({ member: of, release }) => `${of.target}${release === undefined ? "" : " over"}`),
  );
  expect(words).toEqual(expected);
  expect(told.every(({ pull, service }) => pull === 4812 && service === "checkout")).toBe(true);
});
