import { afterEach, expect, it } from "vitest";

import type { Sha } from "../../src/core/names.ts";
import type { GitReader, GitWriter } from "../../src/ports/git.ts";

/** A mirror, and the remote as others see it. */
export type GitWorld = {
  readonly git: GitReader & GitWriter;
  /** Someone commits files to a branch of the remote, which begins at `main`. */
  readonly push: (branch: string, files: Readonly<Record<string, string | undefined>>) => Promise<Sha>;
  /** The same with a symbolic link. */
  readonly link: (branch: string, path: string, to: string) => Promise<Sha>;
  readonly tip: (branch: string) => Promise<Sha | undefined>;
  readonly close: () => Promise<void>;
};

const AT = Date.UTC(2026, 10, 20, 10, 4, 11);
const BRANCH = "tidegate/checkout/prod";

/** What every git must do. */
export function gitContract(make: () => Promise<GitWorld>): void {
  const open: GitWorld[] = [];
  const world = async () => {
    const made = await make();
    open.push(made);
    return made;
  };
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  const commit = (parent: Sha, text: string) => ({
    parent,
    files: new Map([["apps/route.yaml", text]]),
    message: "checkout 5% → 25%\n\nWhy.",
    at: AT,
  });

  it("sees what others push, and forgets what they remove", async () => {
    const { git, push } = await world();
    const main = await push("main", { "apps/a.yaml": "1" });
    const bump = await push("bump", { "apps/b.yaml": "2" });
    const refs = await git.fetch();
    expect([refs.get("refs/heads/main"), refs.get("refs/heads/bump")]).toEqual([main, bump]);
    expect(await git.changed(main, bump)).toEqual(["apps/b.yaml"]);
    expect([await git.fork(main, bump), await git.fork(bump, main)]).toEqual([main, main]);
    expect(await git.commit(bump)).toMatchObject({ sha: bump, parents: [main] });
  });

  it("reads and lists regular files at a commit", async () => {
    const { git, push } = await world();
    const before = await push("main", { "apps/b.yaml": "b\r\n", "apps/a/x.yaml": "ü\n" });
    const after = await push("main", { "apps/b.yaml": "c\n", "apps/a/x.yaml": undefined });
    await git.fetch();
    const found = await git.read(before, ["apps/b.yaml", "apps/a/x.yaml", "apps", "none"]);
    expect(new Map([...found].map(([path, { text }]) => [path, text]))).toEqual(
      new Map([
        ["apps/a/x.yaml", "ü\n"],
        ["apps/b.yaml", "b\r\n"],
      ]),
    );
    expect(await git.list(before, "apps")).toEqual(["apps/a/x.yaml", "apps/b.yaml"]);
    expect(await git.list(after, "apps")).toEqual(["apps/b.yaml"]);
    expect((await git.history(after, "apps/a/x.yaml", 5)).map(({ sha }) => sha)).toEqual([after, before]);
  });

  it("tells where links lead, and lists none as a file", async () => {
    const { git, push, link } = await world();
    const before = await push("main", { "apps/a/x.yaml": "x\n" });
    const after = await link("linked", "apps/b/y.yaml", "../a/x.yaml");
    await git.fetch();
    expect([await git.links(before, ""), await git.links(after, "apps/a")]).toEqual([new Map(), new Map()]);
    const links = new Map([["apps/b/y.yaml", "../a/x.yaml"]]);
    expect([await git.links(after, ""), await git.links(after, "apps/b")]).toEqual([links, links]);
    expect(await git.list(after, "apps")).toEqual(["apps/a/x.yaml"]);
  });

  it("tells what lies where by the same word, whatever it is, and nothing of where nothing lies", async () => {
    const { git, push, link } = await world();
    const large = "x".repeat(1_048_577);
    const before = await push("main", { "apps/a/x.yaml": "x\n", "apps/b/x.yaml": "x\n", "apps/large.yaml": large });
    const after = await link("linked", "apps/c.yaml", "a/x.yaml");
    await git.fetch();
    const paths = ["apps", "apps/a/x.yaml", "apps/b/x.yaml", "apps/large.yaml", "apps/c.yaml", "apps/none.yaml"];
    const [one, other] = [await git.entries(before, paths), await git.entries(after, paths)];
    expect([[...one.keys()].toSorted(), [...other.keys()].toSorted()]).toEqual([
      ["apps", "apps/a/x.yaml", "apps/b/x.yaml", "apps/large.yaml"],
      ["apps", "apps/a/x.yaml", "apps/b/x.yaml", "apps/c.yaml", "apps/large.yaml"],
    ]);
    expect(one.get("apps/a/x.yaml")).toBe(one.get("apps/b/x.yaml"));
    const same = paths.filter((path) => one.has(path) && one.get(path) === other.get(path));
    expect(same).toEqual(["apps/a/x.yaml", "apps/b/x.yaml", "apps/large.yaml"]);
  });

  it("gives equal blobs equal ids", async () => {
    const { git, push } = await world();
    const one = await push("main", { a: "same\n", b: "same\n" });
    await git.fetch();
    const read = await git.read(one, ["a", "b"]);
    expect(read.get("a")?.id).toBe(read.get("b")?.id);
  });

  it("takes files away, and what else is in their folder stays", async () => {
    const { git, push } = await world();
    const main = await push("main", { "apps/a/x.yaml": "x", "apps/a/y.yaml": "y", "apps/z.yaml": "z" });
    await git.fetch();
    const files = new Map([
      ["apps/a/x.yaml", undefined],
      ["apps/z.yaml", "new"],
      ["apps/none.yaml", undefined],
    ]);
    const made = await git.write({ parent: main, files, message: "Take it away", at: AT });
    expect(await git.list(made, "apps")).toEqual(["apps/a/y.yaml", "apps/z.yaml"]);
    expect(await git.changed(main, made)).toEqual(["apps/a/x.yaml", "apps/z.yaml"]);
  });

  it("makes the same commit from the same facts", async () => {
    const { git, push } = await world();
    const main = await push("main", { "apps/route.yaml": "weight: 5\n", "apps/other.yaml": "1" });
    await git.fetch();
    const made = await git.write(commit(main, "weight: 25\n"));
    expect(await git.write(commit(main, "weight: 25\n"))).toBe(made);
    expect(await git.write(commit(main, "weight: 50\n"))).not.toBe(made);
    expect(await git.commit(made)).toEqual({
      sha: made,
      parents: [main],
      at: AT,
      author: "tidegate[bot]",
      ours: true,
      message: "checkout 5% → 25%\n\nWhy.",
    });
    expect(await git.changed(main, made)).toEqual(["apps/route.yaml"]);
    expect((await git.fetch()).get("refs/heads/main")).toBe(main);
  });

  it("pushes from what is expected, and only from there", async () => {
    const { git, push, tip } = await world();
    const main = await push("main", { a: "1" });
    await git.fetch();
    const one = await git.write(commit(main, "1"));
    const two = await git.write(commit(main, "2"));
    expect(await git.push(BRANCH, one, undefined)).toBe("pushed");
    expect(await git.push(BRANCH, one, undefined)).toBe("pushed");
    expect(await git.push(BRANCH, two, undefined)).toBe("moved");
    expect(await git.push(BRANCH, two, main)).toBe("moved");
    expect(await tip(BRANCH)).toBe(one);
    expect(await git.push(BRANCH, two, one)).toBe("pushed");
    expect(await tip(BRANCH)).toBe(two);
    expect((await git.fetch()).get(`refs/heads/${BRANCH}`)).toBe(two);
  });

  it("removes a branch that is where it is expected, and no other", async () => {
    const { git, push, tip } = await world();
    const main = await push("main", { a: "1" });
    await git.fetch();
    const one = await git.write(commit(main, "1"));
    await git.push(BRANCH, one, undefined);
    await git.remove(BRANCH, main);
    expect(await tip(BRANCH)).toBe(one);
    await git.remove(BRANCH, one);
    expect(await tip(BRANCH)).toBeUndefined();
    await git.remove(BRANCH, one);
    expect((await git.fetch()).has(`refs/heads/${BRANCH}`)).toBe(false);
  });

  it("never touches a branch that is not ours", async () => {
    const { git, push, tip } = await world();
    const before = await push("main", { a: "1" });
    await git.fetch();
    const one = await git.write(commit(before, "1"));
    await expect(git.push("main", one, before)).rejects.toThrow(RangeError);
    await expect(git.remove("main", before)).rejects.toThrow(RangeError);
    expect(await tip("main")).toBe(before);
  });
}
