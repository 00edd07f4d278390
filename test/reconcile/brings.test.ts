import { describe, expect, it } from "vitest";
import type { Sha } from "../../src/core/names.ts";
import { brings } from "../../src/reconcile/brings.ts";
import { modelGit } from "../simulation/git.ts";

const START = new Map([
  ["route.yaml", "weight: 5\n"],
  ["docs.md", "old\n"],
]);
const STEP = new Map([["route.yaml", "weight: 25\n"]]);

/** A tracked branch, and a step on its head. */
async function proposed() {
  const git = modelGit(START, 0);
  const base = git.refs.get("refs/heads/main");
  if (base === undefined) throw new Error("No head.");
  const write = (parent: Sha, files: ReadonlyMap<string, string>) => git.write({ parent, files, message: "m", at: 1 });
  return { git, base, write, step: await write(base, STEP) };
}

describe("a commit that is said to bring a change", () => {
  it("does on the head that it was made on and where others wrote beside", async () => {
    const { git, base, write, step } = await proposed();
    const later = await write(base, new Map([["docs.md", "new\n"]]));
    expect(await brings(git, { commit: step, base }, STEP)).toBe(true);
    expect(await brings(git, { commit: step, base: later }, STEP)).toBe(true);
  });

  it("does not where the file has changed, where it says something else, or where it changes more", async () => {
    const { git, base, write, step } = await proposed();
    const changed = await write(base, new Map([["route.yaml", "weight: 0\n"]]));
    const more = await write(base, new Map([...STEP, ["docs.md", "new\n"]]));
    expect(await brings(git, { commit: step, base: changed }, STEP)).toBe(false);
    expect(await brings(git, { commit: step, base }, new Map([["route.yaml", "weight: 50\n"]]))).toBe(false);
    expect(await brings(git, { commit: more, base }, STEP)).toBe(false);
  });

  it("does not on history that the tracked branch no longer has, which its merge would bring back", async () => {
    const { git, base, write } = await proposed();
    const dropped = await write(base, new Map([["docs.md", "dropped\n"]]));
    const step = await write(dropped, STEP);
    const rewritten = await write(base, new Map([["docs.md", "other\n"]]));
    expect(await brings(git, { commit: step, base: dropped }, STEP)).toBe(true);
    expect(await brings(git, { commit: step, base: rewritten }, STEP)).toBe(false);
  });
});
