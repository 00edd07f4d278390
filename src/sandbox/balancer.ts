import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { freePort } from "./port.ts";

/** What stands before processes that all do the same. */
export type Balancer = { readonly url: string; readonly close: () => Promise<void> };

type Answer = { readonly status: number; readonly body: Buffer };

/** As long as GitHub waits for all of them together. */
const ANSWER_WITHIN_MS = 10_000;
const UNAVAILABLE: Answer = { status: 503, body: Buffer.from("Nobody is there.\n") };
/** What belongs to one connection, or is said anew of the body. */
const OF_THE_WAY: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "transfer-encoding",
]);

/** Hands each request to the processes in turn, and to the next one where one is not there, answers 503 or dies over it; 503 where all do. */
export async function startBalancer(origins: readonly string[]): Promise<Balancer> {
  let turn = 0;
  const server = createServer((request, response) => {
    const start = turn++ % origins.length;
    void pass([...origins.slice(start), ...origins.slice(0, start)], request, response);
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function pass(origins: readonly string[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await buffer(request);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const { status, body: text } = await firstAnswer(origins, (origin) => ask(origin, request, { body, signal }));
    response.writeHead(status).end(text);
  } catch {
    // Whoever asked has gone away.
    response.destroy();
  }
}

async function firstAnswer(
  [origin, ...others]: readonly string[],
  ask: (origin: string) => Promise<Answer>,
): Promise<Answer> {
  if (origin === undefined) return UNAVAILABLE;
  const answer = await ask(origin).catch(() => UNAVAILABLE);
  return answer.status === UNAVAILABLE.status ? firstAnswer(others, ask) : answer;
}

async function ask(
  origin: string,
  { url = "/", method = "GET", headers }: IncomingMessage,
  { body, signal }: { readonly body: Buffer; readonly signal: AbortSignal },
): Promise<Answer> {
  const passed = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" && !OF_THE_WAY.has(name) ? [[name, value]] : [],
  );
  const sent = method === "GET" || method === "HEAD" ? {} : { body };
  const answer = await fetch(`${origin}${url}`, { method, headers: passed, signal, ...sent });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}
