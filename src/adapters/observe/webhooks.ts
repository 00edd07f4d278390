import type { News } from "../../ports/telemetry.ts";
import { eventLabel } from "./events.ts";
import type { Meters } from "./meters.ts";

type Webhook = Extract<News, { readonly kind: "webhook" }>;

/** Webhooks that were answered, on their way into metrics. */
export type WebhookTally = {
  /** `now`: milliseconds since the epoch. */
  readonly note: (webhook: Webhook, now: number) => void;
  /** Brings the metrics up to date. */
  readonly show: () => void;
};

/** Webhooks that are counted together. */
const TOGETHER = 500;

/** Counts webhooks many at a time: there may be a thousand a second, and one after the other they cost a fifth of it. */
export function webhookTally(meters: Meters): WebhookTally {
  const noted: { readonly webhook: Webhook; readonly at: number }[] = [];
  const show = (): void => {
    for (const { webhook, at } of noted) count(webhook, at, meters);
    noted.length = 0;
  };
  return {
    note: (webhook, now) => {
      noted.push({ webhook, at: now });
      if (noted.length >= TOGETHER) show();
    },
    show,
  };
}

function count({ status, event, seconds }: Webhook, at: number, meters: Meters): void {
  const label = eventLabel(event);
  meters.webhooks.inc({ event: label, status });
  meters.webhookDuration.observe(seconds);
  if (event !== undefined && status < 300) meters.lastWebhook.set({ event: label }, at / 1000);
}
