import type { EdgeExplanation, LatencyExplanation } from "../core/explain-latency.ts";
import { columns } from "./columns.ts";
import { barLine, guardsTable, ln, mixtureTable, part, said, windowsTable } from "./explain-parts.ts";

/** Every term of a comparison of latency: each bound as a comparison of slow requests, and all of them together. */
export function latencyText({ settings, edges, logE, logConfirmed, logBar }: LatencyExplanation): string {
  const { alpha, beta, power } = settings;
  return [
    part("Settings of latency", [
      columns([
        ["alpha", said(alpha)],
        ["beta", said(beta)],
        ["power", said(power)],
      ]),
    ]),
    ...edges.flatMap((edge) => edgeParts(edge, power)),
    part("Latency together: ln E = ln Σ exp(ln share + ln E of the bound)", [
      columns(
        [
          ["slower than", "share", "ln E of the bound", "ln share + ln E", "counts in what blocks"],
          ...edges.map(({ edge, share, logE: own, logTerm, isConfirmed }) => [
            `${said(edge.bound)} ms`,
            said(share),
            ln(own),
            ln(logTerm),
            isConfirmed ? "yes" : "no",
          ]),
        ],
        [0, 4],
      ),
      columns(
        [
          ["ln E", ln(logE)],
          ["ln E of the bounds that count", logConfirmed === undefined ? "none counts" : ln(logConfirmed)],
          ["ln E that blocks", ln(logBar)],
        ],
        [0],
      ),
    ]),
  ].join("\n\n");
}

function edgeParts(explained: EdgeExplanation, enough: number): readonly string[] {
  const { edge, windows, exact, bets, exactShare, logE, nonInferior, power, guards } = explained;
  const at = `slower than ${said(edge.bound)} ms (p${said(edge.quantile * 100)})`;
  return [
    part(
      `Windows, ${at}: k of m slow requests are the canary's, whose share of the requests is ρ; it may have the part p of them`,
      [windowsTable(windows, "canary", "slow")],
    ),
    part(`Exact half, ${at}, against a ratio of at most r₀ = ${said(edge.tolerated)}`, [mixtureTable(exact, "c")]),
    part(`Betting half, ${at}`, [mixtureTable(bets, "c")]),
    part(`Both halves, ${at}`, [
      columns(
        [
          ["share of the exact half", said(exactShare)],
          ["dispersion of the exact half", said(exact.divisor)],
          ["ln E of the bound", ln(logE)],
        ],
        [0],
      ),
    ]),
    part(`Non-inferiority, ${at}, against a ratio of at least ${said(edge.regression)}`, [
      mixtureTable(nonInferior, "c"),
      barLine(nonInferior.logBar),
      columns([["power by this bound alone", power.toFixed(9), `${said(enough)} passes`]], [0, 2]),
    ]),
    part(`Beside the evidence, ${at}`, [guardsTable(guards, "slow")]),
  ];
}
