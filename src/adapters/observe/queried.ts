import type { Outcome, Telemetry } from "../../ports/telemetry.ts";
import type { Fetch } from "../http/guarded-fetch.ts";

/** A fetch of whose requests to metrics providers somebody takes note. */
export function queriedFetch(fetch: Fetch, { during }: Telemetry): Fetch {
  return (url, init) => during({ kind: "providerQuery", host: url.host }, () => fetch(url, init), statusOf);
}

function statusOf(outcome: Outcome<Response>): string {
  if (outcome.kind === "thrown") return "none";
  // A redirect is not followed, and its status not shown.
  return outcome.value.status === 0 ? "redirect" : String(outcome.value.status);
}
