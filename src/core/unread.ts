import type { GateRuling } from "./gates.ts";
import type { SeasonalWait } from "./season.ts";
import type { SeasonalRuling } from "./seasonal-gate.ts";
import { unreachable } from "./unreachable.ts";
import type { Verdict } from "./verdict.ts";

/** Whether all that a verdict waits for is what the provider of metrics does not tell: an outage of a part, which takes nothing back. */
export function isProviderAlone({ kind, rulings, skipped, analyses = [], seasonal, own }: Verdict): boolean {
  const heard = <Ruling extends { readonly gate: string }>(all: readonly Ruling[]) =>
    all.filter(({ gate }) => !skipped.includes(gate));
  const waiting = heard(rulings).filter(({ judgement }) => judgement.verdict.kind === "wait");
  const others = heard(analyses).filter(({ verdict }) => verdict.kind === "wait");
  if (kind !== "wait" || others.length > 0 || !waiting.every(isUnread)) return false;
  const seasons = heard(seasonal === undefined ? [] : [seasonal]).flatMap(waitsOf);
  // Where nothing is compared there are no rulings: what waits besides the service's past is then of pods or an arm by itself.
  const isTold = waiting.length > 0 || (own === "pass" && seasons.length > 0);
  return isTold && seasons.every((reason) => reason === "unread");
}

function waitsOf({ judgement: { metrics } }: SeasonalRuling): readonly SeasonalWait["kind"][] {
  return metrics.flatMap(({ verdict }) => (verdict.kind === "wait" ? [verdict.reason.kind] : []));
}

function isUnread(ruling: GateRuling): boolean {
  switch (ruling.gate) {
    case "errors":
      return false;
    case "latency": {
      const { verdict } = ruling.judgement;
      return verdict.kind === "wait" && verdict.reason.kind === "unread";
    }
    case "gauges": {
      const waiting = ruling.judgement.gauges.flatMap(({ verdict }) =>
        verdict.kind === "wait" ? [verdict.reason] : [],
      );
      return waiting.every(({ kind }) => kind === "unread");
    }
    default:
      return unreachable(ruling);
  }
}
