import type { KayentaSettings } from "./gate/kayenta.ts";
import { scored, type Scored, type Scoring } from "./gate/kayenta-score.ts";
import { gaugeWindows, type GaugePolicy } from "./gauge-memory.ts";
import type { Compared } from "./gates.ts";
import type { Window } from "./window.ts";

/** How a gauge is judged as Kayenta would, and in which groups it counts; at least one. */
export type KayentaGauge = { readonly settings: KayentaSettings; readonly groups: readonly string[] };

/** What all gauges say together that are judged so. `scored` once the step has been live for as many windows as its bake has. */
export type KayentaRuling = {
  readonly verdict:
    | { readonly kind: "block" }
    | { readonly kind: "pass" }
    | { readonly kind: "wait"; readonly reason: KayentaWait };
  readonly scored: Scored | undefined;
  readonly scoring: Scoring;
};

export type KayentaWait =
  | { readonly kind: "windows"; readonly windows: number; readonly of: number }
  /** Nobody has told a value of this gauge for an arm. To Kayenta that may be a pass or a failure; here it is neither. */
  | { readonly kind: "noValues"; readonly gauge: string }
  /** Between passing and failing: a person decides. */
  | { readonly kind: "marginal" };

export const DEFAULT_SCORING: Scoring = { pass: 75, marginal: 50, weights: new Map() };

/** Judges the gauges that are to be judged as Kayenta does, once a step, on the windows of its bake: looked at again and again, that test finds chance. Undefined where there are none. */
export function kayentaRuling(
  { member, release, running, since }: Compared,
  gauges: readonly GaugePolicy[],
): KayentaRuling | undefined {
  const judged = gauges.flatMap(({ name, kayenta }) => (kayenta === undefined ? [] : [{ name, ...kayenta }]));
  if (judged.length === 0) return undefined;
  const { windowMs, warmUpMs, bakeMs, scoring = DEFAULT_SCORING } = member.policy;
  const baking = (member.plan.steps[release.step + 1]?.bakeMs ?? bakeMs) - warmUpMs;
  const of = Math.max(1, Math.floor(baking / windowMs));
  const live = since === undefined ? [] : running.filter(({ start }) => start >= since);
  const wait = (reason: KayentaWait) => ({ verdict: { kind: "wait", reason }, scored: undefined, scoring }) as const;
  if (live.length < of) return wait({ kind: "windows", windows: live.length, of });
  const metrics = judged.map((gauge) => ({ ...gauge, ...samplesOf(live.slice(0, of), gauge.name) }));
  const silent = metrics.find(({ canary, stable }) => canary.length === 0 || stable.length === 0);
  if (silent !== undefined) return wait({ kind: "noValues", gauge: silent.name });
  const found = scored(metrics, scoring);
  return { verdict: KINDS[found.verdict], scored: found, scoring };
}

const KINDS: Readonly<Record<Scored["verdict"], KayentaRuling["verdict"]>> = {
  pass: { kind: "pass" },
  marginal: { kind: "wait", reason: { kind: "marginal" } },
  fail: { kind: "block" },
};

function samplesOf(
  windows: readonly Window[],
  name: string,
): { readonly canary: readonly number[]; readonly stable: readonly number[] } {
  const values = gaugeWindows(windows, name).map((window) => window.values);
  const known = (value: number | undefined) => (value === undefined || !Number.isFinite(value) ? [] : [value]);
  return {
    canary: values.flatMap(({ canary }) => known(canary)),
    stable: values.flatMap(({ stable }) => known(stable)),
  };
}

/** Why a canary is taken back by its score; free of numbers. */
export function kayentaReason({ scored: found }: KayentaRuling): string {
  const worse = found?.metrics.filter(({ classification }) => classification !== "pass").map(({ name }) => name) ?? [];
  return `the canary scores too low by Kayenta's judge: ${worse.join(", ")}`;
}
