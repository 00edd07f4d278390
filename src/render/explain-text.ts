import type { AloneExplanation } from "../core/gate/explain-alone.ts";
import type { Explanation } from "../core/gate/explain.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import { columns } from "./columns.ts";
import { barLine, guardsTable, ln, mixtureTable, part, said, windowsTable } from "./explain-parts.ts";

/** Every term of a comparison, a part a paragraph. docs/gates.md has the formulas under the same names. */
export function explanationText(explanation: Explanation, settings: GateSettings): string {
  const { judgement, exact, bets, exactShare, logE, logBar, nonInferior, slo } = explanation;
  const { suspect } = judgement;
  return [
    settingsPart(settings),
    part(
      "Windows: k of m failures are the suspect's, whose share of the requests is ρ; it may have the part p of them",
      [windowsTable(explanation.windows, suspect)],
    ),
    part(
      `Exact half, against a ratio of at most ${said(settings.tolerance)}: S = Σ k ln c − m ln((1 + ρ(r₀c − 1)) ÷ (1 + ρ(r₀ − 1)))`,
      [mixtureTable(exact, "c")],
    ),
    part("Betting half: S = Σ ln(1 + c((k ÷ m) ÷ p − 1))", [mixtureTable(bets, "c")]),
    part("Together", [
      columns(
        [
          ["share of the exact half", said(exactShare)],
          ["ln E", ln(logE)],
          ["ln E that blocks", ln(logBar)],
        ],
        [0],
      ),
    ]),
    part(`Non-inferiority, against a ratio of at least ${said(settings.regression)}`, [
      mixtureTable(nonInferior, "c"),
      barLine(nonInferior.logBar),
    ]),
    part(
      `SLO form, against an error rate of at least ${said(settings.slo)}: S = k ln c + (n − k)(ln(1 − cp₀) − ln(1 − p₀))`,
      [mixtureTable(slo, "c"), barLine(slo.logBar)],
    ),
    powerPart(explanation, settings),
    part("Beside the evidence", [guardsTable(explanation.guards)]),
    part("Ratio of the error rates", [ratioTable(explanation)]),
    part("Until a verdict", [`  ${etaText(explanation.eta)}`]),
  ].join("\n\n");
}

/** Every term of a verdict on an arm by itself. */
export function aloneText({ health, above, below, guards }: AloneExplanation, settings: GateSettings): string {
  const { arm, counts, limit } = health;
  return [
    settingsPart(settings),
    part(`Counts of ${arm}`, [
      columns([
        ["requests", String(counts.requests)],
        ["failed", String(counts.failed)],
      ]),
    ]),
    part(`Above the limit ${said(limit)}: S = k ln c + (n − k)(ln(1 − cp₀) − ln(1 − p₀))`, [
      mixtureTable(above, "c"),
      barLine(above.logBar, "blocks"),
    ]),
    part(`Below the limit ${said(limit)}`, [mixtureTable(below, "c"), barLine(below.logBar)]),
    part("Beside the evidence", [guardsTable(guards)]),
  ].join("\n\n");
}

function settingsPart(settings: GateSettings): string {
  const rows = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "number" ? said(value) : value]],
  );
  return part("Settings", [columns(rows)]);
}

function powerPart({ power, strata, judgement, logBar }: Explanation, settings: GateSettings): string {
  const { power: reached, expected, needed } = judgement.power;
  const rows = strata.map(([requests, , reference, failed], index) => [
    String(requests),
    `${failed} of ${reference}`,
    said(power.expected[index] ?? 0),
  ]);
  const heading = `Power to find ${power.ratio} times the errors: what the suspect's requests would have brought at the reference's rate`;
  return part(heading, [
    columns([["requests", "reference failed", "expected"], ...rows], []),
    columns([
      ["expected failures", said(expected)],
      [
        `failures that lift the exact half to ln E = ${ln(logBar)} + ln 2`,
        needed === undefined ? "none do" : String(needed),
      ],
      ["P(Poisson(expected ÷ φ) ≥ needed ÷ φ)", reached.toFixed(9)],
      ["power that passes", said(settings.power)],
    ]),
  ]);
}

function ratioTable({ judgement: { ratio, interval } }: Explanation): string {
  const bounds = interval === undefined ? "none failed" : `${said(interval.low)} to ${said(interval.high)}`;
  return columns([
    ["estimate", ratio === undefined ? "none failed" : said(ratio)],
    ["95 % at every look", bounds],
  ]);
}

function etaText(eta: Explanation["eta"]): string {
  switch (eta?.kind) {
    case "passes":
      return `${eta.inMs} ms and ${eta.requests} requests of the suspect, then it passes (${eta.by})${given(eta)}`;
    case "blocks":
      return `${eta.inMs} ms, then it blocks`;
    case "noTraffic":
      return "not known without requests of both arms";
    case "never":
      return "not within thirty days";
    default:
      return "nothing is missing, or time does not bring it";
  }
}

function given({ given: condition }: Extract<Explanation["eta"], { readonly kind: "passes" }>): string {
  return condition === "alike" ? ", if both arms fail alike from now on" : "";
}
