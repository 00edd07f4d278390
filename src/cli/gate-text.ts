import type { Asked } from "../config/gate-file.ts";
import type { ErrorRuling } from "../core/error-gate.ts";
import { explainAlone, type AloneExplanation } from "../core/gate/explain-alone.ts";
import { explain, type Explanation } from "../core/gate/explain.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import type { Counts } from "../core/window.ts";
import { besideParts } from "./gate-besides-text.ts";
import { columns } from "../render/columns.ts";
import { aloneText, explanationText } from "../render/explain-text.ts";
import { errorWords } from "../render/gate-errors.ts";
import { evidence, percent, whole } from "../render/numbers.ts";
import { rateText } from "../render/terms.ts";

/** For people: the verdict, its sentence and its numbers, and where that is asked for every term. */
export function gateText(asked: Asked, isWhole: boolean): string {
  const place = [asked.service, asked.target].filter((one) => one !== undefined).join(" · ");
  const parts = asked.kind === "compare" ? comparisonParts(asked, isWhole) : aloneParts(asked, isWhole);
  const besides = besideParts(asked.besides, isWhole);
  return `${[...(place === "" ? [] : [place]), ...parts, ...besides].join("\n\n")}\n`;
}

function comparisonParts(
  { question }: Extract<Asked, { readonly kind: "compare" }>,
  isWhole: boolean,
): readonly string[] {
  const explanation = explain(question);
  const words = errorWords(rulingOf(explanation, question.settings));
  const last = question.steps.at(-1)?.windows.at(-1);
  const missing = words.missing({ windowMs: last === undefined ? 0 : last.end - last.start, warmUpMs: 0 });
  const { verdict } = explanation.judgement;
  const said = [
    `${verdict.kind}: ${words.numbers}.`,
    ...(missing === undefined ? [] : [`Waits for: ${missing.what}.`]),
  ];
  return [
    ...said,
    ...(words.grounds === undefined ? [] : [words.grounds]),
    columns([["", "canary", "stable", "bound"], ...words.rows(undefined)], [0, 3]),
    ...(isWhole ? [explanationText(explanation, question.settings)] : []),
  ];
}

function rulingOf({ judgement, eta }: Explanation, settings: GateSettings): ErrorRuling {
  const { canary, stable } = judgement.counts;
  return { gate: "errors", judgement, rates: { canary: rateOf(canary), stable: rateOf(stable) }, settings, eta };
}

function rateOf({ requests, failed }: Counts): number | undefined {
  return requests === 0 ? undefined : failed / requests;
}

function aloneParts({ question }: Extract<Asked, { readonly kind: "alone" }>, isWhole: boolean): readonly string[] {
  const explanation = explainAlone(question);
  const { arm, counts, limit, verdict } = explanation.health;
  const why = verdict.kind === "wait" ? ` (${WAITS[verdict.reason.kind]})` : "";
  return [
    `${verdict.kind}${why}: ${arm} errors ${rateText(counts)}, ${percent(limit)} is the limit.`,
    aloneTable(explanation),
    ...(isWhole ? [aloneText(explanation, question.settings)] : []),
  ];
}

const WAITS: Readonly<Record<"noWindows" | "noSamples" | "noTraffic" | "aboveLimit" | "tooLittle", string>> = {
  noWindows: "no window has closed",
  noSamples: "no samples in the latest windows",
  noTraffic: "no requests in the latest windows",
  aboveLimit: "above the limit, not proven",
  tooLittle: "below the limit, not proven",
};

function aloneTable({ health: { counts, aboveLimit, belowLimit, failedWindows, windows } }: AloneExplanation): string {
  const proofs = [
    ["evidence of too many errors", evidence(aboveLimit.e), `${evidence(aboveLimit.threshold)} blocks`],
    ...(belowLimit === undefined
      ? []
      : [["evidence of few enough errors", evidence(belowLimit.e), `${evidence(belowLimit.threshold)} passes`]]),
  ];
  return columns(
    [
      ["requests", whole(counts.requests), ""],
      ["failed", whole(counts.failed), ""],
      ...proofs,
      ["windows with a failed request", `${failedWindows} of ${windows}`, ""],
    ],
    [0, 2],
  );
}
