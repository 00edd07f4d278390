import type { Event } from "./events.ts";
import type { Misfortune } from "./luck.ts";
import type { Scenario } from "./story.ts";

/** A story as the list of all that happens in it. */
export type Case = { readonly scenario: Scenario; readonly misfortunes: readonly Misfortune[] };

type Part = { readonly events: readonly Event[] } | { readonly misfortune: Misfortune };

const ALWAYS = "always";

/** Stories tried at most. */
const PATIENCE = 400;

/**
 * A smaller story of which `breaks` is still true: parts are left out by halves, then by less, down to one at a time, for as long as
 * that works or the patience lasts. `told` is what is tried now.
 */
export async function shrunk(
  found: Case,
  breaks: (smaller: Case) => Promise<boolean>,
  told: (tries: number, parts: number) => void = () => undefined,
): Promise<Case> {
  let tries = 0;
  const still = async (parts: readonly Part[]): Promise<boolean> => {
    if (tries >= PATIENCE) return false;
    tries += 1;
    told(tries, parts.length);
    return breaks(caseOf(found, parts));
  };
  let parts = partsOf(found);
  for (let size = Math.ceil(parts.length / 2); size >= 1; size = nextSize(size)) {
    const smaller = await without(parts, size, still);
    // What was left out may make more of the rest needless.
    const isAgain = size === 1 && smaller.length < parts.length;
    parts = smaller;
    if (isAgain) size = 2;
  }
  return caseOf(found, parts);
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

async function without(
  all: readonly Part[],
  size: number,
  still: (parts: readonly Part[]) => Promise<boolean>,
): Promise<readonly Part[]> {
  let parts = all;
  for (let from = 0; from < parts.length;) {
    const rest = [...parts.slice(0, from), ...parts.slice(from + size)];
    if (await still(rest)) parts = rest;
    else from += size;
  }
  return parts;
}

function partsOf({ scenario, misfortunes }: Case): readonly Part[] {
  const some = scenario.events.filter((event) => event.with !== ALWAYS);
  const groups = Map.groupBy(some, (event) => event.with ?? event);
  return [...misfortunes.map((misfortune) => ({ misfortune })), ...[...groups.values()].map((events) => ({ events }))];
}

function caseOf({ scenario }: Case, parts: readonly Part[]): Case {
  const kept = new Set(parts.flatMap((part) => ("events" in part ? part.events : [])));
  const named = new Set([...kept].flatMap((event) => ("service" in event ? [event.service] : [])));
  const isKept = (event: Event) =>
    kept.has(event) || (event.with === ALWAYS && (!("service" in event) || named.has(event.service)));
  const events = scenario.events.filter(isKept);
  const misfortunes = parts.flatMap((part) => ("misfortune" in part ? [part.misfortune] : []));
  const services = scenario.services.filter((service) => named.has(service));
  return {
    scenario: { ...scenario, events, services: services.length === 0 ? scenario.services : services },
    misfortunes,
  };
}
