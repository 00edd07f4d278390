import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { gitVersion } from "../../../src/adapters/git/version.ts";

/** What is said of a git that is this script. */
async function versionOf(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "git-version-"));
  await writeFile(join(folder, "git"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "git"), 0o755);
  try {
    return await gitVersion({ PATH: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

it.each([
  ["git version 2.39.5", "2.39.5"],
  ["git version 2.39.5 (Apple Git-154)", "2.39.5"],
  ["git version 2.45.1.windows.1", "2.45.1"],
  ["git version 2.38", "2.38"],
])("is read from %s", async (said, version) => {
  expect(await versionOf(`echo "${said}"`)).toBe(version);
});

it.each(["echo hello", "exit 3"])("is an error where git says none: %s", async (script) => {
  await expect(versionOf(script)).rejects.toThrow("git --version: ");
});

it("is an error where there is no git", async () => {
  await expect(gitVersion({ PATH: "/nowhere" })).rejects.toThrow("git --version: ");
});
