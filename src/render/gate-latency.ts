import type { JudgedEdge, LatencyJudged, LatencyRuling, Unread } from "../core/latency-gate.ts";
import { LEAST_FAILED_WINDOWS } from "../core/gate/judge.ts";
import { LEAST_FAILED } from "../core/gate/power.ts";
import { unreachable } from "../core/unreachable.ts";
import type { GateWords } from "./gates.ts";
import { quality, quantity, silenceText, type Missing, type Times } from "./lacking.ts";
import { chance, count, duration, evidence, percent, ratio, whole } from "./numbers.ts";
import { escaped, plain, withoutStop } from "./markdown.ts";
import { armText, proof } from "./terms.ts";
import { bandText, percentile, took } from "./took.ts";

type Judged = Extract<LatencyJudged, { readonly edges: readonly JudgedEdge[] }>;

/** What is said of the latency gate. */
export function latencyWords({ judgement }: LatencyRuling): GateWords {
  const judged = "edges" in judgement ? judgement : undefined;
  const { verdict } = judgement;
  return {
    numbers: judged && numbersOf(judged),
    grounds: groundsOf(judgement),
    rows: () => (judged === undefined ? [] : rowsOf(judged)),
    seen: judged && `How long requests took is read from ${FORMS[judged.form]}.`,
    missing: (times) => missingIn(judgement, times),
    isOfTraffic:
      verdict.kind === "wait" && (verdict.reason.kind === "tooLittle" || verdict.reason.kind === "noTraffic"),
  };
}

const FORMS = { native: "native histograms", classic: "classic buckets" } as const;

function missingIn(judgement: LatencyJudged, times: Times): Missing | undefined {
  const { verdict } = judgement;
  if (verdict.kind === "wait") return missingOf(verdict.reason, "edges" in judgement ? judgement : undefined, times);
  if (verdict.kind !== "absent") return undefined;
  return quantity(`another gate's pass: how long requests took cannot be read (${why(verdict)})`);
}

/** The bound that speaks loudest. */
function numbersOf({ edges }: Judged): string | undefined {
  const [loudest] = edges.toSorted((one, two) => two.logE - one.logE);
  if (loudest === undefined) return undefined;
  const [canary, slow, stable, stableSlow] = loudest.counts;
  return `slower than ${took(loudest.edge.bound)} ${shareOf(slow, canary)} against ${shareOf(stableSlow, stable)}`;
}

const NOT_JUDGED = {
  none: "Latency is not judged: no histogram of how long stable took before the release could be read.",
  tooFew: "Latency is not judged: stable had too few requests before the release to say what is slow.",
} as const;

function groundsOf(judgement: LatencyJudged): string | undefined {
  const { verdict } = judgement;
  if (verdict.kind === "stands") return NOT_JUDGED[verdict.why];
  if (verdict.kind === "absent")
    return `Latency cannot be measured, for ${duration(verdict.forMs)} now: ${withoutStop(escaped(verdict.why, 120))}. Configuration does not ask for it by name, so the step is left to the other gates; nothing is known of how long the canary takes.`;
  if (!("edges" in judgement)) return undefined;
  const { slower, slowdowns, settings } = judgement;
  if (verdict.kind === "block")
    return `Proven: the canary answers more than ${percent(slowdowns.tolerated)} more slowly than stable (${proof(slower, "blocks")}).`;
  if (verdict.kind !== "pass") return undefined;
  return `Nothing speaks for a slow-down, and one by ${percent(slowdowns.regression)} is excluded or would have been blocked by now with a probability of at least ${chance(settings.power)}.`;
}

function rowsOf({ edges, slower, slowdowns, settings, quantiles }: Judged): readonly (readonly string[])[] {
  const shares = edges.map(({ edge, counts: [canary, slow, stable, stableSlow] }) => [
    `slower than ${took(edge.bound)} (${percentile(edge.quantile)})`,
    shareOf(slow, canary),
    shareOf(stableSlow, stable),
    `${ratio(edge.tolerated)} times stable's is tolerated`,
  ]);
  const proofs = edges.map(({ edge, nonInferior, power }) => [
    `${percent(slowdowns.regression)} slower at ${took(edge.bound)}: evidence against, power`,
    `${evidence(nonInferior.e)}, ${chance(power)}`,
    "",
    `${evidence(nonInferior.threshold)} or ${chance(settings.power)} passes`,
  ]);
  const all = ["evidence of a slow-down", evidence(slower.e), "", `${evidence(slower.threshold)} blocks`];
  return [...shares, all, ...proofs, ...quantileRows(quantiles)];
}

/** What people ask of a service, though nothing rests on it. */
function quantileRows({ canary = [], stable = [] }: Judged["quantiles"]): readonly (readonly string[])[] {
  const seen = canary.length === 0 ? stable : canary;
  return seen.map(({ quantile }, at) => [
    `${percentile(quantile)} in this step`,
    ...[canary[at], stable[at]].map((one) => (one === undefined ? "no requests" : bandText(one))),
    "for display only",
  ]);
}

function shareOf(slow: number, requests: number): string {
  return requests === 0 ? "no requests" : percent(slow / requests);
}

type Reason = Extract<LatencyJudged["verdict"], { readonly kind: "wait" }>["reason"];

const NONE = "latency histogram";

function missingOf(reason: Reason, judged: Judged | undefined, times: Times): Missing {
  switch (reason.kind) {
    case "unread":
      return quality(`how long requests took cannot be read (${why(reason)}); ${untilText(reason.until)}`);
    case "otherForm":
      return quality(
        `${armText(reason.arm)} has no ${FORMS[reason.form]} of how long requests took, by which this release is judged, but ${FORMS[reason.form === "native" ? "classic" : "native"]}`,
      );
    case "otherBounds":
      return quality(
        `the histogram of ${armText(reason.arm)} does not tell how many took longer than ${took(reason.bound)}`,
      );
    case "noEdges":
      return quality("there is no bound to judge latency at");
    case "noWindows":
    case "noSamples":
    case "noTraffic":
      return quality(silenceText(reason, times, NONE));
    case "gaps":
      return quality(
        `${whole(reason.missing)} of ${count(reason.windows, "window")} lack the ${NONE} of canary or stable`,
      );
    case "unconfirmed":
      return quality(
        `the canary is slower on few requests; a verdict rests on ${LEAST_FAILED} in ${LEAST_FAILED_WINDOWS}`,
      );
    case "noFailures":
    case "tooLittle":
      return quantity(tooLittle(reason, judged));
    case "leaning":
      return quality(
        `the canary leans towards being slower, evidence ${evidence(reason.e)}${judged === undefined ? "" : ` where ${evidence(judged.slower.threshold)} blocks`}`,
      );
    default:
      return unreachable(reason);
  }
}

function untilText(until: Unread["until"]): string {
  switch (until.kind) {
    case "askedFor":
      return "configuration asks for latency, so the step waits for it";
    case "leaning":
      return "what was read before leans towards a slower canary, so the step waits for it";
    case "patience":
      return `after ${duration(until.ms)} of that the step goes on without latency`;
    default:
      return unreachable(until);
  }
}

function why(unread: { readonly why: string }): string {
  return withoutStop(plain(unread.why, 120));
}

function tooLittle(
  reason: Extract<Reason, { readonly kind: "tooLittle" | "noFailures" }>,
  judged: Judged | undefined,
): string {
  if (reason.kind === "noFailures" || judged === undefined) return "more requests to judge latency by";
  return `more requests; a slow-down by ${percent(judged.slowdowns.regression)} would be found with ${chance(reason.power)}, ${chance(reason.wanted)} is enough`;
}
