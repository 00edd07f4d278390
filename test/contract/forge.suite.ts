import { describe, expect, it } from "vitest";
import { PATIENT } from "../support/patience.ts";
import { gate, MESSAGE, worldsFor, type MakeWorld } from "./forge-world.ts";

const FREE = { checks: [], approvals: 0, codeOwners: false, mergeQueue: false, signatures: false, linear: false };

/** What every forge must do with a repository, its people and its pull requests. */
export function forgeContract(make: MakeWorld): void {
  const { world, proposed } = worldsFor(make);

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

  it("knows who is in a team", async () => {
    const { forge, setTeam } = await world();
    setTeam("acme/payments", ["ben"]);
    const asked = [
      ["acme/payments", "ben"],
      ["acme/payments", "ana"],
      ["acme/none", "ben"],
      ["payments", "ben"],
      ["acme/payments", "nobody-at-all"],
    ] as const;
    expect(await Promise.all(asked.map(([team, login]) => forge.inTeam(team, login)))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("tells what the rules of a branch ask for", async () => {
    const { forge, rule, requireGate } = await world();
    expect(await forge.rules("main")).toMatchObject(FREE);
    requireGate();
    rule({ approvals: 2, codeOwners: true, mergeQueue: true, signatures: true, linear: true, bypass: "pullRequests" });
    const rules = await forge.rules("main");
    expect(rules.checks[0]?.appId).toBeTypeOf("number");
    expect({ ...rules, checks: rules.checks.map(({ name }) => name) }).toEqual({
      checks: ["tidegate/gate"],
      approvals: 2,
      codeOwners: true,
      mergeQueue: true,
      signatures: true,
      linear: true,
      bypass: "pullRequests",
    });
    expect(await forge.rules("elsewhere")).toMatchObject(FREE);
  });

  it.each(["always", "pullRequests", "never"] as const)("tells that it may pass rules by: %s", async (bypass) => {
    const { forge, rule } = await world();
    rule({ linear: true, bypass });
    expect(await forge.rules("main")).toEqual({ ...FREE, linear: true, bypass });
  });

  describe("reports of what became of commits", () => {
    const ARGO = "acme-argocd[bot]";
    const status = { by: ARGO, posted: { kind: "status", label: "argocd/checkout" } } as const;
    const deployment = { by: ARGO, posted: { kind: "deployment", label: "prod-checkout" } } as const;

    it("are an account's newest word under a context, commit by commit", async () => {
      const { forge, push, statusAs, now, about, pass } = await world();
      const [one, two, three] = [await push("b", { a: "1" }), await push("b", { a: "2" }), await push("b", { a: "3" })];
      await statusAs(ARGO, one, "argocd/checkout", "failure");
      await pass(5_000);
      await statusAs(ARGO, one, "argocd/checkout", "success");
      const since = about(now());
      await statusAs(ARGO, one, "argocd/till", "failure");
      await statusAs("ben", one, "argocd/checkout", "failure");
      await statusAs("ben", two, "argocd/checkout", "success");
      await statusAs(ARGO, three, "argocd/checkout", "success");
      await statusAs(ARGO, three, "argocd/checkout", "pending");
      expect(await forge.reports(status, [one, two, three])).toEqual([{ commit: one, at: since, outcome: "success" }]);
    });

    it("are read of deployments too, of which GitHub makes the older ones inactive", async () => {
      const { forge, push, deployAs, now, about } = await world();
      const [one, two, three] = [await push("b", { a: "1" }), await push("b", { a: "2" }), await push("b", { a: "3" })];
      const at = about(now());
      await deployAs(ARGO, one, "prod-checkout", "success");
      await deployAs("ben", two, "prod-checkout", "success");
      await deployAs(ARGO, two, "prod-till", "success");
      await deployAs(ARGO, three, "prod-checkout", "failure");
      await deployAs("ben", three, "prod-checkout", "success");
      const told = await forge.reports(deployment, [one, two, three]);
      expect(told.toSorted((a, b) => a.outcome.localeCompare(b.outcome))).toEqual([
        { commit: three, at, outcome: "failure" },
        { commit: one, at, outcome: "success" },
      ]);
      expect(await forge.reports(deployment, [two])).toEqual([]);
    });
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
          body: MESSAGE.body,
        },
      ]);
    });

    it("are given other words, and keep the title where there is none", async () => {
      const { forge, number } = await proposed();
      await forge.rewordPull(number, { body: "What the past says." });
      expect(await forge.openPulls("main")).toMatchObject([{ title: MESSAGE.title, body: "What the past says." }]);
      await forge.rewordPull(number, { title: "Another", body: "Said anew." });
      expect(await forge.openPulls("main")).toMatchObject([{ title: "Another", body: "Said anew." }]);
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

    it("are closed, and stay so", async () => {
      const { forge, number, isOpen } = await proposed();
      await forge.closePull(number);
      await forge.closePull(number);
      expect(await isOpen(number)).toBe(false);
    });

    it("say whether they are drafts, and their labels", async () => {
      const { forge, number, markAs } = await proposed();
      markAs("ben", number, { draft: true, label: "hotfix" });
      expect(await forge.openPulls("main")).toMatchObject([{ number, draft: true, labels: ["hotfix"] }]);
    });

    it("that people close are listed with who did it, whatever became of the branch", async () => {
      const { forge, number, headSha, closeAs, deleteBranchAs, push, openAs, pass, now, about } = await proposed();
      await push("bump", { a: "1" });
      const bump = await openAs("ben", "bump", "branch");
      expect(await forge.closedBy(number)).toBeUndefined();
      await pass(60_000);
      const since = now();
      expect(await forge.closedPulls("main", since)).toEqual([]);
      await closeAs("ben", bump);
      await closeAs("ana", number);
      await deleteBranchAs("ana", "tidegate/checkout");
      const at = about(now());
      expect(await forge.closedPulls("main", since)).toEqual([{ number, branch: "tidegate/checkout", headSha, at }]);
      expect(await forge.closedPulls("main", since + 60_000)).toEqual([]);
      expect(await forge.closedPulls("elsewhere", since)).toEqual([]);
      expect(await forge.closedBy(number)).toEqual({ login: "ana", byBot: false });
      expect(await forge.mergedBy(number)).toBeUndefined();
    });

    it("that are merged are told with who did it, and are not among the closed", async () => {
      const { forge, number, mergeAs, merge, bot, now, push } = await proposed();
      expect(await forge.mergedBy(number)).toBeUndefined();
      await push("tidegate/other", { b: "1" });
      const other = await forge.openPull({ branch: "tidegate/other", base: "main", ...MESSAGE }, "step");
      await mergeAs("ben", other);
      await merge();
      expect(await forge.mergedBy(other)).toEqual({ login: "ben", byBot: false });
      expect(await forge.mergedBy(number)).toEqual({ login: bot, byBot: true });
      expect(await forge.closedPulls("main", now() - 60_000)).toEqual([]);
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
      await expect.poll(async () => (await merge()).kind, PATIENT).toBe("conflict");
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
}
