import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numbersAsked, ranAs } from "./asked.ts";
import { ok, type Result } from "../src/core/result.ts";
import { startGitHub } from "../src/sandbox/github/start.ts";
import { compareWays, type WayCost } from "./ingress-cpu.ts";
import { webhooksOf, type Webhook } from "./ingress-payloads.ts";
import { measureWhole, type WholeCost } from "./ingress-whole.ts";

const USAGE = `Measures what a webhook costs at our door, next to bare node:http with the HMAC alone, the same with JSON.parse, and Probot's own
server, in turns; then sends webhooks at a steady rate to the whole bot over the sandbox, with an /abort among them.

Usage: npm run bench:ingress -- [options]

  --rounds N        turns of each way (default 7; 0 leaves them out)
  --trial N         seconds of a turn (default 2)
  --seconds N       of the load on the whole bot (default 30; 0 leaves it out)
  --rate N          webhooks a second (default 1000)
  --repositories N  that they are about, beside the one with the release (default 20)
  --redis           the load on the whole bot with its queue on a redis-server of its own
  --json            one JSON object on the last line
  --help            this text

Exit status: 0 when the targets are met, 1 when not, 2 for a wrong option.
`;

/** CPU of ours against bare node:http with the HMAC, and what becomes of an /abort; of webhooks none may be refused, late or lost. */
const TARGET = { ratio: 1.4, abortMs: 3_000 } as const;

type Asked = {
  readonly rounds: number;
  readonly trial: number;
  readonly seconds: number;
  readonly rate: number;
  readonly repositories: number;
  readonly isRedis: boolean;
  readonly isJson: boolean;
};

const NUMBERS = new Map([
  ["rounds", { default: 7, range: [0, 100] }],
  ["trial", { default: 2, range: [1, 60] }],
  ["seconds", { default: 30, range: [0, 600] }],
  ["rate", { default: 1_000, range: [1, 10_000] }],
  ["repositories", { default: 20, range: [0, 500] }],
] as const);

function asked(): Result<Asked | "help", string> {
  const given = numbersAsked(NUMBERS, ["redis"]);
  if (given.kind === "err") return given;
  if (given.value === "help") return ok("help");
  const { of, has, isJson } = given.value;
  return ok({
    rounds: of("rounds"),
    trial: of("trial"),
    seconds: of("seconds"),
    rate: of("rate"),
    repositories: of("repositories"),
    isRedis: has("redis"),
    isJson,
  });
}

/** What an installed App hears of one repository, of which each is a reason to look. */
async function payloads(): Promise<readonly Webhook[]> {
  const repo = "acme/gitops";
  const dataDir = await mkdtemp(join(tmpdir(), "tidegate-"));
  const { publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const app = { id: 4711, slug: "tidegate", clientId: "Iv1.bench", publicKey, webhookSecret: "none" };
  const github = await startGitHub({
    dataDir,
    clock: { now: () => Date.now() },
    app: { ...app, webhookUrl: "http://127.0.0.1:9" },
    users: { renovate: { [repo]: "write" }, ana: { [repo]: "write" } },
  });
  await github.createRepo(repo, { "README.md": "# Everything that runs\n" });
  const webhooks = await webhooksOf(github, repo);
  await github.close();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  return webhooks.filter(({ event }) => event !== "check_run");
}

type Summary = {
  readonly webhookBytes: number;
  readonly ways: readonly WayCost[];
  readonly whole: WholeCost | undefined;
  readonly target: typeof TARGET;
  readonly ok: boolean;
};

async function measure({ rounds, trial, seconds, rate, repositories, isRedis }: Asked): Promise<Summary> {
  const webhooks = await payloads();
  const secret = randomBytes(24).toString("hex");
  const ways = rounds === 0 ? [] : await compareWays({ secret, webhooks, rounds, seconds: trial });
  const whole = seconds === 0 ? undefined : await measureWhole({ seconds, rate, repositories, isRedis });
  const bytes = webhooks.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0) / webhooks.length;
  return { webhookBytes: bytes, ways, whole, target: TARGET, ok: isCheap(ways) && isWhole(whole) };
}

function isCheap(ways: readonly WayCost[]): boolean {
  return ways.every(({ kind, refused, ratio }) => kind !== "ours" || (refused === 0 && ratio <= TARGET.ratio));
}

function isWhole(whole: WholeCost | undefined): boolean {
  if (whole === undefined) return true;
  const { sent, accepted, late, lost, abortMs = Number.POSITIVE_INFINITY } = whole;
  return accepted === sent && late === 0 && lost === 0 && abortMs <= TARGET.abortMs;
}

const WAYS: Readonly<Record<WayCost["kind"], string>> = {
  bare: "node:http with HMAC",
  parsed: "node:http with HMAC and JSON.parse",
  ours: "ours, to the queue",
  probot: "Probot's server, to the queue",
};

function textOf({ webhookBytes, ways, whole, ok: isMet }: Summary): string {
  return [
    ways.length === 0 ? "" : waysText(ways, webhookBytes),
    whole === undefined ? "" : wholeText(whole),
    isMet ? "\nThe targets are met.\n" : "\nA target is missed.\n",
  ].join("");
}

function waysText(ways: readonly WayCost[], webhookBytes: number): string {
  const way = ({ kind, micros, ratio, accepted, refused }: WayCost) =>
    `  ${WAYS[kind].padEnd(38)}${micros.toFixed(1).padStart(8)} µs${ratio.toFixed(2).padStart(8)}${String(accepted).padStart(10)}${String(refused).padStart(9)}\n`;
  return [
    `Webhooks of ${(webhookBytes / 1_000).toFixed(1)} kB on average, CPU of the server's process for each that it accepts.\n\n`,
    `  ${"".padEnd(38)}${"CPU".padStart(11)}${"ratio".padStart(8)}${"accepted".padStart(10)}${"refused".padStart(9)}\n`,
    ...ways.map(way),
    `\n  target: ours ≤ ${TARGET.ratio} of the first, none refused\n`,
  ].join("");
}

function wholeText(whole: WholeCost): string {
  const { queue, sent, accepted, late, lost, answerMs, untilLookMs, abortMs, looks } = whole;
  const row = (name: string, value: string, target: string) => `  ${name.padEnd(38)}${value.padStart(20)}  ${target}\n`;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [
    `\nThe whole bot, its queue ${queue === "redis" ? "on Redis" : "inside the process"}, its load and the sandbox on this machine together:\n\n`,
    row("webhooks sent", String(sent), ""),
    row("accepted", String(accepted), "all"),
    row("of them after more than 10 s", String(late), "0"),
    row("accepted, and not looked at after it", String(lost), "0"),
    row("answered: p50, p99, max", [answerMs.p50, answerMs.p99, answerMs.max].map(ms).join(", "), ""),
    row("until the next look: p50, max", [untilLookMs.p50, untilLookMs.max].map(ms).join(", "), ""),
    row("/abort to weight 0 in git", abortMs === undefined ? "never" : ms(abortMs), `≤ ${ms(TARGET.abortMs)}`),
    row("looks", String(looks), ""),
  ].join("");
}

async function run(wanted: Asked): Promise<number> {
  const summary = await measure(wanted);
  process.stdout.write(textOf(summary));
  if (wanted.isJson) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok ? 0 : 1;
}

process.exitCode = await ranAs(USAGE, asked(), run);
