import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { name, repoName } from "../../src/core/names.ts";
import type { HeardComment, Member } from "../../src/core/snapshot.ts";
import { MayHaveLanded } from "../../src/reconcile/may-have-landed.ts";
import { actInTurn } from "../../src/reconcile/turns.ts";
import { BUMP, HEAD, inFlight, member, NEW, NOON, SECOND, stepPull, version, workload } from "../support/member.ts";

const WINDOW = 60 * SECOND;

function called(service: string, of: Member): Member {
  return { ...of, state: { ...of.state, service: name(service) } };
}

/** A step's pull request is there and nothing is measured yet: the gate is reported, and the next window is waited for. */
const told = (service: string) => called(service, inFlight(1, { pull: stepPull(), landings: new Map() }));
/** A bump without a pull request of ours. */
const moving = (service: string) =>
  called(service, member({ bump: BUMP, manifest: { canary: workload("canary", NEW) } }));
/** What landed under way was judged by nobody: it is contained at once. */
const failing = (service: string) =>
  called(service, inFlight(1, { manifest: { canary: workload("canary", version("9.9.9"), 1) } }));

function heardAbort(): HeardComment {
  const human = {
    login: "ben",
    permission: "write",
    role: "write",
    teams: [],
    codeOwner: false,
    byBot: false,
  } as const;
  const commands = [{ verb: "abort", reason: undefined }] as const;
  return { id: 21, pull: 7, at: NOON, on: undefined, place: { kind: "step" }, human, commands };
}

function decided(members: readonly Member[]): readonly Action[] {
  const snapshot = {
    repo: repoName("acme/gitops"),
    branch: "main",
    head: HEAD,
    refusals: [],
    bumps: [],
    litter: [],
    letGo: [],
    unconcerned: [],
    unheard: 0,
  };
  return decide({ ...snapshot, members, lastMerge: undefined }, NOON);
}

type Given = {
  readonly actions: readonly Action[];
  /** How long each action takes. */
  readonly eachMs?: number;
  readonly began?: number;
  readonly failing?: string;
  readonly failure?: Error;
  /** Whose commits wait for people. */
  readonly waiting?: string;
};

/** Carries the actions out on a clock of their own, and says in words what was done. */
async function done({ actions, eachMs = 0, began = NOON, failing: broken, failure, waiting }: Given) {
  let now = began;
  const log: string[] = [];
  const acting = actInTurn(actions, {
    clock: { now: () => now },
    carryOut: async (action) => {
      now += eachMs;
      const whose = "member" in action ? action.member.state.service : undefined;
      log.push([action.kind, whose].filter((word) => word !== undefined).join(" "));
      if (whose !== undefined && whose === broken) throw failure ?? new Error(`${whose} is broken`);
      return whose !== undefined && whose === waiting && action.kind === "land" ? "waits" : "done";
    },
    lookAgain: async () => void log.push("lookAgain"),
    wakeAt: async (at) => void log.push(`wake in ${(at - NOON) / SECOND} s`),
  });
  return { log, acting };
}

const throttled = (afterMs: number) =>
  Object.assign(new Error("our share is used up"), { fault: "throttled", retryAt: NOON + afterMs });

describe("what GitHub's limits hold back", () => {
  it("waits for another look when they let go, is no failure, and keeps what is only told from asking for more", async () => {
    const members = ["a", "b", "c"].map(told);
    const given = { actions: decided(members), failing: "a", failure: throttled(40 * SECOND) };
    const { log, acting } = await done(given);
    await acting;
    expect(log.slice(log.indexOf("reportGate a")).filter((word) => word.startsWith("reportGate"))).toEqual([
      "reportGate a",
    ]);
    expect(log.filter((word) => word === "wakeAt")).toHaveLength(3);
    expect(log.at(-1)).toBe("wake in 40 s");
  });

  it("holds nobody else's move back, nor an abort", async () => {
    const members = [failing("a"), moving("b"), moving("c"), told("d")];
    const { log, acting } = await done({ actions: decided(members), failing: "b", failure: throttled(SECOND) });
    await acting;
    expect(log).toEqual(expect.arrayContaining(["land a", "propose b", "propose c", "wake in 1 s"]));
    expect(log).not.toContain("reportGate d");
  });
});

describe("the actions of a look", () => {
  it("begin with aborts, then who moves, then what is told", async () => {
    const { log, acting } = await done({ actions: decided([told("a"), moving("b"), failing("c")]) });
    await acting;
    expect(log.filter((word) => word !== "reportGate c")).toEqual(["land c", "propose b", "reportGate a", "wakeAt"]);
  });

  it("wait for another look when the next measurement is due", async () => {
    const members = ["a", "b", "c", "d", "e"].map(told);
    const { log, acting } = await done({ actions: decided(members), eachMs: 20 * SECOND });
    await acting;
    expect(log).toHaveLength(4);
    expect(log.at(-1)).toBe("lookAgain");
  });

  it("all happen where there is time", async () => {
    const { log, acting } = await done({ actions: decided(["a", "b", "c"].map(told)), eachMs: SECOND });
    await acting;
    expect(log.toSorted()).toEqual(["reportGate a", "reportGate b", "reportGate c", "wakeAt", "wakeAt", "wakeAt"]);
  });

  it("hold no abort back, however late it is", async () => {
    const members = [told("a"), failing("b"), failing("c")];
    const { log, acting } = await done({ actions: decided(members), eachMs: 2 * WINDOW });
    await acting;
    expect(log).toEqual(["land b", "land c", "lookAgain"]);
  });

  it("go on for the others when one fails, which is told at the end", async () => {
    const { log, acting } = await done({ actions: decided([moving("a"), moving("b")]), failing: "a" });
    await expect(acting).rejects.toThrow("a is broken");
    expect(log).toContain("propose b");
  });

  it("let everybody be told sooner or later, though only one fits into each look", async () => {
    const services = ["a", "b", "c", "d", "e", "f", "g"];
    const actions = decided(services.map(told));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(120 * SECOND), { minLength: 200, maxLength: 200 }), async (pauses) => {
        const first = new Set<string | undefined>();
        for (const pause of pauses) first.add((await done({ actions, began: NOON + pause })).log[0]);
        expect(services.every((service) => first.has(`reportGate ${service}`))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["fails", { failing: "a" }, ["land a"]],
    ["waits for people", { waiting: "a" }, ["land a", "reportGate a"]],
    ["lands", {}, ["land a", "reportGate a", "reply"]],
  ])("answer nobody for a member whose commit %s, unless it lands", async (_, fate, expected) => {
    const asking = called("a", inFlight(1, { pull: stepPull(), landings: new Map(), heard: [heardAbort()] }));
    const { log, acting } = await done({ actions: decided([asking]), ...fate });
    await acting.catch(() => undefined);
    expect(log).toEqual(expected);
  });

  it.each([
    ["was surely not made", new Error("no"), 2],
    ["may have been made", new MayHaveLanded("no"), 1],
  ])("try another target of a service after a commit that %s as its state file allows", async (_, failure, lands) => {
    const both = ["prod-eu", "prod-us"].map((target) => ({ ...failing("a"), target: name(target) }));
    const actions = both.flatMap((one) => decided([one]));
    const { log, acting } = await done({ actions, failing: "a", failure });
    await expect(acting).rejects.toThrow("no");
    expect(log.filter((word) => word === "land a")).toHaveLength(lands);
  });

  it("do nothing where nothing was decided", async () => {
    const { log, acting } = await done({ actions: decided([member()]) });
    await acting;
    expect(log).toEqual([]);
  });
});
