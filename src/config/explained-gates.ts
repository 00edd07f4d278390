import { budgetName } from "../core/gauge-gate.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import type { Policy } from "../core/plan.ts";
import { seasonalBudget } from "../core/season.ts";
import { durationText } from "./duration.ts";
import type { Of, Path, Said } from "./said.ts";

type GateKey = "gate" | "parts" | "latency" | "warmUpMs" | "gauges" | "scoring" | "seasonal" | "analyses";

/** What goes for the gates of a service. What its own entry says goes before what is said for all. */
export const gateRows: { readonly [Key in GateKey & keyof Policy]: (of: Of) => readonly Said[] } = {
  warmUpMs: (of) => [both(of, ["warmUp"], durationText(of.policy.warmUpMs))],
  gate: (of) =>
    errorTexts(of.policy.gate, of.alphas.get("errors") ?? 0).map(([key, text]) => both(of, ["errors", key], text)),
  parts: (of) => [
    both(of, ["errors", "part"], partText(of, of.policy.parts.errors, "errors")),
    ...(of.policy.latency === undefined
      ? []
      : [ofLatency(of, ["part"], partText(of, of.policy.parts.latency, "latency"))]),
  ],
  latency: (of) => latencyRows(of, of.policy.latency),
  gauges: (of) =>
    (of.policy.gauges ?? []).map(({ name, worse, regression, part, calibration, kayenta }) => {
      const how =
        kayenta !== undefined
          ? "judged as Kayenta would"
          : calibration === undefined
            ? "advises only: it is not calibrated"
            : `part ${partText(of, part, budgetName(name))}`;
      const text = `${worse} is worse, a pass excludes ${rounded(regression)} times; ${how}`;
      return named(of, "gauges", { name, text });
    }),
  scoring: ({ policy: { scoring } }) =>
    scoring === undefined
      ? []
      : [
          {
            key: "gates.kayenta",
            text: `pass ${scoring.pass}, marginal ${scoring.marginal}`,
            at: [["gates", "kayenta"]],
          },
        ],
  seasonal: (of) =>
    (of.policy.seasonal ?? []).map(({ name, worse, measure, days, everyMs, part }) => {
      const text = `${measure}, ${worse} is worse, ${days} days by ${durationText(everyMs)}; part ${partText(of, part, seasonalBudget(name))}`;
      return named(of, "seasonal", { name, text });
    }),
  analyses: ({ policy: { analyses = [] } }) =>
    analyses.map(({ name, template, from, runs, line }) => {
      return {
        key: `gates.analysis.${name}`,
        text: `${template}, a run for each ${runs}, from ${from}% on`,
        at: [],
        line,
      };
    }),
};

/** A key of `gates` that a service's own entry may say otherwise. */
function both({ own }: Of, path: Path, text: string): Said {
  const at = ["gates", ...path];
  return { key: at.join("."), text, at: [...own(...at), at] };
}

function errorTexts(gate: GateSettings, share: number): readonly (readonly [string, string])[] {
  const { alpha, beta, tolerance, regression, slo, unhealthy, power, dispersion, exactDispersion } = gate;
  const { minimum, noData, placeboLogE } = gate;
  const clustered = exactDispersion === undefined ? "" : `, ${exactDispersion} in the exact half while none is written`;
  return [
    ...Object.entries({ alpha, beta, tolerance, regression, slo, unhealthy, power }).map(
      ([key, value]) => [key, String(value)] as const,
    ),
    ["dispersion", `${dispersion}${clustered}`],
    ["minimum", minimum === undefined ? "none" : String(minimum)],
    ["noData", noData ?? "wait"],
    [
      "threshold",
      placeboLogE === undefined ? `1/alpha of its part, ${rounded(1 / share)}` : String(rounded(Math.exp(placeboLogE))),
    ],
  ];
}

/** A service's own word on latency is all that goes for it, common keys are not read then. */
function ofLatency({ own, entry }: Of, path: Path, text: string): Said {
  const at = ["gates", "latency", ...path];
  return { key: at.join("."), text, at: entry?.gates?.latency === undefined ? [at] : own(...at) };
}

function latencyRows(of: Of, latency: Policy["latency"]): readonly Said[] {
  if (latency === undefined) return [ofLatency(of, [], "off")];
  const { tolerated, regression, isAskedFor } = latency;
  return [
    ofLatency(of, [], isAskedFor ? "judged; no step goes on without it" : "judged where it is measured"),
    ofLatency(of, ["tolerated"], `${rounded(tolerated * 100)}%`),
    ofLatency(of, ["regression"], `${rounded(regression * 100)}%`),
  ];
}

type Entry = { readonly name: string; readonly text: string };

/** One of a list that a service's own entry may say otherwise, by its name. */
function named({ config: { gates }, entry, own }: Of, list: "gauges" | "seasonal", { name, text }: Entry): Said {
  const placeIn = (all: readonly Called[] = []) => all.findIndex((one) => called(one) === name);
  const mine = placeIn(entry?.gates?.[list]);
  const at = mine === -1 ? [["gates", list, placeIn(gates?.[list])]] : own("gates", list, mine);
  return { key: `gates.${list}.${name}`, text, at };
}

type Called = { readonly name?: string | undefined; readonly builtin?: string | undefined };

function called({ name, builtin }: Called): string | undefined {
  return name ?? builtin;
}

function partText({ alphas, policy }: Of, part: number, metric: string): string {
  return `${part}, ${rounded(alphas.get(metric) ?? 0)} of the alpha of ${policy.gate.alpha}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
