import { profileOf, type Reading } from "../../src/core/gate/seasonal.ts";
import type { SeasonalFacts, SeasonalPolicy } from "../../src/core/season.ts";
import { landingOf, MINUTE } from "./member.ts";

export const DAY = 1_440 * MINUTE;
export const EVERY = 5 * MINUTE;

/** Failed requests of a service as a whole, by its data plane. */
export const SEASON: SeasonalPolicy = {
  name: "errors",
  asked: { kind: "builtin", builtin: "errors" },
  worse: "higher",
  measure: "count",
  part: 1,
  days: 14,
  everyMs: EVERY,
};

/** When the first weight of the builders' release landed. */
export const BEGIN = landingOf(1);

/** What five minutes of a service hold that is used twice as much by day; the same chance for the same moment. */
export function usualAt(at: number, scale = 1): number {
  const day = Math.sin((2 * Math.PI * (at % DAY)) / DAY);
  return Math.round((60 + 30 * day + 8 * noise(at)) * scale);
}

/** Between -1 and 1, by the moment alone. */
function noise(at: number): number {
  const mixed = Math.imul((at / EVERY) | 0, 2_654_435_761) >>> 0;
  const again = Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 0;
  return (again ^ (again >>> 13)) / 2 ** 31 - 1;
}

/** Every reading after `from` up to `to`. */
export function readingsOf(from: number, to: number, value: (at: number) => number = usualAt): readonly Reading[] {
  const first = Math.floor(from / EVERY) + 1;
  const count = Math.max(0, Math.floor(to / EVERY) - first + 1);
  return Array.from({ length: count }, (_, index) => {
    const at = (first + index) * EVERY;
    return { at, value: value(at) };
  });
}

/** What is read of it where its past goes back for so many days, and the time since the first weight is as said. */
export function factsOf(to: number, since: (at: number) => number = usualAt, days = 14): SeasonalFacts {
  const history = readingsOf(BEGIN - days * DAY, BEGIN);
  const settled = Math.floor(to / EVERY) * EVERY;
  return {
    history,
    profile: profileOf(history, "count"),
    readings: [...history, ...readingsOf(BEGIN, settled, since)],
    to: settled,
  };
}
