import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { UNHURRIED } from "./support/patience.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  return { status, stdout, stderr };
}

it.each([[[]], [["help"]], [["--help"]]])("says what there is: %j", UNHURRIED, (args) => {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  for (const word of ["start", "doctor", "why", "services", "change", "config", "version"])
    expect(stdout).toMatch(new RegExp(`^ {2}${word} `, "m"));
});

it.each([
  [["doktor"], "There is no command doktor. Did you mean doctor?\n"],
  [["help", "wyh"], "There is no command wyh. Did you mean why?\n"],
  [["start", "now"], "More was given than is understood: now\n"],
  [["version", "now"], "version takes nothing more, but was given: now\n"],
])("takes no wrong words: %j", UNHURRIED, (args, words) => {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.startsWith(words)).toBe(true);
});

it.each(["start", "doctor"])("helps with %s in two ways", UNHURRIED, (command) => {
  expect(run("help", command)).toEqual(run(command, "--help"));
});

it("leaves with the status of its command", UNHURRIED, () => {
  const { status, stderr } = run("why", "acme/gitops");
  expect(status).toBe(3);
  expect(stderr).toContain("APP_ID: is not set");
});

it("is told by a file what the environment does not say", UNHURRIED, () => {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  const file = join(folder, "tidegate.env");
  writeFileSync(file, "APP_ID=12\nPORT=many\n", { mode: 0o600 });
  const { status, stdout, stderr } = run("start", "--env", file);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^The environment[^]*PORT: [^]*PRIVATE_KEY_PATH: is not set[^]*tidegate setup/);
  expect(stderr).not.toContain("APP_ID: ");
  expect(run("doctor", "--env", join(folder, "none"))).toEqual({
    status: 1,
    stdout: "",
    stderr: `The environment's file ${join(folder, "none")} cannot be read: ENOENT.\n`,
  });
  rmSync(folder, { recursive: true });
});
