import { afterEach, describe, expect, it } from "vitest";

import type { Sha } from "../../src/core/names.ts";
import type { ForgeReader, ForgeWriter, NewCheck } from "../../src/ports/forge.ts";

/** A forge, and what people do beside it. ana administers, ben writes, cleo reads, dan is a stranger. */
export type ForgeWorld = {
  readonly forge: ForgeReader & ForgeWriter;
  /** The login under which the forge writes. */
  readonly bot: string;
  readonly now: () => number;
  readonly pass: (ms: number) => void;
  /** Ben commits files to a branch, which begins at `main`. */
  readonly push: (branch: string, files: Readonly<Record<string, string>>) => Promise<Sha>;
  /** Where a branch is; undefined where there is none. */
  readonly tip: (branch: string) => Promise<Sha | undefined>;
  readonly read: (branch: string, path: string) => Promise<string | undefined>;
  /** A person opens a pull request from a branch that is there, or from a fork of the repository. */
  readonly openAs: (user: string, branch: string, from: "branch" | "fork") => Promise<number>;
  readonly commentAs: (user: string, pull: number, body: string) => Promise<number>;
  readonly editAs: (user: string, comment: number, body: string) => Promise<void>;
  readonly said: (pull: number) => Promise<readonly { readonly author: string; readonly body: string }[]>;
  readonly isOpen: (pull: number) => Promise<boolean>;
  readonly allow: (methods: readonly ("squash" | "merge" | "rebase")[]) => void;
  /** `main` takes a merge only where tidegate/gate has passed. */
  readonly requireGate: () => void;
  /** Another App reports a run of that name. */
  readonly reportAsOther: (headSha: Sha, name: string) => Promise<void>;
  /** Requests that changed something, since the world began. */
  readonly writes: () => number;
  readonly close: () => Promise<void>;
};

const FILES = { "apps/checkout/route.yaml": "weight: 25\n" };
const MESSAGE = { title: "checkout 5% → 25%", body: "Errors 0.4 % against 0.5 %." };
const gate = (headSha: Sha, changes: Partial<NewCheck> = {}): NewCheck => ({
  name: "tidegate/gate",
  headSha,
  externalId: "e1",
  conclusion: "success",
  title: "Passed",
  summary: "All is well.",
  text: undefined,
  actions: [],
  ...changes,
});

/** What every forge must do. */
export function forgeContract(make: () => Promise<ForgeWorld>): void {
  const open: ForgeWorld[] = [];
  const world = async () => {
    const made = await make();
    open.push(made);
    return made;
  };
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  /** A world with a pull request of ours. */
  const proposed = async () => {
    const made = await world();
    const headSha = await made.push("tidegate/checkout", FILES);
    const number = await made.forge.openPull({ branch: "tidegate/checkout", base: "main", ...MESSAGE }, "step");
    return { ...made, headSha, number, merge: (head = headSha) => made.forge.mergePull(number, head, MESSAGE, "step") };
  };

  it("tells the default branch and the ways of merging, squash first", async () => {
    const { forge, allow } = await world();
    allow(["rebase", "merge", "squash"]);
    expect(await forge.repository()).toEqual({ defaultBranch: "main", mergeMethods: ["squash", "merge", "rebase"] });
    allow(["rebase"]);
    expect(await forge.repository()).toEqual({ defaultBranch: "main", mergeMethods: ["rebase"] });
  });

  it.each([
    ["ana", "admin", "admin"],
    ["ben", "write", "write"],
    ["cleo", "read", "read"],
    ["dan", "none", "none"],
    ["nobody-at-all", "none", "none"],
  ])("knows what %s may do: %s, as %s", async (login, permission, role) => {
    const { forge } = await world();
    expect(await forge.standing(login)).toEqual({ permission, role });
  });

  describe("pull requests", () => {
    it("are opened once per branch", async () => {
      const { forge, number, headSha, bot } = await proposed();
      expect(
        await forge.openPull({ branch: "tidegate/checkout", base: "main", title: "again", body: "" }, "step"),
      ).toBe(number);
      expect(await forge.openPulls("main")).toEqual([
        {
          number,
          title: MESSAGE.title,
          ours: true,
          author: bot,
          branch: "tidegate/checkout",
          fromFork: false,
          base: "main",
          headSha,
          draft: false,
          labels: [],
        },
      ]);
    });

    it("of people and of forks are told apart from ours", async () => {
      const { forge, push, openAs, number } = await proposed();
      await push("bump", { "apps/checkout/canary.yaml": "image: shop:2\n" });
      const bump = await openAs("ben", "bump", "branch");
      const fork = await openAs("cleo", "bump", "fork");
      const listed = await forge.openPulls("main");
      expect(
        listed
          .map((pull) => [pull.number, pull.ours, pull.fromFork, pull.author])
          .toSorted((a, b) => Number(a[0]) - Number(b[0])),
      ).toEqual([
        [number, true, false, listed[0]?.author],
        [bump, false, false, "ben"],
        [fork, false, true, "cleo"],
      ]);
      expect(await forge.openPulls("elsewhere")).toEqual([]);
    });

    it("are found on every page", async () => {
      const { forge, push, openAs } = await world();
      await push("bump", { a: "1" });
      const numbers: number[] = [];
      for (let count = 0; count < 103; count += 1) numbers.push(await openAs("cleo", `bump-${count}`, "fork"));
      expect((await forge.openPulls("main")).map(({ number }) => number)).toEqual(numbers);
    }, 30_000);

    it("are described, without a write where they say so already", async () => {
      const { forge, number, writes } = await proposed();
      await forge.describePull(number, "new title", "new text");
      const before = writes();
      await forge.describePull(number, "new title", "new text");
      expect(writes()).toBe(before);
      expect((await forge.openPulls("main"))[0]?.title).toBe("new title");
    });

    it("are closed, and stay so", async () => {
      const { forge, number, isOpen } = await proposed();
      await forge.closePull(number);
      await forge.closePull(number);
      expect(await isOpen(number)).toBe(false);
    });

    it("are not opened for a branch that is not there", async () => {
      const { forge } = await world();
      await expect(forge.openPull({ branch: "tidegate/none", base: "main", ...MESSAGE }, "step")).rejects.toMatchObject(
        { fault: "invalid" },
      );
    });
  });

  describe("a merge", () => {
    it("lands what was judged, and repeating it tells the same", async () => {
      const { merge, tip, read, forge, number } = await proposed();
      const outcome = await merge();
      const landed = await tip("main");
      expect(outcome).toEqual({ kind: "merged", sha: landed });
      expect(await read("main", "apps/checkout/route.yaml")).toBe("weight: 25\n");
      expect(await merge()).toEqual(outcome);
      expect(landed === undefined ? [] : await forge.pullsOf(landed)).toEqual([{ number, labels: [] }]);
    });

    it("of a head that moved does nothing", async () => {
      const { merge, push, tip } = await proposed();
      const before = await tip("main");
      await push("tidegate/checkout", { "apps/checkout/route.yaml": "weight: 100\n" });
      expect(await merge()).toEqual({ kind: "moved" });
      expect(await tip("main")).toBe(before);
    });

    it("of a conflict does nothing", async () => {
      const { merge, push, tip } = await proposed();
      const before = await push("main", { "apps/checkout/route.yaml": "weight: 0\n" });
      const outcomes = [await merge(), await merge(), await merge()];
      expect(outcomes.filter(({ kind }) => kind !== "unknown" && kind !== "conflict")).toEqual([]);
      await expect.poll(async () => (await merge()).kind).toBe("conflict");
      expect(await tip("main")).toBe(before);
    });

    it("that a rule forbids does nothing and says why", async () => {
      const { merge, requireGate, forge, headSha, reportAsOther, tip } = await proposed();
      const before = await tip("main");
      requireGate();
      await reportAsOther(headSha, "tidegate/gate");
      const refused = await merge();
      expect(refused.kind === "refused" ? refused.reason : refused).toContain("tidegate/gate");
      expect(await tip("main")).toBe(before);
      await forge.report(gate(headSha), "step");
      expect(await merge()).toMatchObject({ kind: "merged" });
    });

    it("of a closed pull request is refused", async () => {
      const { merge, forge, number } = await proposed();
      await forge.closePull(number);
      expect(await merge()).toMatchObject({ kind: "refused" });
    });

    it("of a pull request that is not there is refused", async () => {
      const { forge, headSha } = await proposed();
      expect(await forge.mergePull(999_999, headSha, MESSAGE, "step")).toMatchObject({ kind: "refused" });
    });

    it("has no pull request where a commit was pushed", async () => {
      const { forge, push } = await world();
      expect(await forge.pullsOf(await push("main", { a: "1" }))).toEqual([]);
    });
  });

  describe("a check", () => {
    it("is made, goes on and ends as one run", async () => {
      const { forge, headSha } = await proposed();
      expect(await forge.check(headSha, "tidegate/gate")).toBeUndefined();
      await forge.report(gate(headSha, { conclusion: undefined, title: "Syncing", externalId: "e1" }), "step");
      const first = await forge.check(headSha, "tidegate/gate");
      expect(first).toMatchObject({
        name: "tidegate/gate",
        headSha,
        externalId: "e1",
        conclusion: undefined,
        title: "Syncing",
      });
      await forge.report(gate(headSha, { externalId: "e2" }), "step");
      expect(await forge.check(headSha, "tidegate/gate")).toEqual({
        ...first,
        externalId: "e2",
        conclusion: "success",
        title: "Passed",
      });
      expect(await forge.check(headSha, "tidegate/plan")).toBeUndefined();
    });

    it("that ended can be in progress again", async () => {
      const { forge, headSha } = await proposed();
      await forge.report(gate(headSha, { conclusion: "failure" }), "step");
      await forge.report(gate(headSha, { conclusion: undefined, title: "Baking", externalId: "e2" }), "step");
      expect(await forge.check(headSha, "tidegate/gate")).toMatchObject({
        conclusion: undefined,
        title: "Baking",
        externalId: "e2",
      });
    });

    it("of equal content is not written again", async () => {
      const { forge, headSha, writes } = await proposed();
      await forge.report(gate(headSha), "step");
      const before = writes();
      await forge.report(gate(headSha), "step");
      expect(writes()).toBe(before);
    });

    it("of another App is none of ours", async () => {
      const { forge, headSha, reportAsOther } = await proposed();
      await reportAsOther(headSha, "tidegate/gate");
      expect(await forge.check(headSha, "tidegate/gate")).toBeUndefined();
    });

    it("takes texts of any length", async () => {
      const { forge, headSha } = await proposed();
      const long = "ü😀".repeat(50_000);
      await forge.report(gate(headSha, { title: long, summary: long, text: long }), "step");
      expect((await forge.check(headSha, "tidegate/gate"))?.title.length).toBeGreaterThan(50);
    });
  });

  describe("comments", () => {
    it("are read since a time, oldest first, with who wrote them and whether they were changed", async () => {
      const { forge, number, commentAs, editAs, pass, now, bot } = await proposed();
      const old = await commentAs("ana", number, "/hold");
      pass(60_000);
      const since = now();
      const fresh = await commentAs("ben", number, "/resume");
      pass(5_000);
      await editAs("ana", old, "/abort");
      const edited = await commentAs("cleo", number, "/promote");
      pass(5_000);
      await editAs("cleo", edited, "/abort");
      await forge.say(number, "status", "Held.");
      const comments = await forge.comments(since);
      expect(
        comments.map(({ id, author, byBot, edited: isEdited, pull }) => [id, author, byBot, isEdited, pull]),
      ).toEqual([
        [fresh, "ben", false, false, number],
        [edited, "cleo", false, true, number],
        [comments[2]?.id, bot, true, false, number],
      ]);
      expect(comments[0]).toMatchObject({ at: Math.floor(since / 1_000) * 1_000, body: "/resume" });
    });

    it("are answered once we react, and reacting twice is the same", async () => {
      const { forge, number, commentAs } = await proposed();
      const comment = await commentAs("ana", number, "/hold");
      expect(await forge.answered(comment)).toBe(false);
      await forge.react(comment, "+1");
      await forge.react(comment, "+1");
      expect(await forge.answered(comment)).toBe(true);
    });

    it("that are gone need no answer", async () => {
      const { forge } = await world();
      await forge.react(999_999, "eyes");
      expect(await forge.answered(999_999)).toBe(true);
    });

    it("of ours are one per topic, whatever others write", async () => {
      const { forge, number, commentAs, said, writes, bot } = await proposed();
      await commentAs("ana", number, "<!-- tidegate:status -->\nForged");
      await forge.say(number, "status", "Syncing.");
      await forge.say(number, "summary", "Done.");
      await forge.say(number, "status", "Baking.");
      const before = writes();
      await forge.say(number, "status", "Baking.");
      expect(writes()).toBe(before);
      const ours = (await said(number)).filter(({ author }) => author === bot);
      expect(ours.map(({ body }) => body.split("\n").slice(1).join("\n"))).toEqual(["Baking.", "Done."]);
    });
  });
}
