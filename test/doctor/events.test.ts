import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { jsonLogger, logTo } from "../../src/adapters/log.ts";
import { probotFor, tidegateApp } from "../../src/server/app.ts";
import { EVENTS, EXTRAS, NEEDED, STATUSES } from "../../src/doctor/asked.ts";
import { startGitHub } from "../../src/sandbox/github/start.ts";
import { createAppKey, signJwt } from "../support/app-key.ts";

const UNASKED = new Set(["check_run", "check_suite", "installation", "installation_repositories", "merge_group"]);
const MANIFEST = readFileSync(new URL("../../app.yml", import.meta.url), "utf8");

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

it("says once what each permission is for, and asks for none that guards a repository or runs code in it", () => {
  const all = [...NEEDED, STATUSES, ...EXTRAS.map(({ permission }) => permission)];
  expect(new Set(all.map(({ permission }) => permission)).size).toBe(all.length);
  expect(all.filter(({ permission, why }) => why === "" || /^(?:workflows|administration)$/.test(permission))).toEqual(
    [],
  );
});

it("app.yml asks for what the doctor expects, and for nothing else", () => {
  expect(parse(MANIFEST)).toMatchObject({
    public: false,
    default_permissions: Object.fromEntries([...NEEDED, STATUSES].map(({ permission, level }) => [permission, level])),
    default_events: EVENTS,
  });
});

it("the sandbox grants what app.yml asks for, and nothing that no feature needs", async () => {
  const key = createAppKey();
  const dataDir = await mkdtemp(join(tmpdir(), "asked-"));
  const clock = { now: () => Date.now() };
  const app = { id: 1, slug: "tidegate", clientId: "Iv1", publicKey: key.publicKey, webhookSecret: "x" };
  const github = await startGitHub({ dataDir, clock, app, users: {} });
  const seconds = Math.floor(Date.now() / 1000);
  const jwt = signJwt(key, { iss: 1, iat: seconds - 5, exp: seconds + 60 });
  const answer = await fetch(`${github.url}/app`, { headers: { authorization: `Bearer ${jwt}` } });
  const { permissions } = z.object({ permissions: z.record(z.string(), z.string()) }).parse(await answer.json());
  await github.close();
  await rm(dataDir, { recursive: true });
  const needed = [...NEEDED, STATUSES].map(({ permission, level }) => [permission, level]);
  const extra = EXTRAS.map(({ permission: { permission, level } }) => [permission, level]);
  expect(Object.entries(permissions)).toEqual(expect.arrayContaining(needed));
  expect([...needed, ...extra]).toEqual(expect.arrayContaining(Object.entries(permissions)));
});
