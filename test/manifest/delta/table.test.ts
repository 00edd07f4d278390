import { describe, expect, it } from "vitest";
import type { Delta, MemberBump } from "../../../src/manifest/delta/model.ts";
import { deltaText } from "../../../src/manifest/delta/table.ts";

const NOTHING: Delta = { kind: "none", bumps: [], loose: [], besides: [] };
const BUMP: MemberBump = {
  service: "web",
  home: "apps/web",
  target: "prod",
  image: "acme/web",
  imageFrom: "acme/web",
  from: "1",
  to: "2",
  set: { path: "web.yaml", line: 3 },
  effect: "runs",
};

function rowsOf(...changes: readonly Partial<MemberBump>[]): readonly string[] {
  const bumps = changes.map((one) => ({ ...BUMP, ...one }));
  return deltaText({ ...NOTHING, kind: "bump", bumps })
    .split("\n")
    .slice(2);
}

describe("what lies between two commits, for people", () => {
  it.each<readonly [Partial<Delta>, string]>([
    [{}, "No change."],
    [{ besides: [{ kind: "mode", path: "a", line: 1, what: "b" }] }, "No bump; 1 other change."],
    [{ kind: "bump", bumps: [BUMP] }, "Nothing but bumps: 1 service in 1 target."],
    [
      { kind: "bump", bumps: [BUMP, { ...BUMP, home: "other", target: "dev" }], loose: [BUMP] },
      "Nothing but bumps: 2 services in 2 targets, 1 of no known service.",
    ],
    [
      { kind: "mixed", loose: [BUMP], besides: [{ kind: "format", path: "a", line: 1, what: "b" }] },
      "Bumps with other changes: 1 of no known service; 1 other change.",
    ],
  ])("begins with what it is: %j", (delta, first) => {
    expect(deltaText({ ...NOTHING, ...delta }).split("\n")[0]).toBe(first);
  });

  it("has a row for each service in each target, and says who does not run it", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    expect(
      rowsOf(
        {},
        { target: "dev", image: "mirror/web", to: "1" },
        { target: "test", effect: "overruled" },
        { service: "api", image: undefined, imageFrom: undefined, to: `2@${digest}`, effect: "unclear" },
      ),
    ).toEqual([
      "SERVICE  TARGET  IMAGE                  FROM  TO                      SET IN",
      "web      prod    acme/web               1     2                       web.yaml:3",
      "web      dev     acme/web → mirror/web  1     1                       web.yaml:3",
      "web      test    acme/web               1     2                       web.yaml:3  another place says what it runs",
      "api      prod    ?                      1     2@sha256:000000000000…  web.yaml:3  whether it runs this is not said",
      "",
    ]);
  });

  it("shows a hundred of a kind, and how many more there are", () => {
    const many = Array.from({ length: 130 }, (_, at) => ({ ...BUMP, service: `s${at}` }));
    const besides = many.map(({ service }) => ({ kind: "other" as const, path: service, line: 1, what: "b" }));
    const text = deltaText({ kind: "mixed", bumps: many, loose: many, besides });
    expect(text.match(/^ *and 30 more$/gm)).toEqual(["and 30 more", "  and 30 more", "  and 30 more"]);
    expect(text).toContain("s99 ");
    expect(text).not.toContain("s100 ");
  });

  it("lets nothing steer the terminal", () => {
    const hostile = "a\u001b[2J\n\u202eb";
    const set = { path: hostile, line: 1 };
    const bump = { ...BUMP, service: hostile, target: hostile, image: hostile, from: hostile, to: hostile, set };
    const text = deltaText({
      kind: "mixed",
      bumps: [bump],
      loose: [bump],
      besides: [{ kind: "other", path: hostile, line: 1, what: hostile }],
    });
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(text.split("\n")).toHaveLength(13);
  });
});
