import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openMirror } from "../../../src/adapters/git/git.ts";
import { sha, type Sha } from "../../../src/core/names.ts";
import type { GitReader } from "../../../src/ports/git.ts";
import { bareRemote, memoryLog } from "../../support/remote.ts";

const remote = bareRemote();
afterAll(remote.remove);
const folder = join(remote.root, "bin");
const asked = join(remote.root, "asked");
const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
mkdirSync(folder);
writeFileSync(join(folder, "git"), `#!/bin/sh\necho "$*" >>${asked}\nexec ${real} "$@"\n`, { mode: 0o755 });

/** What git was asked to do meanwhile, in order. */
async function processesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  writeFileSync(asked, "");
  await work();
  const lines = readFileSync(asked, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => line.split(" ").find((word) => !word.startsWith("--git-dir")) ?? "");
}

const PATHS = ["apps/a/route.yaml", "apps/b/route.yaml"];

async function look(mirror: GitReader, first: Sha): Promise<void> {
  const head = (await mirror.fetch()).get("refs/heads/main") ?? first;
  await Promise.all([
    mirror.commit(head),
    mirror.list(head, ""),
    mirror.read(head, PATHS),
    mirror.changed(first, head),
    mirror.fork(first, head),
    mirror.contains(head, first),
    ...PATHS.map((path) => mirror.history(head, path, 300)),
  ]);
}

describe("a look", () => {
  it("asks git for what has changed, and for nothing twice", async () => {
    const first = remote.commit("main", { "apps/a/route.yaml": "1", "apps/b/route.yaml": "1" });
    const ambient = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
    const directory = join(remote.root, "mirrors", "a");
    const mirror = await openMirror({ directory, url: remote.url, token: async () => "", log: memoryLog(), ambient });
    const begun = await processesOf(() => look(mirror, first));
    expect(begun.toSorted()).toEqual(["cat-file", "fetch", "for-each-ref", "log", "log"]);
    expect(await processesOf(() => look(mirror, first))).toEqual(["fetch"]);
    remote.commit("main", { "apps/a/route.yaml": "2" });
    expect(await processesOf(() => look(mirror, first))).toEqual(["fetch", "for-each-ref"]);
    remote.git("branch", "side", first);
    const side = remote.commit("side", { "apps/b/route.yaml": "3" });
    const main = sha(remote.git("rev-parse", "main"));
    await mirror.fetch();
    expect(await processesOf(() => mirror.changed(main, side))).toEqual([]);
    expect(await processesOf(() => mirror.contains(main, side))).toEqual(["merge-base"]);
    expect(await processesOf(() => mirror.contains(main, side))).toEqual([]);
  });
});
