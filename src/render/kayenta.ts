import type { Classification } from "../core/gate/kayenta.ts";
import type { Scored } from "../core/gate/kayenta-score.ts";
import type { KayentaRuling } from "../core/kayenta-gate.ts";
import { unreachable } from "../core/unreachable.ts";
import { quality, quantity, type Missing } from "./lacking.ts";
import { count, percent, whole } from "./numbers.ts";

const SAID: Readonly<Record<Classification, string>> = {
  pass: "passes",
  high: "high",
  low: "low",
  nodata: "no data",
  nodataFail: "no data, fails",
};

/** The score in one clause where it blocks; undefined where it does not. */
export function kayentaNumbers({ verdict, scored, scoring }: KayentaRuling): string | undefined {
  if (verdict.kind !== "block" || scored === undefined) return undefined;
  return `score ${whole(scored.score)} of 100, ${whole(scoring.marginal)} is the least`;
}

/** What the score rests on, as a sentence; undefined while there is none. */
export function kayentaGrounds({ scored, scoring }: KayentaRuling): string | undefined {
  if (scored === undefined) return undefined;
  const bounds = `${whole(scoring.pass)} passes, less than ${whole(scoring.marginal)} blocks`;
  return `By Kayenta's judge the canary's gauges score ${whole(scored.score)} of 100${zeroText(scored)} (${bounds}): once a step, on the windows of its bake.`;
}

function zeroText({ zeroFor }: Scored): string {
  switch (zeroFor?.kind) {
    case undefined:
      return "";
    case "critical":
      return `, since ${zeroFor.metric} is critical`;
    case "nodata":
      return ", since half of them have no values";
    default:
      return unreachable(zeroFor);
  }
}

/** A row for each gauge, and one for the score. */
export function kayentaRows({ verdict, scored, scoring }: KayentaRuling): readonly (readonly string[])[] {
  const bound = `${whole(scoring.pass)} passes, less than ${whole(scoring.marginal)} blocks`;
  if (scored === undefined) {
    const far = verdict.kind === "wait" && verdict.reason.kind === "windows" ? verdict.reason : undefined;
    return [["score", "not reckoned", "", far === undefined ? bound : `after ${count(far.of, "window")}; ${bound}`]];
  }
  const groups = scored.groups.map(({ name, score, weight }) => `${name} ${whole(score)} at ${percent(weight / 100)}`);
  return [
    ...scored.metrics.map(({ name, classification }) => [name, SAID[classification], "", "Kayenta's judge"]),
    ["score", whole(scored.score), "", `${groups.join(", ")}; ${bound}`],
  ];
}

/** What it waits for; undefined where for nothing. */
export function kayentaMissing({ verdict, scored, scoring }: KayentaRuling): Missing | undefined {
  if (verdict.kind !== "wait") return undefined;
  const { reason } = verdict;
  switch (reason.kind) {
    case "windows":
      return quantity(`Kayenta's judge has ${whole(reason.windows)} of ${count(reason.of, "window")}`);
    case "noValues":
      return quality(`the metrics have no ${reason.gauge} of canary or stable in the windows of the bake`);
    case "marginal":
      return quality(
        `the gauges score ${whole(scored?.score ?? 0)} by Kayenta's judge, between ${whole(scoring.marginal)} and ${whole(scoring.pass)}, and a person decides`,
      );
    default:
      return unreachable(reason);
  }
}
