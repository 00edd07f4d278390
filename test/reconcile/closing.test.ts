import { describe, expect, it } from "vitest";
import type { Closing, Member } from "../../src/core/snapshot.ts";
import type { ClosedPull, Login, Pull } from "../../src/ports/forge.ts";
import { withClosings } from "../../src/reconcile/closing.ts";
import { freshMemory, type Memory } from "../../src/reconcile/memory.ts";
import { commit, HEAD, inFlight, landingOf, MINUTE, SECOND, stepPull } from "../support/member.ts";

/** A step whose pull request is not open, right after it was closed. */
const MEMBER = inFlight(1, { pull: undefined });
const BRANCH = "tidegate/checkout/prod/bbbbbbbbbb/2-25";
const AT = landingOf(1) + 5 * MINUTE;
const CLOSED: ClosedPull = { number: 4813, branch: BRANCH, headSha: HEAD, at: AT };
const BEN: Login = { login: "ben", byBot: false };
const BOT: Login = { login: "tidegate[bot]", byBot: true };

type Forge = {
  readonly closed?: readonly ClosedPull[];
  /** What the list says when it is asked first. */
  readonly stale?: readonly ClosedPull[];
  readonly by?: Login | undefined;
  readonly merged?: Login;
  readonly open?: readonly Pull[];
  readonly kept?: Member["kept"];
};

/** One look so long after the closing; `asked` counts who was asked for. */
async function look(memory: Memory, after: number, { closed = [CLOSED], stale, by, merged, open = [], kept }: Forge) {
  let asked = 0;
  let lists = 0;
  const forge = {
    closedPulls: async () => {
      lists += 1;
      return lists === 1 ? (stale ?? closed) : closed;
    },
    mergedBy: async () => merged,
    closedBy: async () => {
      asked += 1;
      return by;
    },
  };
  const git = { commit: async () => Promise.reject(new Error("Nothing is asked of git.")) };
  const scene = { branch: "main", pulls: open, eyes: { git, forge, memory } };
  const pull = open.length === 0 ? undefined : stepPull();
  const [member] = await withClosings(scene, [{ ...MEMBER, pull, kept }], AT + after);
  return { closed: member?.closed, asked };
}

function openPull(number: number): Pull {
  const rest = {
    body: "",
    title: "",
    fromFork: false,
    base: "main",
    draft: false,
    labels: [],
    author: "tidegate[bot]",
  };
  return { ...rest, number, ours: true, branch: BRANCH, headSha: commit("1") };
}

const BY_BEN: Closing = { kind: "named", number: 4813, by: "ben", at: AT };
const UNNAMED: Closing = { kind: "unnamed", number: 4813, until: AT + MINUTE };

describe("who closed a step's pull request", () => {
  it.each<[string, number, Login | undefined, Closing | undefined]>([
    ["a person", 0, BEN, BY_BEN],
    ["a bot, which means nothing by it", 0, BOT, undefined],
    ["nobody yet", 5 * SECOND, undefined, UNNAMED],
    ["nobody yet, by a clock that is behind", -5 * SECOND, undefined, UNNAMED],
    ["nobody for a minute: it may be a person", MINUTE, undefined, { ...BY_BEN, by: "ghost" }],
    ["nobody, by a clock that is far behind", -10 * MINUTE, undefined, { ...BY_BEN, by: "ghost" }],
  ])("%s", async (_, after, by, closed) => {
    expect((await look(freshMemory(), after, { by })).closed).toEqual(closed);
  });

  it("is asked until GitHub names somebody, and not again", async () => {
    const memory = freshMemory();
    expect(await look(memory, 0, {})).toEqual({ closed: UNNAMED, asked: 1 });
    expect(await look(memory, 10 * SECOND, { by: BEN })).toEqual({ closed: BY_BEN, asked: 1 });
    expect(await look(memory, 20 * SECOND, {})).toEqual({ closed: BY_BEN, asked: 0 });
  });

  it("is this process where it closed it and GitHub names nobody; a person who is named is believed", async () => {
    const memory = freshMemory();
    memory.closedHere.set(4813, AT + SECOND);
    expect((await look(memory, MINUTE, {})).closed).toBeUndefined();
    expect((await look(memory, MINUTE, { by: BEN })).closed).toEqual(BY_BEN);
  });
});

describe("a branch that is there and of which this process remembers no pull request", () => {
  const kept: Member["kept"] = { branch: BRANCH, headSha: HEAD, proposed: undefined };

  it("is looked for in the list again, which may have been old", async () => {
    expect((await look(freshMemory(), 0, { stale: [], by: BEN, kept })).closed).toEqual(BY_BEN);
    expect((await look(freshMemory(), 0, { stale: [], closed: [], kept })).closed).toBeUndefined();
  });

  it("is not where nothing has been pushed", async () => {
    expect((await look(freshMemory(), 0, { stale: [], by: BEN })).closed).toBeUndefined();
  });
});

describe("a pull request that is neither open any more nor listed as closed", () => {
  it("is waited for, as GitHub's list is old", async () => {
    const memory = freshMemory();
    await look(memory, 0, { open: [openPull(4813)] });
    const until = AT + SECOND + MINUTE;
    const unnamed = { kind: "unnamed", number: 4813, until };
    expect((await look(memory, SECOND, { closed: [] })).closed).toEqual(unnamed);
    expect((await look(memory, 30 * SECOND, { closed: [{ ...CLOSED, number: 4800 }] })).closed).toEqual(unnamed);
    expect((await look(memory, 40 * SECOND, { by: BEN })).closed).toEqual(BY_BEN);
  });

  it("is waited for where no look has seen what this process opened, and its branch is gone as well", async () => {
    const memory = freshMemory();
    memory.opened.set(BRANCH, { number: 4813, seen: AT - SECOND, gone: undefined });
    expect((await look(memory, 0, { closed: [] })).closed).toEqual(UNNAMED);
    expect((await look(memory, SECOND, { by: BEN })).closed).toEqual(BY_BEN);
  });

  it("is given up after a minute, and forgotten where it is open again", async () => {
    const memory = freshMemory();
    await look(memory, 0, { open: [openPull(4813)] });
    expect((await look(memory, SECOND, { closed: [] })).closed?.kind).toBe("unnamed");
    expect((await look(memory, SECOND + MINUTE, { closed: [] })).closed).toBeUndefined();
    await look(memory, 5 * MINUTE, { open: [openPull(4813)] });
    expect((await look(memory, 6 * MINUTE, { closed: [] })).closed).toMatchObject({ until: AT + 7 * MINUTE });
  });

  it("is not waited for where this process closed it", async () => {
    const memory = freshMemory();
    await look(memory, 0, { open: [openPull(4813)] });
    memory.closedHere.set(4813, AT);
    expect((await look(memory, SECOND, { closed: [] })).closed).toBeUndefined();
  });

  it("is not waited for where it was merged, nor is the next one of that branch", async () => {
    const memory = freshMemory();
    await look(memory, 0, { open: [openPull(4813)] });
    expect((await look(memory, SECOND, { closed: [], merged: BEN })).closed).toBeUndefined();
    expect((await look(memory, 2 * SECOND, { closed: [] })).closed).toBeUndefined();
  });
});
