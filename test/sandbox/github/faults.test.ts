import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fault, FaultRequest } from "../../../src/sandbox/github/faults.ts";
import { REPO, testGitHub } from "../../support/github.ts";
import type { TestGitHub } from "../../support/github.ts";

describe("a request", () => {
  let world: TestGitHub;

  beforeEach(async () => {
    world = await testGitHub();
  });
  afterEach(() => world.close());

  const openPull = () =>
    world.github.openPull({ repo: REPO, user: "ben", branch: "b", files: { a: "1" }, title: "Bump" });
  const merge = () => world.ask("PUT", `/repos/${REPO}/pulls/1/merge`, { body: { merge_method: "squash" } });
  const onMerge = (fault: Fault) =>
    world.github.setFaults(({ route }) => (route.endsWith("/merge") ? fault : undefined));
  const isMerged = () => world.github.pulls(REPO)[0]?.state.kind === "merged";

  describe("a fault", () => {
    it("after the effect answers 502 though the pull request is merged", async () => {
      await openPull();
      onMerge({ kind: "respond", when: "after", status: 502 });
      expect(await merge()).toMatchObject({ status: 502 });
      expect(isMerged()).toBe(true);
      world.github.setFaults(undefined);
      expect((await merge()).status).toBe(405);
    });

    it("before the effect answers as told, and nothing has happened", async () => {
      await openPull();
      const message = "Base branch was modified. Review and try the merge again.";
      onMerge({ kind: "respond", when: "before", status: 405, message, headers: { "x-test": "yes" } });
      const answer = await merge();
      expect(answer).toMatchObject({ status: 405, json: { message } });
      expect(answer.headers.get("x-test")).toBe("yes");
      expect(isMerged()).toBe(false);
    });

    it.each([
      ["before", false],
      ["after", true],
    ] as const)("cuts the connection %s the effect", async (when, merged) => {
      await openPull();
      onMerge({ kind: "drop", when });
      await expect(merge()).rejects.toThrow("fetch failed");
      expect(isMerged()).toBe(merged);
      expect(world.github.calls().at(-1)).toMatchObject({ method: "PUT", status: undefined });
    });

    it("may delay", async () => {
      await openPull();
      onMerge({ kind: "delay", ms: 60 });
      const start = performance.now();
      expect((await merge()).status).toBe(200);
      expect(performance.now() - start).toBeGreaterThanOrEqual(59);
    });

    it("does not hide a refusal: 502 after a merge that was refused leaves it unmerged", async () => {
      await openPull();
      world.github.configure(REPO, { mergeMethods: ["rebase"] });
      onMerge({ kind: "respond", when: "after", status: 502 });
      expect((await merge()).status).toBe(502);
      expect(isMerged()).toBe(false);
    });
  });

  describe("a fault's rule", () => {
    it("sees what is asked", async () => {
      const seen: FaultRequest[] = [];
      await openPull();
      world.github.setFaults((request) => void seen.push(request));
      await merge();
      expect(seen).toContainEqual({
        method: "PUT",
        route: "/repos/{owner}/{repo}/pulls/{number}/merge",
        path: `/repos/${REPO}/pulls/1/merge`,
        host: new URL(world.github.url).host,
        body: { merge_method: "squash" },
        isRemembered: false,
      });
    });

    it("may change the world between a look and its merge", async () => {
      const { head } = await openPull();
      world.github.setFaults(async ({ route }) => {
        if (route.endsWith("/merge"))
          await world.github.push({ repo: REPO, user: "ben", branch: "b", files: { z: "1" }, message: "Late" });
        return undefined;
      });
      const answer = await world.ask("PUT", `/repos/${REPO}/pulls/1/merge`, { body: { sha: head.sha } });
      expect(answer.status).toBe(409);
    });
  });
});
