import type { Odds } from "./faults.ts";
import { randomOf } from "./random.ts";
import type { Event, Scenario } from "./run.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SERVICES = ["cart", "search"] as const;

export const TROUBLE: Odds = { crash: 0.04, lost: 0.03, unheard: 0.03 };

/** A seed's story: one or two services, a version for each, sometimes a second one in flight, sometimes people who speak. */
export function scenarioOf(seed: number): Scenario {
  const random = randomOf(seed * 7919 + 17);
  const services = random.chance(0.85) ? SERVICES.slice(0, 1) : SERVICES.slice();
  const bad = new Set<string>();
  const events = services.flatMap((service, index): readonly Event[] => {
    const at = random.between(1, 4) * MINUTE + index * SECOND;
    const first: Event = { kind: "bump", service, tag: `1.${index + 1}.0`, at };
    const isSecond = random.chance(0.4);
    if (!isSecond && random.chance(0.4)) bad.add(first.tag);
    if (!isSecond) return [first];
    // Only a good version is followed in flight: whether a bad one was judged before the next came is a matter of time, and so is the ending.
    const second: Event = { kind: "bump", service, tag: `1.${index + 1}.1`, at: at + random.between(10, 420) * SECOND };
    if (random.chance(0.4)) bad.add(second.tag);
    return [first, second];
  });
  const unrelated = Array.from({ length: random.between(0, 3) }, (): Event => ({
    kind: "unrelated",
    at: random.between(1, 15) * MINUTE + 7 * SECOND,
  }));
  const outages = random.chance(0.3) ? [[random.between(2, 6) * MINUTE, random.between(7, 12) * MINUTE] as const] : [];
  return { services, events: [...events, ...unrelated], bad, outages };
}

/** The same with people who hold, resume, promote and abort, some of whom may not. */
export function scenarioWithPeople(seed: number): Scenario {
  const scenario = scenarioOf(seed);
  const random = randomOf(seed * 104_729 + 5);
  const service = scenario.services[0] ?? "cart";
  const say = (body: string, at: number): Event => ({
    kind: "comment",
    service,
    author: random.chance(0.8) ? "ana" : "bo",
    body,
    at,
  });
  const spoken = Array.from({ length: random.between(1, 4) }, () =>
    say(
      random.pick(["/hold", "/promote", "/abort we saw something", "/resume", "/status"]),
      random.between(90, 600) * SECOND,
    ),
  );
  // Somebody who may lifts every hold in the end, in comments that are all heard by then.
  const lifted = [15, 18].map((minute): Event => ({
    kind: "comment",
    service,
    author: "ana",
    body: "/resume",
    at: minute * MINUTE,
  }));
  return { ...scenario, events: [...scenario.events, ...spoken, ...lifted] };
}
