import { createHmac, generateKeyPairSync, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Probot, Server } from "probot";
import { z } from "zod";
import { ingress, INGRESS_LIMITS } from "../src/adapters/http/ingress.ts";
import { webhookSecret } from "../src/adapters/http/secret.ts";
import { jsonLogger, logTo } from "../src/adapters/log.ts";
import { correlated, logContext } from "../src/adapters/observe/context.ts";
import { exposition } from "../src/adapters/observe/exposition.ts";
import { told } from "../src/adapters/observe/lines.ts";
import { memoryQueue } from "../src/adapters/queue/memory.ts";
import { SYSTEM_TIMERS } from "../src/adapters/queue/timers.ts";
import { probotFor, READS, receiverOf, tidegateApp, type TidegateOptions } from "../src/server/app.ts";
import { field } from "../src/server/field.ts";
import { unreachable } from "../src/core/unreachable.ts";

/** A process that takes webhooks in one of the ways that are compared, and tells what that cost it. Its parent ends it. */
const Order = z.object({ kind: z.enum(["bare", "parsed", "ours", "probot"]), secret: z.string() });

/** The ways: `node:http` with the HMAC alone, with `JSON.parse` as well, our door, and Probot's own server. */
export type ServerKind = z.infer<typeof Order>["kind"];

/** CPU time so far, user and system, microseconds. */
export type Spent = { readonly cpuMicros: number };

const PATH = "/api/github/webhooks";
const APP_ID = 4711;

async function open({ kind, secret }: z.infer<typeof Order>): Promise<number> {
  switch (kind) {
    case "bare":
      return bare(secret, () => undefined);
    case "parsed":
      return bare(secret, (body) => field(field(JSON.parse(body.toString("utf8")), "repository"), "full_name"));
    case "ours":
      return ours(secret);
    case "probot":
      return probots(secret);
    default:
      return unreachable(kind);
  }
}

/** The least that a webhook needs: its bytes, and that GitHub signed them. */
function bare(secret: string, take: (body: Buffer) => unknown): Promise<number> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const own = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
      const given = Buffer.from(String(request.headers["x-hub-signature-256"]));
      const isRight = own.length === given.length && timingSafeEqual(own, given);
      if (isRight) take(body);
      response.writeHead(isRight ? 202 : 401, { "content-type": "text/plain" }).end("done\n");
    });
  };
  return new Promise((resolve) => {
    const server = createServer(answer).listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/** The App as it runs, over a queue whose looks are free. */
function app() {
  const logger = jsonLogger("info");
  const log = logTo(logger);
  const queue = memoryQueue({ timers: SYSTEM_TIMERS, log, concurrency: 8, capacity: 10_000 });
  queue.work(async () => undefined);
  const options: TidegateOptions = {
    queue,
    log,
    appId: APP_ID,
    repositories: async () => [],
    note: async () => {},
    reviewed: () => undefined,
  };
  return { logger, log, options };
}

async function ours(secret: string): Promise<number> {
  const { logger, log, options } = app();
  const probot = probotFor({ appId: APP_ID, privateKey, log: logger });
  const context = logContext();
  const { telemetry } = exposition({ version: "bench", ofProcess: true, now: () => Date.now(), keepMs: 3_600_000 });
  const front = ingress({
    path: PATH,
    secrets: [webhookSecret(secret)],
    receive: await receiverOf(probot, options, context.within),
    reads: READS,
    unready: () => undefined,
    log,
    telemetry: correlated(context, told(logger, telemetry)),
    limits: INGRESS_LIMITS,
  });
  return front.listen(0, "127.0.0.1");
}

/** As its documentation has it, at the level that is its own; what it logs goes nowhere. */
async function probots(secret: string): Promise<number> {
  const log = jsonLogger("warn", () => undefined);
  const server = new Server({
    host: "127.0.0.1",
    port: await freePort(),
    log,
    Probot: Probot.defaults({ appId: APP_ID, privateKey, secret, log }),
  });
  await server.load(tidegateApp(app().options));
  await server.start();
  return server.port;
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

process.once("message", (order) => {
  void open(Order.parse(order)).then((port) => {
    process.on("message", () => {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMicros: user + system });
    });
    process.send?.({ port });
  });
});
process.once("disconnect", () => process.exit());
