import { afterEach, beforeAll, describe, expect, it } from "vitest";

import {
  BOT,
  HEAD,
  nockedForge,
  NOON,
  PATH,
  pullJson,
  strictly,
  user,
  type NockedForge,
} from "../../support/nocked-forge.ts";

beforeAll(strictly.before);
afterEach(strictly.after);

const at = (ms: number) => new Date(NOON + ms).toISOString();
const closed = (number: number, updated: number, changes: Record<string, unknown> = {}) =>
  pullJson({ number, state: "closed", closed_at: at(updated), updated_at: at(updated), merged_at: null, ...changes });

const page = ({ github }: NockedForge, number: number) =>
  github
    .get(`${PATH}/pulls`)
    .query({ state: "closed", sort: "updated", direction: "desc", base: "main", per_page: 100, page: number });
const NEXT = { link: '<https://api.github.test/x>; rel="next"' };

describe("closed pull requests", () => {
  it("are ours alone, not merged, each once, no older than asked for", async () => {
    const world = nockedForge();
    page(world, 1).reply(
      200,
      [
        closed(9, 5_000),
        closed(8, 4_000, { merged_at: at(4_000) }),
        closed(7, 3_000, { user: user("ana") }),
        closed(6, 3_000, { closed_at: at(2_000), head: { ref: "tidegate/other", sha: HEAD, repo: null } }),
      ],
      NEXT,
    );
    page(world, 2).reply(200, [closed(6, 3_000), closed(5, 0), closed(4, -1_000)], NEXT);
    expect(await world.forge.closedPulls("main", NOON + 300)).toEqual([
      { number: 9, branch: "tidegate/checkout", headSha: HEAD, at: NOON + 5_000 },
      { number: 6, branch: "tidegate/checkout", headSha: HEAD, at: NOON + 3_000 },
      { number: 5, branch: "tidegate/checkout", headSha: HEAD, at: NOON },
    ]);
  });

  it("are looked for on ten pages, no more", async () => {
    const world = nockedForge();
    for (let number = 1; number <= 10; number += 1) page(world, number).reply(200, [closed(100 - number, 1_000)], NEXT);
    expect(await world.forge.closedPulls("main", NOON)).toHaveLength(10);
  });

  it("are an error where a page does not come", async () => {
    const world = nockedForge();
    page(world, 1).reply(200, [closed(9, 5_000)], NEXT);
    page(world, 2).times(3).reply(502, {});
    await expect(world.forge.closedPulls("main", NOON)).rejects.toMatchObject({ fault: "transient" });
  });
});

describe("who closed or merged a pull request", () => {
  it.each([
    ["a person", { state: "closed", closed_by: user("ana") }, { login: "ana", byBot: false }],
    ["an App", { state: "closed", closed_by: user(BOT) }, { login: BOT, byBot: true }],
    ["nobody that GitHub knows", { state: "closed", closed_by: null }, undefined],
    ["nobody, as it is open", { state: "open", closed_by: user("ana") }, undefined],
  ])("is %s", async (_, issue, login) => {
    const { forge, github } = nockedForge();
    github.get(`${PATH}/issues/7`).reply(200, issue);
    expect(await forge.closedBy(7)).toEqual(login);
  });

  it.each([
    ["a person", { merged: true, merged_by: user("ana") }, { login: "ana", byBot: false }],
    ["nobody that GitHub knows", { merged: true, merged_by: null }, undefined],
    ["nobody, as it is not", { merged: false, merged_by: null }, undefined],
  ])("is %s, of a merge", async (_, pull, login) => {
    const { forge, github } = nockedForge();
    github.get(`${PATH}/pulls/7`).reply(200, pullJson(pull));
    expect(await forge.mergedBy(7)).toEqual(login);
  });
});
