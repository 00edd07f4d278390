import { request } from "node:http";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor } from "../../src/cli/doctor.ts";
import { EVENTS } from "../../src/doctor/asked.ts";
import { environmentWith } from "../../src/operator/env-file.ts";
import { startGitHub, type SandboxGitHub } from "../../src/sandbox/github/start.ts";
import { setup } from "../../src/cli/setup.ts";
import { webhookSecret } from "../../src/adapters/http/secret.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const folder = await mkdtemp(join(tmpdir(), "setup-"));
const CLOCK = { now: () => Date.now() };
const kept: { github?: SandboxGitHub } = {};
beforeAll(async () => {
  const app = { id: 1, slug: "other", clientId: "Iv1.other", publicKey: "", webhookSecret: "" };
  kept.github = await startGitHub({ dataDir: folder, clock: CLOCK, app, users: {} });
});
afterAll(async () => {
  await kept.github?.close();
  await rm(folder, { recursive: true });
});

function github(): SandboxGitHub {
  if (kept.github === undefined) throw new Error("There is no GitHub.");
  return kept.github;
}

/** The command under way: its page, and how it ends. */
async function began(args: readonly string[], withinMs = 600_000) {
  const { terminal, out, told } = fakeTerminal({});
  const opened = Promise.withResolvers<string>();
  const status = setup(["--github-url", github().htmlUrl, ...args], terminal, { open: opened.resolve, withinMs });
  const page = await Promise.race([opened.promise, status.then(() => "")]);
  return { page, status, out, told };
}

type Form = { readonly action: string; readonly fields: Readonly<Record<string, string>> };

/** The form of a page, as a browser would send it. */
function formIn(html: string): Form {
  const unescaped = (text: string) =>
    text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const inputs = html.matchAll(/<input (?:type="hidden" )?name="(\w+)" (?:type="hidden" )?value="([^"]*)"/g);
  return {
    action: unescaped(/action="([^"]*)"/.exec(html)?.[1] ?? ""),
    fields: Object.fromEntries([...inputs].map(([, name = "", value = ""]) => [name, unescaped(value)])),
  };
}

async function sent({ action, fields }: Form) {
  return fetch(new URL(action, github().htmlUrl), {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
}

/** What somebody does in the browser, up to where GitHub sends them back. */
async function consented(page: string): Promise<string> {
  const offer = formIn(await (await fetch(page)).text());
  const consent = await sent(offer);
  expect(consent.status).toBe(200);
  const back = await sent(formIn(await consent.text()));
  return back.headers.get("location") ?? "";
}

describe("tidegate setup", () => {
  it("registers an App that then signs in, and shows none of its secrets", async () => {
    const file = join(folder, "whole.env");
    const { page, status, out, told } = await began([
      "--org",
      "acme",
      "--webhook-url",
      "https://tide.example.com",
      "--env",
      file,
    ]);
    const done = await fetch(await consented(page));
    const html = await done.text();
    expect(await status).toBe(0);
    const app = github().registered().at(-1);
    expect(html).toContain(`${github().htmlUrl}/apps/tidegate-acme/installations/new`);
    expect(out()).toContain(`tidegate-acme (App ${app?.id}) is registered; its credentials are in ${file}`);
    const said = parseEnv(await readFile(file, "utf8"));
    expect(said).toMatchObject({
      APP_ID: String(app?.id),
      WEBHOOK_SECRET: app?.webhookSecret,
      GITHUB_URL: github().htmlUrl,
      GITHUB_API_URL: `${github().htmlUrl}/api/v3`,
      PUBLIC_URL: "https://tide.example.com",
    });
    expect(() => webhookSecret(said["WEBHOOK_SECRET"] ?? "")).not.toThrow();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const secret of [said["WEBHOOK_SECRET"] ?? "", said["PRIVATE_KEY"]?.slice(60, 120) ?? ""])
      expect(`${out()}${told()}${html}`).not.toContain(secret);
    expect(app).toMatchObject({ webhookUrl: "https://tide.example.com/api/github/webhooks", events: EVENTS });
    await expectSignedIn(file);
  });

  it("keeps a file that is there, unless it is told to go over it; then its other variables stay", async () => {
    const file = join(folder, "kept.env");
    await writeFile(file, 'APP_ID=1\nMETRICS_HOSTS="a.example.com"\nPRIVATE_KEY_PATH=/old.pem\n');
    const refused = await began(["--env", file]);
    expect(await refused.status).toBe(1);
    expect(refused.told()).toContain(`${file} is there already`);
    const { page, status, out } = await began(["--env", file, "--force"]);
    await fetch(await consented(page));
    expect(await status).toBe(0);
    const said = parseEnv(await readFile(file, "utf8"));
    expect(said).toMatchObject({ METRICS_HOSTS: "a.example.com" });
    expect(said).not.toHaveProperty("PRIVATE_KEY_PATH");
    expect(out()).toContain(`What was there before is in ${file}.old.`);
    expect(out()).toContain("without an active webhook");
    expect(github().registered().at(-1)).not.toHaveProperty("webhookUrl");
  });

  it("takes one answer, the one that belongs to it, at the address that only its reader knows", async () => {
    const { page, status } = await began(["--env", join(folder, "one.env")]);
    const { origin, pathname, host } = new URL(page);
    const back = await consented(page);
    const foreign = new URL(back);
    foreign.searchParams.set("state", "x".repeat(43));
    const codeless = new URL(back);
    codeless.searchParams.set("code", "../../user");
    const statuses = await Promise.all([
      ...[`${origin}/`, `${origin}/registered${new URL(back).search}`, `${page}more`, foreign, codeless].map((url) =>
        fetch(url).then((answer) => answer.status),
      ),
      fetch(page, { method: "POST" }).then((answer) => answer.status),
      statusWithHost(page, "tide.example.com"),
      statusWithHost(page, host.replace("127.0.0.1", "localhost")),
    ]);
    expect(statuses).toEqual([404, 404, 404, 403, 400, 405, 421, 200]);
    const { headers } = await fetch(`${origin}${pathname}`);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "origin",
      "x-content-type-options": "nosniff",
    });
    expect((await fetch(back)).status).toBe(200);
    expect(await status).toBe(0);
    await expect(fetch(page)).rejects.toThrow("fetch failed");
  });

  it("says what to do where GitHub does not give the key, in the browser and in the terminal", async () => {
    const file = join(folder, "lost.env");
    const { page, status, told } = await began(["--env", file]);
    const back = new URL(await consented(page));
    back.searchParams.set("code", "0".repeat(40));
    const answer = await fetch(back);
    expect([answer.status, await status]).toEqual([502, 1]);
    const words = "The App is registered, but its key could not be had: GitHub does not know the code any more";
    expect(told()).toContain(words);
    expect(await answer.text()).toContain(words);
    await expect(stat(file)).rejects.toThrow("ENOENT");
  });

  it("ends where nobody comes", async () => {
    const { status, told } = await began(["--env", join(folder, "late.env")], 50);
    expect(await status).toBe(1);
    expect(told()).toBe("Nobody registered the App in time. Run tidegate setup again.\n");
  });

  it("registers nothing where the file could not be written", async () => {
    const file = join(folder, "missing", ".env");
    const { status, told } = await began(["--env", file]);
    expect([await status, told()]).toEqual([1, `${file} cannot be written: ENOENT.\n`]);
  });
});

describe("its words", () => {
  it.each([
    [["--org", "a/b"], "a/b is no organisation's login."],
    [["--org", "an-organisation-with-a-long-name"], /names of up to 34 characters; say a shorter one by --name/],
    [["--with", "team"], "--with takes deployments, teams, merge-queue, and not team. Did you mean teams?"],
    [["--port", "http"], "http is no port."],
    [["--webhook-url", "http://localhost:3000"], /GitHub does not reach localhost/],
    [["--github-url", "http://ghe.example.com"], /is not encrypted/],
    [["--owner", "acme"], /There is no option --owner/],
  ])("%j are refused", async (args, words) => {
    const { terminal, told } = fakeTerminal({});
    expect(await setup(args, terminal, { open: () => undefined, withinMs: 0 })).toBe(2);
    expect(told()).toEqual(words instanceof RegExp ? expect.stringMatching(words) : expect.stringContaining(words));
  });

  it("show what would be registered, and do nothing", async () => {
    const { terminal, out } = fakeTerminal({});
    expect(await setup(["--dry-run", "--org", "acme"], terminal, { open: () => undefined, withinMs: 0 })).toBe(0);
    expect(JSON.parse(out())).toMatchObject({ name: "tidegate-acme", url: "https://github.com/acme", public: false });
  });
});

/** The status for a request under another name, as a page of somebody else's would send it. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once("error", reject)
      .end();
  });
}

/** The doctor, told by the file, finds the App on a GitHub that goes on where the registrar ended. */
async function expectSignedIn(file: string): Promise<void> {
  const app = github().registered().at(-1);
  if (app === undefined) throw new Error("No App was registered.");
  const { webhookUrl: _, ...registered } = app;
  const sandbox = await startGitHub({
    dataDir: await mkdtemp(join(folder, "github-")),
    clock: CLOCK,
    app: registered,
    users: {},
  });
  const { environment } = environmentWith(file, { GITHUB_API_URL: sandbox.url, GITHUB_URL: sandbox.htmlUrl });
  const { terminal, out } = fakeTerminal(environment);
  await doctor([], terminal, MACHINE_CLOCK);
  await sandbox.close();
  expect(out()).toContain(`tidegate-acme (App ${app.id}) is signed in.`);
  expect(out()).not.toMatch(/The App asks for|does not subscribe/);
}
