import { describe, expect, it } from "vitest";

import { commandLines } from "../../src/prose/markdown.ts";
import { gate, worldsFor, type MakeWorld } from "./forge-world.ts";

/** What every forge must do with checks and comments. */
export function forgeWordsContract(make: MakeWorld): void {
  const { world, proposed } = worldsFor(make);

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
      const { forge, number, commentAs, editAs, pass, now, about, bot } = await proposed();
      const old = await commentAs("ana", number, "/hold");
      await pass(60_000);
      const since = now();
      const fresh = await commentAs("ben", number, "/resume");
      await pass(5_000);
      await editAs("ana", old, "/abort");
      const edited = await commentAs("cleo", number, "/promote");
      await pass(5_000);
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
      expect(comments[0]).toMatchObject({ at: about(since), body: "/resume" });
    });

    it("are answered once we react, and reacting twice is the same", async () => {
      const { forge, number, commentAs } = await proposed();
      const comment = await commentAs("ana", number, "/hold");
      expect(await forge.answered(comment)).toBe(false);
      await forge.react(comment, "+1");
      await forge.react(comment, "+1");
      expect(await forge.answered(comment)).toBe(true);
    });

    it("count their reactions, whoever's they are", async () => {
      const { forge, number, commentAs, now } = await proposed();
      const comment = await commentAs("ana", number, "/hold");
      const read = async () => (await forge.comments(now())).map(({ id, reactions }) => [id, reactions]);
      expect(await read()).toEqual([[comment, 0]]);
      await forge.react(comment, "+1");
      expect(await read()).toEqual([[comment, 1]]);
    });

    it("of ours write a press of a button down, once until it is answered", async () => {
      const { forge, number, headSha, said, now } = await proposed();
      const hold = () => forge.noteAsked(number, { by: "ana", headSha }, "hold");
      await Promise.all([hold(), hold()]);
      await hold();
      const [noted, ...others] = await forge.comments(now());
      expect(others).toEqual([]);
      expect(noted).toMatchObject({ pull: number, byBot: true, edited: false, asked: { by: "ana", headSha } });
      expect(commandLines(noted?.body ?? "")).toEqual(["/hold"]);
      await forge.noteAsked(number, { by: "ben", headSha }, "hold");
      await forge.noteAsked(number, { by: "ana", headSha }, "abort");
      expect(await said(number)).toHaveLength(3);
      await forge.react(noted?.id ?? 0, "+1");
      await hold();
      expect(await said(number)).toHaveLength(4);
    });

    it("are no press where others wrote them, or changed them", async () => {
      const { forge, number, headSha, commentAs, editAs, pass, now } = await proposed();
      const since = now();
      await forge.noteAsked(number, { by: "ana", headSha }, "hold");
      const [noted] = await forge.comments(since);
      if (noted === undefined) return expect.unreachable();
      await pass(5_000);
      await commentAs("cleo", number, noted.body);
      expect((await forge.comments(since)).map(({ asked }) => asked?.by)).toEqual(["ana", undefined]);
      await editAs("ben", noted.id, noted.body.replace("ana", "ben"));
      expect((await forge.comments(since)).map(({ asked }) => asked?.by)).toEqual([undefined, undefined]);
    });

    it.each([
      ["ana --> /abort", "hold"],
      ["renovate[bot]", "hold"],
      ["ana", "hold now"],
    ])("are never written for %s and %s", async (by, verb) => {
      const { forge, number, headSha } = await proposed();
      await expect(forge.noteAsked(number, { by, headSha }, verb)).rejects.toThrow(RangeError);
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
