import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openObjectReader } from "../../../src/sandbox/github/object-reader.ts";
import type { ObjectReader } from "../../../src/sandbox/github/object-reader.ts";
import { git } from "../../../src/sandbox/github/run-git.ts";
import type { GitPlace } from "../../../src/sandbox/github/run-git.ts";
import { bareRepositoryHead } from "../../../src/sandbox/cluster/head.ts";

describe("bareRepositoryHead", () => {
  let place: GitPlace & { readonly objects: ObjectReader };

  beforeEach(async () => {
    const bare = { dir: await mkdtemp(join(tmpdir(), "head-")), path: process.env["PATH"] ?? "" };
    place = { ...bare, objects: openObjectReader(bare) };
    await git(place, ["init", "--bare", "--quiet", place.dir]);
  });
  afterEach(() => {
    place.objects.close();
    return rm(place.dir, { recursive: true });
  });

  const commit = (entries: readonly (readonly [mode: string, path: string, text: string])[]) => {
    const blobs = entries.map(
      ([mode, path, text]) => `M ${mode} inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`,
    );
    const head = "commit refs/heads/main\ncommitter ana <ana@example.com> 1700000000 +0000\ndata 1\nx\ndeleteall\n";
    return git(place, ["fast-import", "--quiet", "--force"], { input: head + blobs.join("") });
  };

  it("reads the YAML files under its root, byte for byte", async () => {
    await commit([
      ["100644", "apps/a/x.yaml", "ü: 1\n\n"],
      ["100755", "apps/a/b/y.yml", "y"],
      ["100644", "apps/a/empty.yaml", ""],
      ["100644", "apps/a/README.md", "text"],
      ["100644", ".tidegate/services/a.yaml", "state"],
      ["120000", "apps/a/link.yaml", "/etc/passwd"],
    ]);
    const { files } = await bareRepositoryHead(place, "main", "apps/")();
    expect(files).toEqual(
      new Map([
        ["apps/a/b/y.yml", "y"],
        ["apps/a/empty.yaml", ""],
        ["apps/a/x.yaml", "ü: 1\n\n"],
      ]),
    );
  });

  it("reads files with other endings where it is told to", async () => {
    await commit([
      ["100644", "chart/Chart.yaml", "name: a"],
      ["100644", "chart/templates/_helpers.tpl", "x"],
    ]);
    const { files } = await bareRepositoryHead(place, "main", "", /./)();
    expect([...files.keys()]).toEqual(["chart/Chart.yaml", "chart/templates/_helpers.tpl"]);
  });

  it("follows the branch", async () => {
    const head = bareRepositoryHead(place, "main", "");
    await commit([["100644", "a.yaml", "1"]]);
    const first = await head();
    expect(await head()).toBe(first);
    await commit([["100644", "a.yaml", "2"]]);
    const second = await head();
    expect(second.sha).not.toBe(first.sha);
    expect(second.files.get("a.yaml")).toBe("2");
  });

  it("rejects where there is no such branch", async () => {
    await expect(bareRepositoryHead(place, "main", "")()).rejects.toThrow(/There is no commit/);
  });
});
