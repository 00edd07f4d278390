import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../../ports/log.ts";
import { errorFields } from "../log.ts";
import { healthAt, type Unready } from "./health.ts";

export type AdminServer = {
  /** Resolves with the port, which the system chooses for port 0; rejects with the system's own error. */
  readonly listen: (port: number, host: string) => Promise<number>;
  /** Takes no more connections, and cuts what is left after `deadlineMs`. */
  readonly close: (deadlineMs: number) => Promise<void>;
};

export type AdminOptions = {
  /** All metrics as text, and of which type it is. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly unready: Unready;
  readonly log: Log;
};

/** Where metrics are read and whoever runs the process asks how it is: apart from the door for webhooks, which the internet may reach. */
export function adminServer(options: AdminOptions): AdminServer {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 16_384 },
    (request, response) => void serve(options, request, response),
  );
  server.maxConnections = 100;
  return {
    listen: (port, host) => listen(server, port, host),
    close: (deadlineMs) => close(server, deadlineMs),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

async function close(server: Server, deadlineMs: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}

type Page = { readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> };

async function serve(options: AdminOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { status, text, headers } = await pageFor(options, request);
    response.writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      ...headers,
      "content-length": Buffer.byteLength(text),
      // Nobody sends a body here, and whoever does is not listened to.
      ...(request.complete ? {} : { connection: "close" }),
    });
    response.end(text);
  } catch (error) {
    options.log.warn("Metrics could not be shown.", errorFields(error));
    response.destroy();
  }
}

async function pageFor({ metrics, unready }: AdminOptions, { method, url = "" }: IncomingMessage): Promise<Page> {
  const [path = ""] = url.split("?", 1);
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, text: "Only GET, HEAD.\n", headers: { allow: "GET, HEAD" } };
  if (path === "/metrics") {
    const { contentType, text } = await metrics();
    return { status: 200, text, headers: { "content-type": contentType } };
  }
  const health = healthAt(path, unready);
  return health === undefined
    ? { status: 404, text: "There is nothing here.\n" }
    : { ...health, text: `${health.text}\n` };
}
