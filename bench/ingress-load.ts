import { createHmac, randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Webhook } from "./ingress-payloads.ts";

/** Webhooks to send. With `rate` so many a second, whatever comes back, each counted from when it was due; without it, each connection sends one after the other. */
export type Load = {
  readonly port: number;
  readonly secret: string;
  readonly seconds: number;
  readonly rate?: number | undefined;
  readonly connections: number;
  readonly webhooks: readonly Webhook[];
};

/** What came back, in the order of the answers: the webhook's place in the load, milliseconds from when it was due, when the answer came (epoch, milliseconds), and its status; 0 where the connection broke. */
export type Answered = readonly [index: number, tookMs: number, at: number, status: number];

const PATH = "/api/github/webhooks";
const TICK_MS = 4;

type Sent = { readonly index: number; readonly dueAt: number };

type Line = { readonly socket: Socket; sent: Sent | undefined; heard: string };

type Run = {
  readonly load: Load;
  readonly bodies: readonly { readonly head: string; readonly body: Buffer }[];
  readonly idle: Line[];
  readonly waiting: Sent[];
  readonly answered: Answered[];
  /** When nothing more is sent. */
  readonly end: number;
  lines: number;
  next: number;
};

/** Sends a load over connections that are kept open; resolves when all that was sent is answered. */
export async function send(load: Load): Promise<readonly Answered[]> {
  const bodies = prepared(load);
  const begin = now();
  const end = begin + load.seconds * 1_000;
  const run: Run = { load, bodies, idle: [], waiting: [], answered: [], end, lines: 0, next: 0 };
  const { rate } = load;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const at = Math.min(now(), end);
      const due = rate === undefined ? 0 : Math.floor(((at - begin) / 1_000) * rate);
      for (; run.next < due; run.next += 1)
        run.waiting.push({ index: run.next, dueAt: begin + (run.next * 1_000) / (rate ?? 1) });
      drain(run);
      if (at < end || run.waiting.length > 0 || run.answered.length < run.next) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  for (const { socket } of run.idle) socket.destroy();
  return run.answered;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Without a rate there is always something to send for every connection. */
function refill(run: Run): void {
  while (run.waiting.length < run.load.connections) {
    run.waiting.push({ index: run.next, dueAt: Number.NaN });
    run.next += 1;
  }
}

function prepared({ webhooks, secret }: Load): Run["bodies"] {
  return webhooks.map(({ event, body: text }) => {
    const body = Buffer.from(text);
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const lines = [
      `POST ${PATH} HTTP/1.1`,
      "host: 127.0.0.1",
      "accept: */*",
      "user-agent: GitHub-Hookshot/bench",
      "content-type: application/json",
      `content-length: ${body.length}`,
      `x-github-event: ${event}`,
      "x-github-hook-id: 4711",
      "x-github-hook-installation-target-id: 4711",
      "x-github-hook-installation-target-type: integration",
      `x-hub-signature-256: sha256=${signature}`,
    ];
    return { head: `${lines.join("\r\n")}\r\n`, body };
  });
}

function drain(run: Run): void {
  if (run.load.rate === undefined && now() < run.end) refill(run);
  while (run.waiting.length > 0) {
    const line = run.idle.pop() ?? (run.lines < run.load.connections ? opened(run) : undefined);
    if (line === undefined) return;
    const sent = run.waiting.shift();
    if (sent !== undefined) post(run, line, sent);
  }
}

function opened(run: Run): Line {
  const socket = connect(run.load.port, "127.0.0.1").setNoDelay(true).setEncoding("latin1");
  const line: Line = { socket, sent: undefined, heard: "" };
  run.lines += 1;
  socket.on("data", (text: string) => hear(run, line, text));
  socket.on("error", () => undefined);
  socket.on("close", () => {
    run.lines -= 1;
    const place = run.idle.indexOf(line);
    if (place >= 0) run.idle.splice(place, 1);
    if (line.sent !== undefined) note(run, line.sent, 0);
  });
  return line;
}

function post({ bodies }: Run, line: Line, sent: Sent): void {
  const one = bodies[sent.index % bodies.length];
  if (one === undefined) return;
  line.sent = Number.isNaN(sent.dueAt) ? { ...sent, dueAt: now() } : sent;
  line.socket.cork();
  line.socket.write(`${one.head}x-github-delivery: ${randomUUID()}\r\n\r\n`, "latin1");
  line.socket.write(one.body);
  line.socket.uncork();
}

function hear(run: Run, line: Line, text: string): void {
  line.heard += text;
  const headEnd = line.heard.indexOf("\r\n\r\n");
  if (headEnd < 0) return;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(line.heard)?.[1]);
  if (line.heard.length < headEnd + 4 + length || line.sent === undefined) return;
  const status = Number(line.heard.slice(9, 12));
  note(run, line.sent, status);
  line.sent = undefined;
  line.heard = "";
  if (line.socket.writable) run.idle.push(line);
  drain(run);
}

function note({ answered }: Run, { index, dueAt }: Sent, status: number): void {
  const at = now();
  answered.push([index, at - dueAt, at, status]);
}
