import { z } from "zod";
import { timestamp } from "../store.ts";
import type { Delivery } from "../webhooks.ts";
import type { Published } from "./published.ts";

const Told = z.object({
  installation: z.object({ id: z.number() }).optional(),
  repository: z.object({ id: z.number() }).optional(),
});

/** An attempt to deliver an event, in the list of them. */
export function deliveryShape(delivery: Delivery) {
  const { installation, repository } = toldOf(delivery);
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: timestamp(delivery.at),
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.seconds * 100) / 100,
    status: wordOf(delivery),
    status_code: codeOf(delivery),
    event: delivery.event,
    action: delivery.action ?? null,
    installation_id: installation?.id ?? null,
    repository_id: repository?.id ?? null,
    throttled_at: null,
  } satisfies Published<"apps", "listWebhookDeliveries">[number];
}

/** The same with what was sent. */
export function fullDeliveryShape(delivery: Delivery, url: string | undefined) {
  const headers = { "X-GitHub-Delivery": delivery.guid, "X-GitHub-Event": delivery.event };
  return {
    ...deliveryShape(delivery),
    ...(url === undefined ? {} : { url }),
    request: { headers, payload: payloadOf(delivery) },
    response: { headers: {}, payload: "" },
  };
}

// GitHub books a listener that is not there, or too slow, as a gateway would
function codeOf({ status, error }: Delivery): number {
  if (status !== undefined) return status;
  return isTimeout(error) ? 504 : 502;
}

function wordOf({ status, error }: Delivery): string {
  if (status === undefined) return isTimeout(error) ? "timed out" : "failed to connect to host";
  return status < 400 ? "OK" : `Invalid HTTP Response: ${status}`;
}

function isTimeout(error: string | undefined): boolean {
  return error?.startsWith("TimeoutError") ?? false;
}

function toldOf(delivery: Delivery): z.infer<typeof Told> {
  const parsed = Told.safeParse(payloadOf(delivery));
  return parsed.success ? parsed.data : {};
}

function payloadOf({ body }: Delivery): unknown {
  return body === "" ? {} : JSON.parse(body);
}
