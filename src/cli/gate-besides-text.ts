import type { Besides } from "../config/gate-file-besides.ts";
import { explainGauges, gaugesAnswer, type GaugesQuestion } from "../core/explain-gauges.ts";
import { explainLatency, latencyAnswer, type LatencyQuestion } from "../core/explain-latency.ts";
import type { StepWindows } from "../core/gate/explain.ts";
import { analysisAnswer, type AnalysisQuestion } from "../core/question.ts";
import type { SeasonalRuling } from "../core/seasonal-gate.ts";
import { analysisMissing, analysisNumbers } from "../render/analysis.ts";
import { columns } from "../render/columns.ts";
import { analysisText } from "../render/explain-analysis-text.ts";
import { gaugesTermsText } from "../render/explain-gauges-text.ts";
import { latencyText } from "../render/explain-latency-text.ts";
import { seasonalTermsText } from "../render/explain-seasonal-text.ts";
import { gaugesWords } from "../render/gate-gauges.ts";
import { latencyWords } from "../render/gate-latency.ts";
import type { GateWords } from "../render/gates.ts";
import { seasonalMissing, seasonalNumbers, seasonalSentence } from "../render/seasonal.ts";

/** What the other gates of a step say, each in the words of its check, and where that is asked every term. */
export function besideParts(
  { latency, gauges, analyses = [], seasonal }: Besides = {},
  isWhole: boolean,
): readonly string[] {
  return [
    ...(latency === undefined ? [] : latencyParts(latency, isWhole)),
    ...(gauges === undefined ? [] : gaugesParts(gauges, isWhole)),
    ...analyses.flatMap((one) => analysisParts(one, isWhole)),
    ...(seasonal === undefined ? [] : seasonalParts(seasonal, isWhole)),
  ];
}

function latencyParts(question: LatencyQuestion, isWhole: boolean): readonly string[] {
  const ruling = latencyAnswer(question);
  const said = saidBy("latency", ruling.judgement.verdict.kind, latencyWords(ruling), question.steps);
  const explanation = isWhole ? explainLatency(question) : undefined;
  return [...said, ...(explanation === undefined ? [] : [latencyText(explanation)])];
}

function gaugesParts(question: GaugesQuestion, isWhole: boolean): readonly string[] {
  const ruling = gaugesAnswer(question);
  const said = saidBy("gauges", ruling.judgement.verdict.kind, gaugesWords(ruling), question.steps);
  return [...said, ...(isWhole ? [gaugesTermsText(explainGauges(question))] : [])];
}

function saidBy(gate: string, verdict: string, words: GateWords, steps: readonly StepWindows[]): readonly string[] {
  const last = steps.at(-1)?.windows.at(-1);
  const missing = words.missing({ windowMs: last === undefined ? 0 : last.end - last.start, warmUpMs: 0 });
  const rows = words.rows(undefined);
  return [
    `${verdict}: ${gate}${words.numbers === undefined ? "" : `: ${words.numbers}`}.`,
    ...(missing === undefined ? [] : [`Waits for: ${missing.what}.`]),
    ...(words.grounds === undefined ? [] : [words.grounds]),
    ...(rows.length === 0 ? [] : [columns([["", "canary", "stable", "bound"], ...rows], [0, 3])]),
  ];
}

function analysisParts(question: AnalysisQuestion, isWhole: boolean): readonly string[] {
  const { gate, run, since } = question;
  const ruling = { gate, run, verdict: analysisAnswer(question) };
  const missing = analysisMissing(ruling);
  return [
    `${ruling.verdict.kind}: ${analysisNumbers(ruling)}.`,
    ...(missing === undefined ? [] : [`Waits for: ${missing.what}.`]),
    ...(isWhole ? [analysisText(run, gate, since)] : []),
  ];
}

function seasonalParts(ruling: SeasonalRuling, isWhole: boolean): readonly string[] {
  const numbers = seasonalNumbers(ruling);
  const sentence = seasonalSentence(ruling);
  return [
    `${ruling.judgement.verdict.kind}: seasonal${numbers === undefined ? "" : `: ${numbers}`}.`,
    ...seasonalMissing(ruling).map(({ what }) => `Waits for: ${what}.`),
    ...(sentence === undefined ? [] : [sentence]),
    ...(isWhole ? [seasonalTermsText(ruling)] : []),
  ];
}
