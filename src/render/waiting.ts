import { ETA_AT_MOST_MS, type Eta } from "../core/gate/eta.ts";
import type { Health } from "../core/gate/health.ts";
import { LEAST_FAILED_WINDOWS, type Judgement, type WaitReason } from "../core/gate/judge.ts";
import type { Silence } from "../core/gate/latest.ts";
import { FOUND_RATIO, LEAST_FAILED } from "../core/gate/power.ts";
import type { Unseen } from "../core/live.ts";
import type { Policy } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import type { ProviderDown } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Readiness, Verdict } from "../core/verdict.ts";
import type { Arm } from "../core/window.ts";
import { postedIn, reporter, reportText } from "./seen.ts";
import { armText, readyText, versionText } from "./evidence.ts";
import { plain, withoutStop } from "./markdown.ts";
import { chance, count, duration, evidence, percent, utc, whole } from "./numbers.ts";

/** What a waiting gate misses. `quantity`: only time and traffic, nothing speaks against the step. */
export type Missing = { readonly kind: "quantity" | "quality"; readonly what: string };

/** The nearest thing that a verdict waits for, as a clause; undefined where it waits for nothing. */
export function missingOf(verdict: Verdict, { policy }: Pick<Member, "policy">): Missing | undefined {
  if (verdict.kind !== "wait") return undefined;
  const { judgement, health, readiness } = verdict;
  const pace: Pace = { eta: verdict.eta, windowMs: policy.windowMs };
  const isByPods = policy.evidence === "bake" && readiness !== undefined;
  const errors = health && (isByPods ? leaning(health) : healthMissing(health, pace));
  if (errors !== undefined) return errors;
  if (judgement === undefined) return readiness === undefined ? quality("no measurement yet") : notReady(readiness);
  if (judgement.verdict.kind === "wait") return judgementMissing(judgement.verdict.reason, judgement, pace);
  return quality(`${armText(judgement.suspect)} has served no request since this weight was seen live`);
}

function quality(what: string): Missing {
  return { kind: "quality", what };
}

function quantity(what: string): Missing {
  return { kind: "quantity", what };
}

/** Where no requests are expected, only those count that speak against an arm. */
function leaning(health: Health): Missing | undefined {
  return health.aboveLimit.logE > 0 ? quality(aboveLimit(health)) : undefined;
}

function healthMissing(health: Health, { eta, windowMs }: Pace): Missing | undefined {
  if (health.verdict.kind === "unhealthy") return quality(aboveLimit(health));
  if (health.verdict.kind !== "wait") return undefined;
  const { reason } = health.verdict;
  switch (reason.kind) {
    case "aboveLimit":
      return quality(aboveLimit(health));
    case "tooLittle":
      return etaMissing(eta, health.arm) ?? quantity(`more requests to ${armText(health.arm)}`);
    default:
      return quality(silence(reason, windowMs));
  }
}

function notReady(readiness: Readiness): Missing {
  return { kind: readiness.ready < readiness.wanted ? "quality" : "quantity", what: readyText(readiness) };
}

function aboveLimit({ arm, rate, limit }: Health): string {
  return `${arm} fails ${percent(rate ?? 0)} of its requests, ${percent(limit)} is the limit`;
}

type Pace = { readonly eta: Eta | undefined; readonly windowMs: number };

function judgementMissing(reason: WaitReason, judgement: Judgement, { eta, windowMs }: Pace): Missing {
  switch (reason.kind) {
    case "noWindows":
    case "noSamples":
    case "noTraffic":
      return quality(silence(reason, windowMs));
    case "gaps":
      return quality(
        `${whole(reason.missing)} of ${count(reason.windows, "window")} lack the counts of canary or stable`,
      );
    case "unconfirmed":
      return quality(unconfirmed(judgement.suspect, reason));
    case "noFailures":
      return (
        etaMissing(eta) ?? quantity(`${reason.arm} has not failed once, so the power to find a regression is unknown`)
      );
    case "leaning":
      return quality(
        `${judgement.suspect} errors lean towards a regression, evidence ${evidence(reason.e)} where ${evidence(judgement.worse.threshold)} blocks`,
      );
    case "tooLittle":
      return etaMissing(eta) ?? quantity(tooLittle(reason));
    default:
      return unreachable(reason);
  }
}

function unconfirmed(
  suspect: string,
  { failed, failedWindows }: Extract<WaitReason, { readonly kind: "unconfirmed" }>,
): string {
  const seen = `${count(failed, "failed request")} in ${count(failedWindows, "window")}`;
  return `${suspect} errors are up on ${seen}; a verdict rests on ${LEAST_FAILED} in ${LEAST_FAILED_WINDOWS}`;
}

function tooLittle({ power, wanted }: Extract<WaitReason, { readonly kind: "tooLittle" }>): string {
  return `more requests; a ${FOUND_RATIO}-fold error rate would be found with ${chance(power)}, ${chance(wanted)} is enough`;
}

function etaMissing(eta: Eta | undefined, arm: Arm = "canary"): Missing | undefined {
  switch (eta?.kind) {
    case undefined:
      return undefined;
    case "passes":
      return quantity(`${whole(eta.requests)} more ${arm} requests, about ${duration(eta.inMs)} at this traffic`);
    case "blocks":
      return quality(`as errors go, the gate fails in about ${duration(eta.inMs)}`);
    case "noTraffic":
      return quality("no requests to compare in this step");
    case "never":
      return quality(`errors cannot decide within ${duration(ETA_AT_MOST_MS)} at this traffic`);
    default:
      return unreachable(eta);
  }
}

function silence(reason: Silence, windowMs: number): string {
  switch (reason.kind) {
    case "noWindows":
      return `the first whole window of ${duration(windowMs)} in this step`;
    case "noSamples":
      return `the metrics have no samples of ${armText(reason.arm)} in the last ${count(reason.windows, "window")}`;
    case "noTraffic":
      return `no requests to ${armText(reason.arm)} in the last ${count(reason.windows, "window")}`;
    default:
      return unreachable(reason);
  }
}

/** Why a change is not seen live yet, as a clause. */
export function unseenText(why: Unseen | ProviderDown, member: Member): string {
  const { changedAt, policy, at } = member;
  switch (why.kind) {
    case "providerDown":
      return `no usable answer from the metrics provider (${withoutStop(plain(why.reason, 120))})`;
    case "noWindow":
      return `no whole window since the change yet, the next look is at ${utc(firstLook(changedAt, policy, at.weight === 0 ? 2 : 1), changedAt)}`;
    case "noCounts":
      return `the metrics count no requests since ${utc(changedAt, changedAt)}`;
    case "noPods":
      return `the metrics know no ${why.arm} pods`;
    case "share":
      return shareText(why);
    case "draining":
      return `the canary still gets requests, ${whole(why.requests)} in the last two windows`;
    case "pods":
      return `${whole(why.ready)} of ${whole(why.wanted)} ${why.arm} pods ready on ${versionText(why.image)}`;
    case "version":
      return `requests to ${armText(why.arm)} are still answered by ${plain(why.answered, 60)}, ${plain(why.wanted, 60)} is committed`;
    case "assuming":
      return policy.reports === undefined
        ? `nothing shows the change; it is assumed to be live at ${utc(why.from, changedAt)}`
        : assumingText(why.from, member);
    case "unreported":
      return unreportedText(why, member);
    case "leaving":
      return `${count(why.pods, `${why.arm} pod`)} that should be gone ${why.pods === 1 ? "is" : "are"} still there`;
    case "alike":
      return "the pods of both versions run one image, and nothing tells them apart";
    case "controller":
      return controllerText(why);
    default:
      return unreachable(why);
  }
}

function assumingText(from: number, member: Member): string {
  const who =
    member.reported === undefined ? "nothing shows the change" : `${reporter(member)} has reported the change`;
  return `${who}; it counts as live at ${utc(from, member.changedAt)}`;
}

function unreportedText(why: Extract<Unseen, { readonly kind: "unreported" }>, member: Member): string {
  const { failed, problem } = why;
  const who = reporter(member);
  if (problem !== undefined)
    return `GitHub does not tell what ${who} reports (${withoutStop(plain(problem, LONGEST_PROBLEM))})`;
  return failed === undefined
    ? `nothing shows the change, and ${who} has not reported it (${postedIn(member)})`
    : `${who} reports ${reportText(failed, member)}`;
}

const LONGEST_PROBLEM = 120;

function controllerText({ phase, wanted }: Extract<Unseen, { readonly kind: "controller" }>): string {
  const should = wanted === undefined ? "" : `, and the committed steps end in ${wanted}`;
  return `the Argo Rollouts controller reports ${phase}${should}`;
}

// Where a person would call it the same share, what lacks is certainty.
const NEAR = 0.2;

function shareText({ observed, wanted, requests }: Extract<Unseen, { readonly kind: "share" }>): string {
  const share = `${percent(observed)} of ${count(requests, "request")} went to the canary, ${percent(wanted)} is committed`;
  return Math.abs(observed - wanted) <= NEAR * wanted ? `${share}; more are needed to be sure` : share;
}

/** When the windows that a change needs have closed, milliseconds: whole ones that began after it landed. */
function firstLook(changedAt: number, { windowMs, settleMs }: Policy, windows: number): number {
  return (Math.ceil(changedAt / windowMs) + windows) * windowMs + settleMs;
}
