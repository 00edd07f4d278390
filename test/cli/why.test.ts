import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { gate } from "../../src/cli/gate.ts";
import { bump, PLOT } from "../../src/sandbox/story.ts";
import { DEMO_PACE, REPO, startWorld, type SandboxWorld } from "../../src/sandbox/world.ts";
import { why } from "../../src/cli/why.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const [GOOD] = PLOT.good;

const Whys = z.object({
  repo: z.literal(REPO),
  members: z.array(
    z.object({
      service: z.string(),
      target: z.string(),
      stage: z.string(),
      title: z.string(),
      missing: z.array(z.string()),
      pull: z.string().nullable(),
      bump: z.string().nullable(),
      record: z.looseObject({ version: z.literal(1), stage: z.string(), missing: z.array(z.string()) }),
    }),
  ),
  refusals: z.array(z.object({ service: z.string(), problems: z.array(z.string()) })),
  resting: z.number(),
});

describe("tidegate why", () => {
  // One world without a Tidegate, in which one version has landed and waits.
  const kept: { world?: SandboxWorld } = {};
  const world = (): SandboxWorld => {
    if (kept.world === undefined) throw new Error("The world has not begun.");
    return kept.world;
  };
  beforeAll(async () => {
    const services = ["cart", GOOD.service, "search"];
    kept.world = await startWorld({ services, pace: DEMO_PACE, faults: new Map(), seed: "why" });
    await bump(kept.world, GOOD, () => undefined);
    const files = { ".tidegate/services/search.yaml": "version: 2\n" };
    await kept.world.github.push({ repo: REPO, user: "ana", branch: "main", files, message: "Break search" });
  });
  afterAll(() => kept.world?.close(false));

  const run = async (args: readonly string[], environment = world().environment) => {
    const { terminal, out, told } = fakeTerminal(environment);
    const status = await why(args, terminal, MACHINE_CLOCK);
    return { status, out: out(), told: told() };
  };

  it("says of what does not rest what is missing, and where to look", async () => {
    const { status, out, told } = await run([REPO]);
    expect({ status, told }).toEqual({ status: 0, told: "" });
    expect(out).toContain(`${GOOD.service} · prod · proposing\n  Preparing: `);
    expect(out).toContain(`  bump ${world().environment["GITHUB_URL"]}/${REPO}/pull/1\n`);
    expect(out).toContain("search · cannot be read, and nothing of it moves until that is mended:\n  - ");
    expect(out).toMatch(/\n\n1 service rests\.\n$/);
  });

  it("says the same to machines, with the check's record", async () => {
    const { out } = await run([REPO, "--json"]);
    const { members, refusals, resting } = Whys.parse(JSON.parse(out));
    expect(members.map(({ service, stage }) => ({ service, stage }))).toEqual([
      { service: GOOD.service, stage: "proposing" },
    ]);
    expect(members[0]?.record.missing).toEqual(members[0]?.missing);
    expect({ refused: refusals.map(({ service }) => service), resting }).toEqual({ refused: ["search"], resting: 1 });
  });

  it.each(["cart", "cart/prod"])("speaks of %s though it rests, where it is asked for", async (wanted) => {
    const { status, out } = await run([REPO, wanted]);
    expect(status).toBe(0);
    expect(out).toMatch(/\n\ncart · prod · resting\n {2}Nothing to release/);
    expect(out).not.toContain("search");
  });

  it.each([
    ["cat", "There is no service cat in acme/gitops. Did you mean cart?"],
    ["cart/prd", "There is no service cart/prd in acme/gitops. Did you mean cart/prod?"],
    ["zzz", "There is no service zzz in acme/gitops."],
  ])("knows no service %s", async (wanted, words) => {
    expect(await run([REPO, wanted])).toEqual({ status: 1, out: "", told: `${words}\n` });
  });

  it("writes nothing", async () => {
    const { github } = world();
    const before = github.calls().length;
    await run([REPO]);
    const isAsking = /^GET |\/access_tokens$|\/git-upload-pack$/;
    const asked = github
      .calls()
      .slice(before)
      .map(({ method, route }) => `${method} ${route}`);
    expect(asked.filter((call) => !isAsking.test(call))).toEqual([]);
    expect(github.pulls(REPO)).toHaveLength(1);
  });

  it.each([
    [[], "Which repository is not said."],
    [["gitops"], "gitops is not the owner/name of a repository."],
    [[REPO, "--al"], "There is no option --al."],
  ])("takes no wrong words: %j", async (args, words) => {
    const { status, told } = await run(args);
    expect({ status, told }).toEqual({ status: 2, told: `${words}\ntidegate why --help says what there is.\n` });
  });

  it.each([
    [["cart"], /^Errors of cart are not judged now: tidegate why acme\/gitops cart says where it stands\.$/m],
    [["cart", "--target", "prod"], /^Errors of cart\/prod are not judged now/],
    [["cat"], /^There is no service cat in acme\/gitops\. Did you mean cart\?$/m],
  ])("is what tidegate gate points to: %j", async (args, words) => {
    const { terminal, out, told } = fakeTerminal(world().environment);
    expect(await gate([REPO, ...args], terminal, MACHINE_CLOCK)).toBe(1);
    expect(out()).toBe("");
    expect(told()).toMatch(words);
  });

  it("keeps tidegate gate from looking without settings as well", async () => {
    const { terminal } = fakeTerminal({});
    expect(await gate([REPO, "cart"], terminal, MACHINE_CLOCK)).toBe(3);
  });

  it("says that it could not look", async () => {
    expect(await run(["globex/gitops"])).toEqual({
      status: 3,
      out: "",
      told: "No installation of the App covers globex/gitops.\n",
    });
    expect(await run([REPO], {})).toMatchObject({ status: 3, out: "" });
  });

  it("helps", async () => {
    const { status, out } = await run(["--help"], {});
    expect(status).toBe(0);
    expect(out).toContain("Usage: tidegate why");
    expect(out.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });
});
