import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";

export type Heard = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly event: string };

export type Listener = {
  readonly url: string;
  readonly heard: Heard[];
  readonly close: () => Promise<void>;
};

/** Something that hears webhooks and answers them, or never does. */
export async function listen(status: number | "never" = 202): Promise<Listener> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const event = String(request.headers["x-github-event"]);
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), event });
      if (status !== "never") response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    heard,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
