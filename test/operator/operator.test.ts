import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { askingFor, operatorOf } from "../../src/operator/operator.ts";
import { settingsOf } from "../../src/operator/settings.ts";
import { createAppKey } from "../support/app-key.ts";

const ENVIRONMENT = { APP_ID: "1", PRIVATE_KEY: createAppKey().privateKey, WEBHOOK_SECRET: "secret" };

it("reads mounted files whenever they are asked for, and none outside of their folder", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-operator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { mounted } = operatorOf(settingsOf({ ...ENVIRONMENT, METRICS_FILES: folder }), {});
  expect(mounted("token")).toBeUndefined();
  writeFileSync(join(folder, "..data-token"), "first\n");
  symlinkSync("..data-token", join(folder, "token"));
  expect(mounted("token")).toBe("first");
  writeFileSync(join(folder, "..data-token"), "second");
  expect(mounted("token")).toBe("second");
  for (const name of ["../token", "/etc/hostname", "..data-token", ".", ""]) expect(mounted(name)).toBeUndefined();
  writeFileSync(join(folder, "huge"), "x".repeat(20_000));
  expect(mounted("huge")).toBeUndefined();
});

it("mounts nothing where no folder is said", () => {
  expect(operatorOf(settingsOf(ENVIRONMENT), {}).mounted("token")).toBeUndefined();
});

it("knows the networks of the operator, or says which variable is wrong", () => {
  expect(settingsOf({ ...ENVIRONMENT, METRICS_NETWORKS: "10.0.0.0/8, fd00::/8" }).METRICS_NETWORKS).toEqual([
    "10.0.0.0/8",
    "fd00::/8",
  ]);
  expect(() => settingsOf({ ...ENVIRONMENT, METRICS_NETWORKS: "10.0.0.0" })).toThrow(
    "METRICS_NETWORKS: must be networks such as 10.0.0.0/8, with commas between them",
  );
});

it("asks no name that leads to this machine where nobody allowed that", async () => {
  const { fetch } = askingFor(settingsOf(ENVIRONMENT), { now: () => 0 });
  await expect(fetch(new URL("http://169.254.169.254/"), {})).rejects.toMatchObject({ code: "EADDRESSREFUSED" });
});
