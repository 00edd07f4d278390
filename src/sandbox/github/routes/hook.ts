import { notFound } from "../http-error.ts";
import { numberParam } from "../routing.ts";
import type { Answer, Request, Route } from "../routing.ts";
import { deliveryShape, fullDeliveryShape } from "../shapes/delivery.ts";
import type { Published } from "../shapes/published.ts";
import type { Delivery } from "../webhooks.ts";

/** The App's webhook: where it goes, what was delivered, and sending that again. */
export const hookRoutes: readonly Route[] = [
  { kind: "app", method: "GET", path: "/app/hook/config", run: getConfig },
  { kind: "app", method: "GET", path: "/app/hook/deliveries", run: listDeliveries },
  { kind: "app", method: "GET", path: "/app/hook/deliveries/{id}", run: getDelivery },
  { kind: "app", method: "POST", path: "/app/hook/deliveries/{id}/attempts", run: redeliver },
];

const REMEMBERED_MS = 3 * 86_400_000;

function getConfig({ store }: Request): Answer {
  const url = store.hook.url();
  return {
    status: 200,
    body: {
      content_type: "json",
      insecure_ssl: "0",
      secret: "********",
      ...(url === undefined ? {} : { url }),
    } satisfies Published<"apps", "getWebhookConfigForApp">,
  };
}

// pages go by a cursor, newest first
function listDeliveries({ store, url }: Request): Answer {
  const size = Math.min(100, Math.max(1, Number(url.searchParams.get("per_page")) || 30));
  const before = Number(/^v1_(\d+)$/.exec(url.searchParams.get("cursor") ?? "")?.[1] ?? Infinity);
  const wanted = remembered(store)
    .filter((delivery) => delivery.id < before && isAsked(delivery, url.searchParams.get("status")))
    .toReversed();
  const page = wanted.slice(0, size);
  const last = page.at(-1);
  const body = page.map((delivery) => deliveryShape(delivery));
  if (last === undefined || wanted.length === page.length) return { status: 200, body };
  const next = new URL(url);
  next.searchParams.set("cursor", `v1_${last.id}`);
  return { status: 200, body, headers: { link: `<${next.href}>; rel="next"` } };
}

function getDelivery(call: Request): Answer {
  return { status: 200, body: fullDeliveryShape(deliveryOf(call), call.store.hook.url()) };
}

function redeliver(call: Request): Answer {
  // GitHub answers first, and delivers when it gets round to it
  void call.store.hook.redeliver(deliveryOf(call).guid);
  return { status: 202, body: {} };
}

function deliveryOf(call: Request): Delivery {
  const id = numberParam(call, "id");
  const delivery = remembered(call.store).find((one) => one.id === id);
  if (delivery === undefined) throw notFound();
  return delivery;
}

function remembered({ hook, clock }: Request["store"]): readonly Delivery[] {
  return hook.deliveries().filter(({ at }) => at > clock.now() - REMEMBERED_MS);
}

function isAsked(delivery: Delivery, status: string | null): boolean {
  if (status === null) return true;
  return deliveryShape(delivery).status_code < 400 === (status === "success");
}
