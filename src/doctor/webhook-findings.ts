import type { DeliveryFacts, HookFacts } from "../ports/checkup.ts";
import { duration } from "../render/numbers.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import type { AppReport } from "./report.ts";

/** Where Tidegate listens. */
export const HOOK_PATH = "/api/github/webhooks";

/** How webhooks are configured, and how the deliveries of the last 24 hours went. `now` in milliseconds. */
export function webhookFindings(
  { hook, deliveries, app }: Pick<AppReport, "hook" | "deliveries" | "app">,
  about: string,
  now: number,
): readonly Finding[] {
  if (hook.kind === "unavailable") return [notLookedAt("Webhooks", about, hook.reason)];
  const at = app.kind === "read" ? app.value.settings : undefined;
  if (hook.value === undefined || hook.value.url === "")
    return [finding("webhook-absent", { about, at, found: "The App has no webhook." })];
  return [
    ...hookFindings(hook.value, about, at),
    ...(deliveries.kind === "unavailable"
      ? [notLookedAt("Webhooks", about, deliveries.reason)]
      : deliveryFindings(deliveries.value, about, now)),
  ];
}

function hookFindings(hook: HookFacts, about: string, at: string | undefined): readonly Finding[] {
  const url = URL.parse(hook.url);
  const host = url?.host ?? "an address that is none";
  const faults = [
    hook.hasSecret ? [] : [finding("webhook-unsigned", { about, at, found: `No secret is set; it goes to ${host}.` })],
    hook.contentType === "json"
      ? []
      : [finding("webhook-form", { about, at, found: `The content type is ${hook.contentType}.` })],
    url?.pathname === HOOK_PATH ? [] : [finding("webhook-path", { about, at, found: pathText(url, host) })],
    url?.protocol === "http:" && !isHere(url)
      ? [finding("webhook-plain", { about, at, found: `Webhooks go to http://${host}.` })]
      : [],
    hook.checksCertificates
      ? []
      : [finding("webhook-certificates", { about, at, found: `GitHub does not check the certificate of ${host}.` })],
  ].flat();
  return faults.length > 0
    ? faults
    : [finding("webhook-configured", { about, found: `Webhooks go to ${host}, as JSON, signed.` })];
}

function pathText(url: URL | null, host: string): string {
  return url === null ? `Webhooks go to ${host}.` : `Webhooks go to ${host}${url.pathname}.`;
}

/** Whether an address is of the machine that asks. */
export function isHere({ hostname }: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function deliveryFindings(deliveries: readonly DeliveryFacts[], about: string, now: number): readonly Finding[] {
  const [newest] = deliveries;
  if (newest === undefined)
    return [finding("deliveries-none", { about, found: "GitHub has sent nothing in the last 24 hours." })];
  const failed = deliveries.filter((delivery) => !isTaken(delivery));
  const throttled = deliveries.filter((delivery) => delivery.throttled);
  return [
    finding(idOf(failed, newest), { about, found: countText(deliveries, failed, now) }),
    ...(throttled.length === 0
      ? []
      : [
          finding("deliveries-throttled", {
            about,
            found: `${throttled.length} of ${deliveries.length} deliveries were held back.`,
          }),
        ]),
  ];
}

function idOf(failed: readonly DeliveryFacts[], newest: DeliveryFacts) {
  if (failed.length === 0) return "deliveries-arrive";
  return isTaken(newest) ? "deliveries-some-failed" : "deliveries-fail";
}

function isTaken({ status }: DeliveryFacts): boolean {
  return status >= 200 && status < 300;
}

function countText(all: readonly DeliveryFacts[], failed: readonly DeliveryFacts[], now: number): string {
  const last = all.find(isTaken);
  const success =
    last === undefined ? "none was taken" : `the last was taken ${duration(Math.max(0, now - last.at))} ago`;
  if (failed.length === 0) return `${all.length} deliveries, none failed; ${success}.`;
  return `${failed.length} of ${all.length} deliveries failed (${statusText(failed)}); ${success}.`;
}

/** Each status with how often it came, the most frequent first: "502 × 3, no answer". */
function statusText(failed: readonly DeliveryFacts[]): string {
  return [...Map.groupBy(failed, ({ status }) => status)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([status, { length }]) => `${status === 0 ? "no answer" : status}${length === 1 ? "" : ` × ${length}`}`)
    .join(", ");
}
