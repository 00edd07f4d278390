import { createServer } from "node:http";
import type { Cluster } from "../../src/sandbox/cluster/cluster.ts";

/** A Prometheus of a shop that has been open for weeks: it tells how many orders were made, which nobody scrapes, and everything else as the cluster's own does. */
export type Shop = {
  readonly url: string;
  /** Where everything else is asked, when a day has the fewest orders (ms), and whose traffic makes them. */
  readonly open: (shop: Opened) => void;
  /** From then on (ms), who gets a canary's answer orders less: this share of orders is lost at a share of 100 %. */
  readonly lose: (since: number, share: number) => void;
  readonly close: () => Promise<void>;
};

type Opened = { readonly prometheus: string; readonly quietest: number; readonly cluster: Cluster };

const DAY = 86_400_000;
const ORDERS = 'sum(increase(shop_orders_total{namespace="shop",service=~"checkout-canary|checkout"}[30s]))';

/** The query of its orders, as configuration writes it. */
export const ORDERS_QUERY =
  'sum(increase(shop_orders_total{namespace="{namespace}",service=~"{canary}|{stable}"}[{every}]))';

export async function openShop(): Promise<Shop> {
  let opened: Opened | undefined;
  let loss = { since: Number.POSITIVE_INFINITY, share: 0 };
  const server = createServer((request, response) => {
    const form = new URL(request.url ?? "/", "http://localhost").searchParams;
    const answer = form.get("query")?.includes(ORDERS)
      ? Promise.resolve({ status: 200, body: ordersOver(form, (at) => ordersAt(at, opened, loss)) })
      : passedOn(`${opened?.prometheus ?? ""}${request.url ?? "/"}`);
    answer.then(
      ({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    open: (shop) => {
      opened = shop;
    },
    lose: (since, share) => {
      loss = { since, share };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function passedOn(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(url);
  return { status: answer.status, body: await answer.text() };
}

function ordersOver(form: URLSearchParams, orders: (at: number) => number): string {
  const [start, end, step] = ["start", "end", "step"].map((key) => Number(form.get(key)));
  const times = Array.from(
    { length: Math.floor(((end ?? 0) - (start ?? 0)) / (step ?? 1)) + 1 },
    (_, index) => (start ?? 0) + index * (step ?? 1),
  );
  const values = times.map((at) => [at, String(orders(at * 1000))]);
  return JSON.stringify({ status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } });
}

/** Four times as many by day as by night, and never twice the same number. */
function ordersAt(
  at: number,
  opened: Opened | undefined,
  loss: { readonly since: number; readonly share: number },
): number {
  const hour = (2 * Math.PI * (at - (opened?.quietest ?? 0))) / DAY;
  // Its past is noisier than it is now: what the story goes through is no matter of chance.
  const usual = 250 - 150 * Math.cos(hour) + (at < (opened?.quietest ?? 0) ? 10 : 1) * noise(at);
  if (opened === undefined || at < loss.since) return usual;
  const canary = opened.cluster.liveShares("shop", "checkout").findLast((one) => one.at <= at)?.share ?? 0;
  return usual * (1 - (loss.share * canary) / 100);
}

/** Between -1 and 1, by the moment alone. */
function noise(at: number): number {
  const mixed = Math.imul(Math.floor(at / 1000) | 0, 2_654_435_761) >>> 0;
  const again = Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 0;
  return (again ^ (again >>> 13)) / 2 ** 31 - 1;
}
