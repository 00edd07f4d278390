import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { nockedForge, strictly } from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const ROUTE = "/orgs/acme/teams/payments/memberships/ana";

describe("a look-up of a team", () => {
  it.each([
    ["active", true],
    ["pending", false],
  ])("knows a member whose state is %s: %s", async (state, isMember) => {
    const { forge, github } = nockedForge();
    github.get(ROUTE).reply(200, { state, role: "member" });
    expect(await forge.inTeam("acme/payments", "ana")).toBe(isMember);
  });

  it.each([
    [404, "info"],
    [403, "warn"],
  ])("says no where GitHub answers %i, and logs it", async (status, level) => {
    const { forge, github, log } = nockedForge();
    github.get(ROUTE).reply(status, { message: "No" });
    expect(await forge.inTeam("acme/payments", "ana")).toBe(false);
    expect(log.lines.at(-1)).toMatchObject({ level, fields: { team: "acme/payments", login: "ana" } });
  });

  it("says nothing where GitHub does not answer", async () => {
    const { forge, github } = nockedForge();
    github.get(ROUTE).times(3).reply(500, { message: "No" });
    await expect(forge.inTeam("acme/payments", "ana")).rejects.toMatchObject({ fault: "transient" });
  });

  it.each(["payments", "acme/", "acme/pay/ments", "acme/..", "../payments", "acme/Payments Team", "acme/payments\n"])(
    "asks nothing about %j, which is no team",
    async (team) => {
      const { forge, log } = nockedForge();
      expect(await forge.inTeam(team, "ana")).toBe(false);
      expect(log.lines).toMatchObject([{ level: "warn" }]);
    },
  );
});
