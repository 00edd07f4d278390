import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { openMirror } from "../../../src/adapters/git/git.ts";
import { sha, type Sha } from "../../../src/core/names.ts";
import type { GitReader, GitWriter, NewCommit } from "../../../src/ports/git.ts";
import { bareRemote, memoryLog, type FileAt, type Remote } from "../../support/remote.ts";
import { serveGit, type Faults, type SmartHttp } from "../../support/smart-http.ts";

const TOKEN = `ghs_12345_${"a".repeat(40)}.${"b".repeat(40)}.${"c".repeat(40)}`;
const AT = Date.UTC(2026, 10, 20, 10, 4, 11);

type Bench = {
  readonly remote: Remote;
  readonly directory: string;
  readonly log: ReturnType<typeof memoryLog>;
  readonly open: (url?: string, token?: (refused?: string) => Promise<string>) => Promise<GitReader & GitWriter>;
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function bench(): Bench {
  const remote = bareRemote();
  cleanups.push(remote.remove);
  const directory = join(remote.root, "mirrors", "acme+gitops");
  const log = memoryLog();
  const open: Bench["open"] = (url = remote.url, token = async () => TOKEN) =>
    openMirror({ directory, url, token, log, ambient: process.env });
  return { remote, directory, log, open };
}

async function serve(remote: Remote, faults?: Faults): Promise<SmartHttp & { readonly repo: string }> {
  const server = await serveGit(remote.root, faults);
  cleanups.push(server.close);
  return { ...server, repo: `${server.url}/acme/gitops.git` };
}

const change = (parent: Sha, files: Readonly<Record<string, string>>): NewCommit => ({
  parent,
  files: new Map(Object.entries(files)),
  message: "checkout: 5% → 25%",
  at: AT,
});

describe("reading", () => {
  it("gives regular UTF-8 files byte for byte and leaves everything else out", async () => {
    const { remote, open } = bench();
    const files: Record<string, FileAt> = {
      "apps/a.yaml": "a: 1\r\n# ü\n",
      "apps/bom.yaml": "\uFEFFa: 1\n",
      "apps/empty.yaml": "",
      "apps/run.sh": { mode: "100755", text: "#!/bin/sh\n" },
      "apps/link.yaml": { mode: "120000", text: "/etc/passwd" },
      "apps/module": { mode: "160000", text: "1".repeat(40) },
      "apps/latin1.yaml": { mode: "100644", text: Buffer.from([0x61, 0xe4, 0x0a]) },
      "apps/largest.yaml": "x".repeat(1_048_576),
      "apps/too-large.yaml": "x".repeat(1_048_577),
    };
    const head = remote.commit("main", files);
    const mirror = await open();
    const read = await mirror.read(head, [
      ...Object.keys(files),
      "apps",
      "apps/none.yaml",
      "../x",
      "/etc/passwd",
      "-p",
      "",
    ]);
    expect([...read.keys()].toSorted()).toEqual([
      "apps/a.yaml",
      "apps/bom.yaml",
      "apps/empty.yaml",
      "apps/largest.yaml",
      "apps/run.sh",
    ]);
    expect(read.get("apps/a.yaml")).toEqual({
      id: remote.git("rev-parse", `${head}:apps/a.yaml`),
      text: "a: 1\r\n# ü\n",
    });
    expect(read.get("apps/bom.yaml")?.text).toBe("\uFEFFa: 1\n");
  });

  it("takes a path as it is written, wildcards included", async () => {
    const { remote, open } = bench();
    const head = remote.commit("main", { "a[1].yaml": "x", "a1.yaml": "y", ":(top)b": "z" });
    const mirror = await open();
    expect([...(await mirror.read(head, ["a[1].yaml", "*.yaml", ":(top)b"])).keys()].toSorted()).toEqual([
      ":(top)b",
      "a[1].yaml",
    ]);
  });

  it("reads more paths than one command takes", async () => {
    const { remote, open } = bench();
    const names = Array.from({ length: 1_100 }, (_, n) => `apps/s${n}/route.yaml`);
    const head = remote.commit("main", Object.fromEntries(names.map((name) => [name, name])));
    const read = await (await open()).read(head, names);
    expect(names.every((name) => read.get(name)?.text === name)).toBe(true);
  });

  it.each([
    ["a folder", "apps", ["apps/b/c.yaml", "apps/d.yaml"]],
    ["a folder with a slash", "apps/", ["apps/b/c.yaml", "apps/d.yaml"]],
    ["the root", "", ["apps/b/c.yaml", "apps/d.yaml", "appsx.yaml"]],
    ["a file", "appsx.yaml", []],
    ["nothing", "none", []],
    ["a place outside", "../x", []],
  ])("lists the regular files under %s", async (_, folder, paths) => {
    const { remote, open } = bench();
    const head = remote.commit("main", {
      "apps/d.yaml": "1",
      "apps/b/c.yaml": "1",
      "appsx.yaml": "1",
      "apps/link": { mode: "120000", text: "d.yaml" },
    });
    expect(await (await open()).list(head, folder)).toEqual(paths);
  });

  it("tells a commit as it is", async () => {
    const { remote, open } = bench();
    const parent = sha(remote.git("rev-parse", "main"));
    const head = remote.commit("main", { a: "1" }, "Subject\n\nBody with ü\n");
    const seconds = Number(remote.git("log", "-1", "--format=%ct", head));
    expect(await (await open()).commit(head)).toEqual({
      sha: head,
      parents: [parent],
      at: seconds * 1_000,
      author: remote.git("log", "-1", "--format=%an", head),
      ours: false,
      message: "Subject\n\nBody with ü",
    });
  });

  it("rejects a commit that is not there, in git's words", async () => {
    const { open } = bench();
    await expect((await open()).commit(sha("1".repeat(40)))).rejects.toThrow(/^git log: fatal: bad object 1{40}/);
  });

  it("follows a path's history along first parents, merges included", async () => {
    const { remote, open } = bench();
    const first = remote.commit("main", { a: "1" });
    remote.git("branch", "side", first);
    remote.commit("side", { a: "2" });
    remote.commit("main", { b: "1" });
    const tree = remote.git("rev-parse", "side^{tree}");
    const merge = execFileSync(
      "git",
      [
        `--git-dir=${remote.directory}`,
        "-c",
        "user.name=ana",
        "-c",
        "user.email=a@b",
        "commit-tree",
        tree,
        "-p",
        "main",
        "-p",
        "side",
        "-m",
        "Merge",
      ],
      { encoding: "utf8" },
    ).trim();
    remote.git("update-ref", "refs/heads/main", merge);
    const mirror = await open();
    expect((await mirror.history(sha(merge), "a", 10)).map((commit) => commit.sha)).toEqual([merge, first]);
    expect((await mirror.history(sha(merge), "a", 1)).map((commit) => commit.sha)).toEqual([merge]);
    await expect((async () => mirror.history(sha(merge), "--output=x", 1))()).rejects.toThrow(RangeError);
  });

  it("shows what a pull request's diff shows, both names of a renamed file", async () => {
    const { remote, open } = bench();
    const base = remote.commit("main", { a: "1".repeat(99), old: "2".repeat(99) });
    remote.git("branch", "side", base);
    const head = remote.commit("side", { old: undefined, new: "2".repeat(99), "with space": "3" });
    const moved = remote.commit("main", { a: "changed on main" });
    expect(await (await open()).changed(moved, head)).toEqual(["new", "old", "with space"]);
  });
});

describe("fetching", () => {
  it("tells every branch and pull request head, and forgets those that are gone", async () => {
    const { remote, open } = bench();
    const head = remote.commit("feature", { a: "1" });
    remote.git("update-ref", "refs/pull/7/head", head);
    remote.git("update-ref", "refs/pull/7/merge", head);
    remote.git("tag", "v1", head);
    const mirror = await open();
    const main = sha(remote.git("rev-parse", "main"));
    expect([...(await mirror.fetch())]).toEqual([
      ["refs/heads/feature", head],
      ["refs/heads/main", main],
      ["refs/pull/7/head", head],
    ]);
    remote.git("update-ref", "-d", "refs/heads/feature");
    remote.commit("feature/nested", { b: "1" });
    expect([...(await mirror.fetch()).keys()]).toEqual([
      "refs/heads/feature/nested",
      "refs/heads/main",
      "refs/pull/7/head",
    ]);
  });

  it("follows a branch that was forced elsewhere", async () => {
    const { remote, open } = bench();
    const first = sha(remote.git("rev-parse", "main"));
    remote.commit("main", { a: "1" });
    const mirror = await open();
    remote.git("update-ref", "refs/heads/main", first);
    expect((await mirror.fetch()).get("refs/heads/main")).toBe(first);
  });

  it("works on a repository without commits", async () => {
    const { remote, open } = bench();
    remote.git("update-ref", "-d", "refs/heads/main");
    expect(await (await open()).fetch()).toEqual(new Map());
  });

  it("tells the same where nothing moved, and what changed after one that failed", async () => {
    const { remote, directory, open } = bench();
    const mirror = await open();
    const before = await mirror.fetch();
    expect(await mirror.fetch()).toEqual(before);
    const head = remote.commit("main", { a: "1" });
    remote.git("config", "transfer.hideRefs", "refs/heads/other");
    renameSync(remote.directory, `${remote.directory}.away`);
    await expect(mirror.fetch()).rejects.toThrow(/git fetch/);
    renameSync(`${remote.directory}.away`, remote.directory);
    // Half of what a fetch does that is cut off: the ref has moved, and nobody has been told.
    execFileSync("git", [`--git-dir=${directory}`, "fetch", "--quiet", remote.directory, "+refs/heads/*:refs/heads/*"]);
    expect((await mirror.fetch()).get("refs/heads/main")).toBe(head);
    remote.git("update-ref", "refs/heads/other", head);
    expect(await mirror.fetch()).toEqual(new Map([["refs/heads/main", head]]));
  });

  it("runs fetches that arrive together one after the other", async () => {
    const { remote, open } = bench();
    const mirror = await open();
    const head = remote.commit("main", { a: "1" });
    const seen = await Promise.all([mirror.fetch(), mirror.fetch(), mirror.fetch()]);
    expect(seen.map((refs) => refs.get("refs/heads/main"))).toEqual([head, head, head]);
  });
});

describe("writing", () => {
  it("makes the same commit from the same facts, and moves no ref", async () => {
    const { remote, directory, open } = bench();
    const parent = remote.commit("main", { "apps/a.yaml": "1\n", "bin/run": { mode: "100755", text: "old" } });
    const mirror = await open();
    const before = execFileSync("git", [`--git-dir=${directory}`, "for-each-ref"], { encoding: "utf8" });
    const commit = change(parent, { "apps/a.yaml": "2\n", "bin/run": "new", 'new/dir/"q".yaml': "ü" });
    const made = await Promise.all([mirror.write(commit), mirror.write(commit), mirror.write(commit)]);
    expect(new Set(made).size).toBe(1);
    expect(execFileSync("git", [`--git-dir=${directory}`, "for-each-ref"], { encoding: "utf8" })).toBe(before);
    const [id] = made;
    expect(await mirror.commit(id)).toEqual({
      sha: id,
      parents: [parent],
      at: AT,
      author: "tidegate[bot]",
      ours: true,
      message: "checkout: 5% → 25%",
    });
    expect((await mirror.changed(parent, id)).toSorted()).toEqual(["apps/a.yaml", "bin/run", 'new/dir/"q".yaml']);
    const show = execFileSync("git", [`--git-dir=${directory}`, "-c", "core.quotePath=false", "ls-tree", "-r", id], {
      encoding: "utf8",
    });
    expect(show.split("\n").map((line) => line.slice(0, 6))).toEqual(["100644", "100755", "100644", ""]);
    const raw = execFileSync("git", [`--git-dir=${directory}`, "cat-file", "commit", id], { encoding: "utf8" });
    expect(raw).toContain(
      `author tidegate[bot] <tidegate[bot]@users.noreply.github.com> ${AT / 1_000} +0000\ncommitter tidegate[bot] <`,
    );
  });

  it("gives the id that any mirror gives", async () => {
    const one = bench();
    const two = bench();
    const made = [one, two].map(async ({ remote, open }) =>
      (await open()).write(change(sha(remote.git("rev-parse", "main")), { a: "1" })),
    );
    const [first, second] = await Promise.all(made);
    expect(first).toBe(second);
  });

  it.each([
    ["an absolute path", "/etc/passwd"],
    ["a path upwards", "a/../../b"],
    ["git's own folder", "a/.git/config"],
    ["git's own folder in capitals", ".GIT/config"],
    ["git's own folder by its short name", "GIT~1/config"],
    ["git's own folder with an invisible character", ".g\u200Cit/config"],
    ["a leading dash", "-rf"],
    ["a NUL", "a\0b"],
    ["a line break", "a\nb"],
    ["an empty path", ""],
    ["an empty part", "a//b"],
    ["a trailing slash", "a/"],
    ["a link", "link"],
    ["a path through a link", "link/passwd"],
    ["a path through a file", "file/x"],
    ["a folder", "folder"],
    ["a submodule", "module"],
  ])("refuses %s", async (_, path) => {
    const { remote, open } = bench();
    const parent = remote.commit("main", {
      link: { mode: "120000", text: "/etc" },
      file: "1",
      "folder/x": "1",
      module: { mode: "160000", text: "1".repeat(40) },
    });
    await expect((await open()).write(change(parent, { [path]: "x" }))).rejects.toThrow(RangeError);
  });

  it("refuses half a character", async () => {
    const { remote, open } = bench();
    const parent = remote.commit("main", { a: "1" });
    await expect((await open()).write(change(parent, { a: "\uD83D" }))).rejects.toThrow("half a character");
  });
});

describe("pushing", () => {
  const BRANCH = "tidegate/checkout/prod/1-42-0";

  it("creates, moves and removes a branch, each exactly once", async () => {
    const { remote, open } = bench();
    const parent = sha(remote.git("rev-parse", "main"));
    const mirror = await open();
    const one = await mirror.write(change(parent, { a: "1" }));
    const two = await mirror.write(change(parent, { a: "2" }));
    const at = () => remote.git("for-each-ref", "--format=%(objectname)", `refs/heads/${BRANCH}`);
    expect(await mirror.push(BRANCH, one, undefined)).toBe("pushed");
    expect(await mirror.push(BRANCH, one, undefined)).toBe("pushed");
    expect(await mirror.push(BRANCH, two, undefined)).toBe("moved");
    expect(at()).toBe(one);
    expect(await mirror.push(BRANCH, two, one)).toBe("pushed");
    expect(await mirror.push(BRANCH, two, one)).toBe("pushed");
    await mirror.remove(BRANCH, one);
    expect(at()).toBe(two);
    await mirror.remove(BRANCH, two);
    await mirror.remove(BRANCH, two);
    expect(at()).toBe("");
  });

  it("says moved where the branch is gone", async () => {
    const { remote, open } = bench();
    const parent = sha(remote.git("rev-parse", "main"));
    const mirror = await open();
    const one = await mirror.write(change(parent, { a: "1" }));
    expect(await mirror.push(BRANCH, one, parent)).toBe("moved");
  });

  it.each([
    "main",
    "refs/heads/main",
    "tidegate",
    "tidegate/",
    "tidegate/../main",
    "tidegate/a..b",
    "tidegate/a.lock",
    "tidegate/-x",
    "tidegate/a b",
    "tidegate/a:refs/heads/main",
    "tidegate/.a",
    "tidegate/a.",
  ])("refuses to touch %s", async (branch) => {
    const { remote, open } = bench();
    const parent = sha(remote.git("rev-parse", "main"));
    const mirror = await open();
    const attempts = [async () => mirror.push(branch, parent, undefined), async () => mirror.remove(branch, parent)];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow("Not a branch of ours");
  });

  it("throws what a rule of the remote says, and nothing has moved", async () => {
    const { remote, open } = bench();
    const parent = sha(remote.git("rev-parse", "main"));
    writeFileSync(join(remote.directory, "hooks", "pre-receive"), "#!/bin/sh\necho no pushes today >&2\nexit 1\n", {
      mode: 0o755,
    });
    const mirror = await open();
    await expect(mirror.push(BRANCH, parent, undefined)).rejects.toThrow("no pushes today");
  });

  it("sees that a push took effect although its answer got lost", async () => {
    const { remote, open } = bench();
    const server = await serve(remote, {
      lost: ({ url, method }) => method === "POST" && url?.endsWith("git-receive-pack") === true,
    });
    const mirror = await open(server.repo);
    const one = await mirror.write(change(sha(remote.git("rev-parse", "main")), { a: "1" }));
    expect(await mirror.push(BRANCH, one, undefined)).toBe("pushed");
    expect(remote.git("rev-parse", BRANCH)).toBe(one);
  });
});

describe("the token", () => {
  it("travels as a header and is nowhere else", async () => {
    const { remote, directory, open } = bench();
    const server = await serve(remote);
    const mirror = await open(server.repo);
    await mirror.fetch();
    const header = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString("base64")}`;
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(new Set([header]));
    const kept = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = kept.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    expect(texts.filter((text) => text.includes("ghs_") || text.includes(header.slice(6)))).toEqual([]);
  });

  it("is asked for anew once when the remote refuses it", async () => {
    const { remote, open } = bench();
    const good = `Basic ${Buffer.from("x-access-token:second").toString("base64")}`;
    const server = await serve(remote, {
      before: (request, response) => {
        if (request.headers.authorization === good) return false;
        response.writeHead(401, { "www-authenticate": "Basic" }).end();
        return true;
      },
    });
    const asked: (string | undefined)[] = [];
    const mirror = await open(server.repo, async (refused) => {
      asked.push(refused);
      return refused === undefined ? "first" : "second";
    });
    expect((await mirror.fetch()).size).toBe(1);
    expect(asked).toEqual([undefined, "first", undefined, "first"]);
  });

  it("is in no error message", async () => {
    const { remote, open } = bench();
    const server = await serve(remote, {
      before: (request, response) => {
        response.writeHead(500, { "content-type": "text/plain" }).end(`${TOKEN} ${request.headers.authorization}`);
        return true;
      },
    });
    const error: unknown = await open(server.repo).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    const told = error instanceof Error ? `${error.message} ${error.stack ?? ""} ${JSON.stringify(error)}` : "";
    expect(told).toContain("git clone");
    expect(told).not.toMatch(/ghs_|aaaa|eC1hY2Nlc3/);
  });

  it.each(["https://ana:secret@github.com/acme/gitops.git", "ssh://git@github.com/acme/gitops.git", "ext::sh -c true"])(
    "refuses the remote %s",
    async (url) => {
      const { open } = bench();
      await expect(open(url)).rejects.toThrow(/must/);
    },
  );
});

describe("a mirror that is not as it should be", () => {
  const damage: readonly (readonly [string, (directory: string) => void])[] = [
    [
      "an empty folder",
      (directory) => {
        rmSync(directory, { recursive: true });
        mkdirSync(directory);
      },
    ],
    ["a folder without HEAD", (directory) => rmSync(join(directory, "HEAD"))],
    [
      "a repository without objects",
      (directory) => {
        rmSync(join(directory, "objects"), { recursive: true });
        mkdirSync(join(directory, "objects"));
      },
    ],
    [
      "the mirror of another remote",
      (directory) => execFileSync("git", [`--git-dir=${directory}`, "config", "remote.origin.url", "file:///nowhere"]),
    ],
  ];

  it.each(damage)("is cloned anew when it is opened: %s", async (_, spoil) => {
    const { remote, directory, log, open } = bench();
    const head = remote.commit("main", { a: "1" });
    await open();
    spoil(directory);
    const mirror = await open();
    expect((await mirror.fetch()).get("refs/heads/main")).toBe(head);
    expect((await mirror.read(head, ["a"])).get("a")?.text).toBe("1");
    expect(log.lines.filter(({ message }) => message === "The mirror is cloned.")).toHaveLength(2);
  });

  it("mends a ref that is garbage", async () => {
    const { remote, directory, open } = bench();
    const head = remote.commit("main", { a: "1" });
    const mirror = await open();
    writeFileSync(join(directory, "refs", "heads", "main"), "garbage\n");
    expect((await mirror.fetch()).get("refs/heads/main")).toBe(head);
  });

  it.each(damage.slice(0, 3))("is cloned anew by the next fetch: %s", async (_, spoil) => {
    const { remote, directory, open } = bench();
    const head = remote.commit("main", { a: "1" });
    const mirror = await open();
    spoil(directory);
    remote.commit("main", { b: "1" });
    await mirror.fetch();
    expect((await mirror.read(head, ["a"])).get("a")?.text).toBe("1");
  });

  it("is cloned anew by the next fetch when a reader found it damaged", async () => {
    const { remote, directory, log, open } = bench();
    const head = remote.commit("main", { a: "1" });
    const mirror = await open();
    const objects = join(directory, "objects");
    rmSync(objects, { recursive: true });
    mkdirSync(objects);
    mkdirSync(join(objects, head.slice(0, 2)));
    writeFileSync(join(objects, head.slice(0, 2), head.slice(2)), "garbage");
    await expect(mirror.read(head, ["a"])).rejects.toThrow("git cat-file");
    await mirror.fetch();
    expect((await mirror.read(head, ["a"])).get("a")?.text).toBe("1");
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it("loses the locks of a dead process, at once and in flight", async () => {
    const { remote, directory, log, open } = bench();
    const mirror = await open();
    const head = remote.commit("main", { a: "1" });
    writeFileSync(join(directory, "refs", "heads", "main.lock"), "");
    writeFileSync(join(directory, "packed-refs.lock"), "");
    expect((await mirror.fetch()).get("refs/heads/main")).toBe(head);
    expect(log.lines.at(-1)).toMatchObject({ level: "warn", fields: { files: 2 } });
    writeFileSync(join(directory, "packed-refs.lock"), "");
    await open();
    expect(existsSync(join(directory, "packed-refs.lock"))).toBe(false);
  });

  it("leaves nothing half made behind", async () => {
    const { directory, open } = bench();
    mkdirSync(`${directory}.new-x`, { recursive: true });
    mkdirSync(`${directory}.old-x`, { recursive: true });
    await open();
    expect(readdirSync(join(directory, ".."))).toEqual(["acme+gitops"]);
  });

  it("throws when the remote is gone, and keeps what it has", async () => {
    const { remote, open } = bench();
    const head = remote.commit("main", { a: "1" });
    const mirror = await open();
    rmSync(remote.directory, { recursive: true });
    await expect(mirror.fetch()).rejects.toThrow("git fetch");
    expect((await mirror.read(head, ["a"])).get("a")?.text).toBe("1");
  });
});
