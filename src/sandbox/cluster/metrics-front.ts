import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * One address for the metrics of several clusters, told apart by a header, as servers of many tenants do:
 * repositories that should be equal can then name the same address.
 */
export type MetricsFront = {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** From now on a tenant's questions go to the provider at `url`. */
  readonly admit: (tenant: string, url: string) => void;
  readonly close: () => Promise<void>;
};

/** The header that names the tenant. */
export const TENANT_HEADER = "X-Scope-OrgID";

/** Starts the front on a free loopback port; `onAnswer` hears of each answer just before it is sent, with the tenant's name. */
export async function startMetricsFront(onAnswer: (tenant: string) => void = () => undefined): Promise<MetricsFront> {
  const tenants = new Map<string, string>();
  const server = createServer((request, response) => {
    forward(request, response, { tenants, onAnswer }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    admit: (tenant, url) => void tenants.set(tenant, url),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Room = { readonly tenants: ReadonlyMap<string, string>; readonly onAnswer: (tenant: string) => void };

async function forward(request: IncomingMessage, response: ServerResponse, { tenants, onAnswer }: Room): Promise<void> {
  const tenant = String(request.headers[TENANT_HEADER.toLowerCase()] ?? "");
  const url = tenants.get(tenant);
  if (url === undefined) return void response.writeHead(404).end();
  const answer = await fetch(`${url}${request.url ?? "/"}`);
  const body = await answer.text();
  onAnswer(tenant);
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
  response.end(body);
}
