import { spawnSync } from "node:child_process";
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
  [["start", "now"], "start takes nothing more, but was given: now\n"],
])("takes no wrong words: %j", UNHURRIED, (args, words) => {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.startsWith(words)).toBe(true);
});

it.each(["doctor", "why", "services", "change", "config"])("helps with %s in two ways", UNHURRIED, (command) => {
  expect(run("help", command)).toEqual(run(command, "--help"));
});

it("leaves with the status of its command", UNHURRIED, () => {
  const { status, stderr } = run("why", "acme/gitops");
  expect(status).toBe(3);
  expect(stderr).toContain("APP_ID: is not set");
});
