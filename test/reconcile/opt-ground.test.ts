import { describe, expect, it } from "vitest";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { optGroundAt, Unforeseen } from "../../src/reconcile/opt-ground.ts";
import { modelGit } from "../simulation/git.ts";

const FILES = new Map([
  ["a/one", "a/two"],
  ["a/two", "a/three"],
  ["a/three", "the end"],
]);

async function ground(files: ReadonlyMap<string, string> = FILES) {
  const git = modelGit(files, 0);
  const head = git.refs.get("refs/heads/main");
  if (head === undefined) throw new Error("There is a main branch.");
  const reads: string[] = [];
  const eyes = {
    memory: freshMemory(),
    git: {
      ...git,
      read: (commit: typeof head, paths: readonly string[]) => {
        reads.push(...paths);
        return git.read(commit, paths);
      },
    },
  };
  const made = await optGroundAt({ head, eyes });
  if (made === undefined) throw new Error("The repository is small.");
  reads.length = 0;
  return { ...made, reads };
}

/** Follows the texts, each of which names the next file. */
function follow(read: (path: string) => string | undefined, path: string): string {
  const next = read(path);
  return next === undefined ? path : follow(read, next);
}

describe("work on files that are read as they are asked for", () => {
  it("is done again until it has read all that it asks for, each file once", async () => {
    const { settled, reads } = await ground();
    expect(await settled([], (read) => follow(read, "a/one"))).toBe("the end");
    expect(await settled(["a/three"], (read) => follow(read, "a/two"))).toBe("the end");
    expect(reads).toEqual(["a/one", "a/two", "a/three"]);
  });

  it("fails by what it has read as a whole, not by a part of it", async () => {
    const { settled } = await ground();
    const strict = (read: (path: string) => string | undefined) => {
      if (read("a/two") === undefined) throw new Error("half of it");
      return "all of it";
    };
    expect(await settled([], strict)).toBe("all of it");
    const failing = settled([], () => {
      throw new Error("odd");
    });
    await expect(failing).rejects.toThrow(Unforeseen);
  });

  it("finds nothing where there is nothing", async () => {
    const { settled, reads } = await ground();
    expect(await settled(["b"], (read) => [read("b"), read("a")])).toEqual([undefined, undefined]);
    expect(reads).toEqual([]);
  });
});
