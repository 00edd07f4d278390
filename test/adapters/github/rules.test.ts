import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { nockedForge, PATH, strictly, type NockedForge } from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const FREE = { checks: [], approvals: 0, codeOwners: false, mergeQueue: false, signatures: false, linear: false };
const MINUTE = 60_000;

const linear = (ruleset_id: number) => ({ type: "required_linear_history", ruleset_id });
const review = (ruleset_id: number, count: number, owners: boolean) => ({
  type: "pull_request",
  ruleset_id,
  parameters: { required_approving_review_count: count, require_code_owner_review: owners },
});
const required = (ruleset_id: number, ...checks: readonly (readonly [string, number?])[]) => ({
  type: "required_status_checks",
  ruleset_id,
  parameters: {
    required_status_checks: checks.map(([context, app]) =>
      app === undefined ? { context } : { context, integration_id: app },
    ),
  },
});

const listing = ({ github }: NockedForge) =>
  github.get(`${PATH}/rules/branches/main`).query({ per_page: 100, page: 1 });
const ruleset = ({ github }: NockedForge, id: number) => github.get(`${PATH}/rulesets/${id}`);

describe("the rules of a branch", () => {
  it("are what all rulesets ask for together, the strictest of each", async () => {
    const world = nockedForge();
    listing(world).reply(200, [
      review(1, 1, true),
      review(2, 2, false),
      required(1, ["ci"], ["tidegate/gate", 4242]),
      required(2, ["ci"], ["tidegate/gate", 4242], ["tidegate/gate"]),
      { type: "merge_queue", ruleset_id: 2 },
      { type: "required_signatures", ruleset_id: 2 },
      { type: "deletion", ruleset_id: 2 },
    ]);
    ruleset(world, 1).reply(200, { current_user_can_bypass: "always" });
    ruleset(world, 2).reply(200, { current_user_can_bypass: "pull_requests_only" });
    expect(await world.forge.rules("main")).toEqual({
      checks: [
        { name: "ci", appId: undefined },
        { name: "tidegate/gate", appId: 4242 },
        { name: "tidegate/gate", appId: undefined },
      ],
      approvals: 2,
      codeOwners: true,
      mergeQueue: true,
      signatures: true,
      linear: false,
      bypass: "pullRequests",
    });
  });

  it("may have no parameters", async () => {
    const world = nockedForge();
    listing(world).reply(200, [{ type: "pull_request" }, { type: "required_status_checks" }]);
    expect(await world.forge.rules("main")).toEqual({ ...FREE, bypass: "always" });
  });

  it.each([
    [["exempt", "always"], "always"],
    [["always", "pull_requests_only"], "pullRequests"],
    [["pull_requests_only", undefined], "unknown"],
    [["always", "something new"], "unknown"],
    [[undefined, "never"], "never"],
  ])("are passed by as the weakest right says: %j", async (said, bypass) => {
    const world = nockedForge();
    listing(world).reply(200, [linear(1), linear(2), linear(2)]);
    for (const [at, current_user_can_bypass] of said.entries())
      ruleset(world, at + 1).reply(200, { current_user_can_bypass });
    expect(await world.forge.rules("main")).toEqual({ ...FREE, linear: true, bypass });
  });

  it.each([403, 404])("and the right to pass one by are unknown where GitHub shows no ruleset: %i", async (status) => {
    const world = nockedForge();
    listing(world).reply(200, [linear(1)]);
    ruleset(world, 1).reply(status, { message: "No" });
    expect(await world.forge.rules("main")).toEqual({ ...FREE, linear: true, bypass: "unknown" });
  });

  it.each([403, 404])("are unknown where GitHub shows none at all: %i", async (status) => {
    const world = nockedForge();
    listing(world).reply(status, { message: "Upgrade to GitHub Pro" });
    expect(await world.forge.rules("main")).toEqual({ ...FREE, bypass: "unknown" });
  });

  it.each([
    ["the list", (world: NockedForge) => listing(world).times(3).reply(502, {})],
    [
      "a ruleset",
      (world: NockedForge) => {
        listing(world).reply(200, [linear(1)]);
        ruleset(world, 1).times(3).reply(502, {});
      },
    ],
  ])("are an error where %s does not come", async (_, fail) => {
    const world = nockedForge();
    fail(world);
    await expect(world.forge.rules("main")).rejects.toMatchObject({ fault: "transient" });
  });

  it("ask for the rights again after ten minutes, one ruleset at a time", async () => {
    const world = nockedForge();
    const look = async (asked: readonly number[], bypass: string) => {
      listing(world).reply(200, [linear(1), linear(2)]);
      for (const id of asked) ruleset(world, id).reply(200, { current_user_can_bypass: bypass });
      return (await world.forge.rules("main")).bypass;
    };
    expect(await look([1, 2], "always")).toBe("always");
    await world.clock.sleep(9 * MINUTE);
    expect(await look([], "")).toBe("always");
    await world.clock.sleep(MINUTE);
    expect(await look([1], "never")).toBe("never");
    expect(await look([2], "never")).toBe("never");
    expect(await look([], "")).toBe("never");
    await world.clock.sleep(10 * MINUTE);
    expect(await look([1], "always")).toBe("never");
    expect(await look([2], "always")).toBe("always");
  });
});
