import { name } from "../../src/core/names.ts";
import { read, type Reading } from "../../src/core/reading.ts";
import type { Window } from "../../src/core/window.ts";
import type { BacktestedMember, JudgedBy } from "../../src/ports/backtests.ts";
import { DEFAULT_PROMETHEUS, type TimelineQuestion } from "../../src/ports/metrics.ts";
import { POLICY } from "../support/member.ts";

export const HOUR = 3_600_000;
export const NOW = Date.UTC(2026, 10, 21, 12);

/** A service in `prod` that is judged in windows of half a minute. */
export function memberOf(service: string, policy: Partial<JudgedBy> = {}): BacktestedMember {
  const [canary, stable] = [name(`${service}-canary`), name(service)];
  return {
    service: name(service),
    target: name("prod"),
    policy: { ...POLICY, windowMs: 30_000, ...policy },
    provider: { ...DEFAULT_PROMETHEUS, url: "https://prometheus.example.com" },
    asked: {
      service: name(service),
      namespace: name("shop"),
      arms: { canary, stable, by: "service" },
      workloads: { canary, stable },
      container: name("app"),
    },
  };
}

/** Ten requests in each window, of which one failed. */
export function windowsOf({ from, to, windowMs }: TimelineQuestion): Reading<readonly Window[]> {
  return read(
    Array.from({ length: (to - from) / windowMs }, (_, index) => {
      const start = from + index * windowMs;
      return { start, end: start + windowMs, counts: { stable: { requests: 10, failed: 1 } }, pods: {} };
    }),
  );
}
