import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { jsonLogger, logTo } from "../../src/adapters/log.ts";
import { probotFor, tidegateApp } from "../../src/app.ts";
import { EVENTS, NEEDED } from "../../src/doctor/app-findings.ts";
import { createAppKey } from "../support/app-key.ts";

const UNASKED = new Set(["check_run", "check_suite", "installation", "installation_repositories", "merge_group"]);
const PAGE = readFileSync(new URL("../../docs/install.md", import.meta.url), "utf8");

it("the events that are asked for are those that are listened to", () => {
  const logger = jsonLogger("error", () => undefined);
  const probot = probotFor({ appId: 1, privateKey: createAppKey().privateKey, log: logger });
  const heard: string[] = [];
  const on = (events: string | readonly string[]): void => void heard.push(...[events].flat());
  const options = { queue: { look: async () => undefined }, log: logTo(logger), appId: 1 };
  tidegateApp({ ...options, repositories: async () => [], note: async () => undefined, reviewed: () => undefined })(
    Object.assign(probot, { on }),
  );
  const names = new Set(heard.map((event) => event.replace(/\..*/, "")));
  expect([...names].filter((name) => !UNASKED.has(name)).toSorted()).toEqual([...EVENTS].toSorted());
});

it("what is asked for is what docs/install.md tells people to tick", () => {
  const rows = NEEDED.map(({ name, level }) => `| ${name}: ${level} |`);
  expect(rows.filter((row) => !PAGE.includes(row))).toEqual([]);
  const events = /^Events: ([^;]+);/m.exec(PAGE)?.[1]?.split(", ");
  expect(events).toEqual(EVENTS.map((event) => event.replaceAll("_", " ")));
});
