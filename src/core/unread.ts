import type { GateRuling } from "./gates.ts";
import { unreachable } from "./unreachable.ts";
import type { Verdict } from "./verdict.ts";

/** Whether all that a verdict waits for is what the provider of metrics does not tell: an outage of a part, which takes nothing back. */
export function isProviderAlone({ kind, rulings, skipped, analyses = [] }: Verdict): boolean {
  const heard = <Ruling extends { readonly gate: string }>(all: readonly Ruling[]) =>
    all.filter(({ gate }) => !skipped.includes(gate));
  const waiting = heard(rulings).filter(({ judgement }) => judgement.verdict.kind === "wait");
  const others = heard(analyses).filter(({ verdict }) => verdict.kind === "wait");
  return kind === "wait" && waiting.length > 0 && others.length === 0 && waiting.every(isUnread);
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
