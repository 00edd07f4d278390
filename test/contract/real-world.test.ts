import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { APP, REPO, testGitHub, type TestGitHub } from "../support/github.ts";
import { forgeContract } from "./forge.suite.ts";
import { forgeWordsContract } from "./forge-words.suite.ts";
import { gate, MESSAGE, type MakeWorld } from "./forge-world.ts";
import { namedService, type RealService } from "./real-service.ts";
import { realWorlds, type RealWorlds } from "./real-world.ts";

const PEOPLE = { ben: "", ana: "_ANA", cleo: "_CLEO" };

type Stage = {
  readonly test: TestGitHub;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
};

/** The sandbox's GitHub as a service that somebody else has set up: all that is known of it stands in the environment. */
async function stageOf(now: () => number): Promise<Stage> {
  const test = await testGitHub({ clock: { now } });
  const folder = await mkdtemp(join(tmpdir(), "contract-key-"));
  const file = join(folder, "key.pem");
  await writeFile(file, test.key.privateKey);
  const tokens = Object.entries(PEOPLE).map(([user, end]): [string, string] => [
    `TIDEGATE_TEST_TOKEN${end}`,
    test.github.personalToken({ repo: REPO, user }),
  ]);
  const environment = {
    ...Object.fromEntries(tokens),
    GITHUB_API_URL: `${test.github.url}/`,
    TIDEGATE_TEST_REPOSITORY: REPO,
    TIDEGATE_TEST_APP_ID: String(APP.id),
    TIDEGATE_TEST_APP_KEY_FILE: file,
  };
  return { test, environment, folder };
}

describe("the suite for a real service, over the sandbox", () => {
  const start = Date.now();
  const time = { passed: 0 };
  const now = () => start + time.passed;
  const clock = { now, sleep: async (ms: number) => void (time.passed += ms) };
  const made: { stage?: Stage; worlds?: RealWorlds } = {};

  beforeAll(async () => {
    made.stage = await stageOf(now);
    made.worlds = await realWorlds(serviceOf(made.stage));
  });
  afterAll(async () => {
    await made.worlds?.close();
    const { test, folder } = made.stage ?? expect.unreachable();
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  function serviceOf({ environment }: Stage): RealService {
    const named = namedService(environment, clock);
    return named.kind === "named" ? { ...named.service, gapMs: 0 } : expect.unreachable(named.why);
  }

  const make: MakeWorld = (skip) => (made.worlds ?? expect.unreachable()).make(skip);
  forgeContract(make);
  forgeWordsContract(make);

  it("without an App writes as a person, and leaves out what takes one, or somebody else", async () => {
    const service = serviceOf(made.stage ?? expect.unreachable());
    const ben = new Map([...service.people].filter(([name]) => name === "ben"));
    const worlds = await realWorlds({ ...service, app: undefined, people: ben });
    const { forge, push, close, commentAs, writes } = await worlds.make((why) => expect.unreachable(why));
    const headSha = await push("tidegate/checkout", { a: "1" });
    const number = await forge.openPull({ branch: "tidegate/checkout", base: "main", ...MESSAGE }, "step");
    expect(await forge.openPulls("main")).toMatchObject([{ number, ours: true, author: "ben", base: "main" }]);
    expect(writes()).toBe(1);
    await expect(async () => forge.report(gate(headSha), "step")).rejects.toThrow("it takes an App");
    await expect(commentAs("ana", number, "/hold")).rejects.toThrow("TIDEGATE_TEST_TOKEN_ANA");
    await close();
    await worlds.close();
  });

  it("leaves nothing open, and no branch", async () => {
    const { test } = made.stage ?? expect.unreachable();
    const pulls = test.github.pulls(REPO);
    expect(pulls.length).toBeGreaterThan(20);
    expect(await test.github.log(REPO, "HEAD")).toHaveLength(1);
    expect(pulls.filter(({ state }) => state.kind === "open")).toEqual([]);
    for (const { head, base } of pulls)
      expect(
        await Promise.all([head, base].map(({ branch }) => test.github.readFile(REPO, branch, "app.yaml"))),
      ).toEqual([undefined, undefined]);
  });
});

describe("a real service", () => {
  const clock = { now: Date.now, sleep: async () => undefined };
  const NAMED = { TIDEGATE_TEST_TOKEN: "github_pat_1", TIDEGATE_TEST_REPOSITORY: "acme/gitops" };

  it.each([
    [{}, "not run: TIDEGATE_TEST_TOKEN and TIDEGATE_TEST_REPOSITORY are not set"],
    [{ TIDEGATE_TEST_TOKEN: "t" }, "not run: TIDEGATE_TEST_REPOSITORY is not set"],
    [{ TIDEGATE_TEST_TOKEN: " ", TIDEGATE_TEST_REPOSITORY: "a/b" }, "not run: TIDEGATE_TEST_TOKEN is not set"],
  ])("is not asked where %o is all that is said", (environment, why) => {
    expect(namedService(environment, clock)).toEqual({ kind: "missing", why });
  });

  it("is GitHub's own, and no faster asked than it advises, unless something else is said", () => {
    expect(namedService(NAMED, clock)).toMatchObject({
      kind: "named",
      service: { api: "https://api.github.com", repo: "acme/gitops", app: undefined, gapMs: 1_000 },
    });
  });

  it("is not asked by half an App", () => {
    expect(() => namedService({ ...NAMED, TIDEGATE_TEST_APP_ID: "7" }, clock)).toThrow("go together");
  });
});
