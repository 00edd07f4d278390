import { createHash } from "node:crypto";
import type { Fetch } from "../http/guarded-fetch.ts";
import { waitOf } from "./exchange.ts";

const LONGEST_MS = 600_000;

/** Until when each asker is to leave a server alone, milliseconds; by server and key. */
type Rests = Map<string, number>;

/** A fetch that asks nobody who said 429 before the time that the answer gave; until then it answers 429 itself. `now` in milliseconds. */
export function patientFetch(fetch: Fetch, now: () => number): Fetch {
  const rests: Rests = new Map();
  return async (url, init) => {
    const key = keyOf(url, init);
    const left = (rests.get(key) ?? 0) - now();
    if (left > 0)
      return new Response(null, { status: 429, headers: { "retry-after": String(Math.ceil(left / 1000)) } });
    rests.delete(key);
    const answer = await fetch(url, init);
    const wait = answer.status === 429 ? waitOf(answer.headers) : undefined;
    if (wait !== undefined) rests.set(key, now() + Math.min(wait, LONGEST_MS));
    return answer;
  };
}

// One server may give every tenant a rate of its own; of their keys only a digest is kept. What changes with each signature is no key.
function keyOf({ origin }: URL, { headers }: RequestInit): string {
  const tenant = [...new Headers(headers)].filter(([name]) => !/^(?:authorization|x-amz-.*)$/.test(name));
  const bearer = new Headers(headers).get("authorization")?.replace(/^AWS4-HMAC-SHA256 Credential=([^/]*).*$/, "$1");
  return createHash("sha256")
    .update(JSON.stringify([origin, tenant, bearer]))
    .digest("hex");
}
