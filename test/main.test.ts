import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createAppKey } from "./support/app-key.ts";
import { listen } from "./support/listener.ts";
import { UNHURRIED } from "./support/patience.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const COMPLETE = {
  APP_ID: "12",
  PRIVATE_KEY: createAppKey().privateKey,
  WEBHOOK_SECRET: "6d2f0c94b1e8a7355f31d0c2b7a94e68",
};

/** The program as it dies at its start. */
function run(environment: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...environment },
  });
  return { status, stdout, stderr };
}

it("says in a sentence that its port is taken, and where to name another one", UNHURRIED, async () => {
  const other = await listen();
  const { port } = new URL(other.url);
  expect(run({ ...COMPLETE, HOST: "127.0.0.1", PORT: port })).toEqual({
    status: 1,
    stdout: "",
    stderr: `Tidegate cannot listen on port ${port} of 127.0.0.1: another program listens there already. End that one, or name another port by PORT.\n`,
  });
  await other.close();
});

it("shows no secret in its last words", UNHURRIED, () => {
  const token = `ghs_${"a1B2".repeat(9)}`;
  const { status, stderr } = run({ ...COMPLETE, PRIVATE_KEY: "", PRIVATE_KEY_PATH: `/nowhere/${token}` });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "PRIVATE_KEY_PATH names a file that cannot be read: /nowhere/[redacted]\n",
  });
});
