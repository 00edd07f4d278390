import { expect, it } from "vitest";
import { divergenceText, wayOut, waysOut } from "../../src/render/divergence.ts";
import { inFlight } from "../support/member.ts";

const CHANGED = {
  kind: "plan",
  what: "the plan has 50% where the state has 25%; the steps were changed under way",
} as const;

it.each([
  [
    "steps that somebody changed",
    undefined,
    [CHANGED.what, "put the steps back, or /abort"],
    "put the steps back in `",
  ],
  [
    "steps of a configuration that cannot be read",
    ".github/tidegate.yml: it extends acme/base, which cannot be read.",
    [".github/tidegate.yml: it extends acme/base, which cannot be read", "mend that, or /abort"],
    "To go on, mend that. ",
  ],
])("says of %s what a person can do", (_, obstacle, short, ways) => {
  const member = inFlight(2, { obstacle });
  expect([divergenceText(member, CHANGED), wayOut(member, CHANGED)]).toEqual(short);
  expect(waysOut(member, CHANGED)).toContain(ways);
});
