import { instantText } from "../config/instant.ts";
import type { Asked } from "../config/gate-file.ts";
import type { Besides } from "../config/gate-file-besides.ts";
import { explainGauges, gaugesAnswer, type GaugesQuestion } from "../core/explain-gauges.ts";
import { explainLatency, latencyAnswer, type LatencyQuestion } from "../core/explain-latency.ts";
import { NO_EVIDENCE } from "../core/gate/evidence.ts";
import { explainAlone } from "../core/gate/explain-alone.ts";
import { explain, type StepWindows } from "../core/gate/explain.ts";
import type { Histogram } from "../core/gate/histogram.ts";
import { histogramIn, toldIn, type LatencyForm } from "../core/latency-form.ts";
import {
  aloneQuestionOf,
  analysisAnswer,
  analysisQuestionsOf,
  gaugesQuestionOf,
  latencyQuestionOf,
  questionOf,
  type AnalysisQuestion,
} from "../core/question.ts";
import type { Member } from "../core/snapshot.ts";
import type { Stage } from "../core/stage.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Window } from "../core/window.ts";
import { verdictIn } from "../render/record.ts";

/** What the gates were asked of a member; nothing where its errors are not judged as it stands. */
export function askedOf(member: Member, stage: Stage): readonly Asked[] {
  const verdict = verdictIn(stage);
  if (verdict === undefined) return [];
  const place = { service: member.state.service, target: member.target, besides: besidesOf(member, verdict) };
  const ruling = verdict.rulings.find(({ gate }) => gate === "errors");
  if (ruling?.gate === "errors") return [{ ...place, kind: "compare", question: questionOf(member, ruling) }];
  const { health } = verdict;
  return health === undefined ? [] : [{ ...place, kind: "alone", question: aloneQuestionOf(member, health) }];
}

function besidesOf(member: Member, { rulings, analyses = [], seasonal }: Verdict): Besides {
  const gauges = rulings.find(({ gate }) => gate === "gauges");
  return {
    ...(rulings.some(({ gate }) => gate === "latency") && { latency: latencyQuestionOf(member) }),
    ...(gauges?.gate === "gauges" && { gauges: gaugesQuestionOf(member, gauges) }),
    ...(analyses.length > 0 && { analyses: analysisQuestionsOf(member, analyses) }),
    ...(seasonal && { seasonal }),
  };
}

/** The question as a file of windows, and every term of the answer: what `--windows` reads again. */
export function documentOf(asked: Asked): unknown {
  const place = { version: 1, service: asked.service, target: asked.target };
  const besides = besidesDocument(asked.besides);
  if (asked.kind === "alone") {
    const { arm, settings, windows, isProof } = asked.question;
    const against = isProof ? "proof" : "limit";
    const explanation = explainAlone(asked.question);
    const all = windows.map((one) => written(0, one));
    return { ...place, suspect: arm, against, settings, windows: all, explanation, ...besides };
  }
  const { suspect, before, steps, settings, isLive = false } = asked.question;
  return {
    ...place,
    suspect,
    against: "other",
    settings,
    live: isLive,
    before: before === NO_EVIDENCE || suspect === "stable" ? undefined : before,
    windows: writtenAll(steps, written),
    explanation: explain(asked.question),
    ...besides,
  };
}

function writtenAll(steps: readonly StepWindows[], one: (step: number, window: Window) => unknown): readonly unknown[] {
  return steps.flatMap(({ step, windows }) => windows.map((window) => one(step, window)));
}

function written(step: number, { start, end, counts: { canary, stable } }: Window): unknown {
  return { step, start: instantText(start), end: instantText(end), canary: canary ?? null, stable: stable ?? null };
}

function besidesDocument({ latency, gauges, analyses, seasonal }: Besides = {}): object {
  return {
    ...(latency && { latency: latencyDocument(latency) }),
    ...(gauges && { gauges: gaugesDocument(gauges) }),
    ...(analyses && { analyses: analyses.map(analysisDocument) }),
    ...(seasonal && { seasonal: seasonal.judgement }),
  };
}

function latencyDocument(question: LatencyQuestion): unknown {
  const { found, policy, alpha, steps } = question;
  if (found.kind === "out") return { stands: found.why };
  const { gate, latency, deadlineMs } = policy;
  const settings = { alpha, beta: gate.beta, power: gate.power, ...latency, deadlineMs };
  const form = found.kind === "known" ? (found.memory.form ?? "classic") : "classic";
  const windows = writtenAll(steps, (step, window) => timedWindow(step, window, form));
  if (found.kind === "unread") return { unread: found.reason, settings, windows };
  const { edges, evidence } = found.memory;
  const { verdict } = latencyAnswer(question).judgement;
  const explanation = { verdict, ...explainLatency(question) };
  return { settings, form, edges, before: evidence, windows, explanation };
}

function timedWindow(step: number, { start, end, latency }: Window, form: LatencyForm): unknown {
  const told = toldIn(latency, form);
  const times = { step, start: instantText(start), end: instantText(end) };
  if (told?.kind === "unread") return { ...times, unread: told.reason };
  const [canary, stable] = [histogramIn(latency, form, "canary"), histogramIn(latency, form, "stable")];
  return { ...times, canary: writtenHistogram(canary), stable: writtenHistogram(stable) };
}

/** Without the last bound, which JSON has no word for. */
function writtenHistogram(histogram: Histogram | undefined): unknown {
  if (histogram === undefined) return null;
  const { bounds, counts, spread } = histogram;
  return { bounds: bounds.slice(0, -1), counts, spread };
}

function gaugesDocument(question: GaugesQuestion): unknown {
  const { alpha, gauges, before, steps } = question;
  const windows = writtenAll(steps, (step, { start, end, gauges: values = {} }) => ({
    step,
    start: instantText(start),
    end: instantText(end),
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueDocument(value)])),
  }));
  const { verdict, gauges: judged, kayenta } = gaugesAnswer(question).judgement;
  const verdicts = judged.map((one) => ({ name: one.name, verdict: one.verdict }));
  return {
    alpha,
    gauges,
    before,
    windows,
    explanation: { verdict, verdicts, gauges: explainGauges(question), kayenta },
  };
}

function valueDocument(value: NonNullable<Window["gauges"]>[string]): unknown {
  if (value.kind === "unread") return { unread: value.reason };
  return { canary: value.canary ?? null, stable: value.stable ?? null };
}

function analysisDocument(question: AnalysisQuestion): unknown {
  const { gate, run, since } = question;
  return {
    gate,
    since: since === undefined ? null : instantText(since),
    run: run ?? null,
    verdict: analysisAnswer(question),
  };
}
