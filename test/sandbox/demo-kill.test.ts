import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { UNHURRIED } from "../support/patience.ts";

const PROGRAM = fileURLToPath(new URL("../../src/sandbox/demo-kill.ts", import.meta.url));

function run(options: readonly string[], path: string) {
  return spawnSync(process.execPath, [PROGRAM, ...options], { env: { PATH: path }, encoding: "utf8" });
}

it.each([
  ["where redis-server is missing", ["--redis"], "/nowhere", "--redis needs redis-server, which is not installed"],
  ["more kills than there are calls for", ["--redis", "--kills", "7"], "/nowhere", "--kills must be a whole number"],
  ["an option that is none", ["--valkey"], "/nowhere", "Unknown option '--valkey'"],
])("demo:kill refuses %s, and says how it is used", UNHURRIED, (_, options, path, words) => {
  const { status, stderr, stdout } = run(options, path);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(words);
  expect(stderr).toMatch(/Usage: npm run demo:kill[^]*--redis +two processes share a Redis/);
});
