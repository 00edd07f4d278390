import type { Eta } from "../core/gate/eta.ts";
import type { Health } from "../core/gate/health.ts";
import type { Unseen } from "../core/live.ts";
import type { Policy } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import type { ProviderDown } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Readiness, Verdict } from "../core/verdict.ts";
import { analysisMissing } from "./analysis.ts";
import { seasonalMissing } from "./seasonal.ts";
import { postedIn, reporter, reportText } from "./seen.ts";
import { readyText, versionText } from "./evidence.ts";
import { wordsOf } from "./gates.ts";
import { etaMissing, quality, quantity, silenceText, type Missing } from "./lacking.ts";
import { plain, withoutStop } from "./markdown.ts";
import { count, percent, utc, whole } from "./numbers.ts";
import { armText } from "./terms.ts";

/** The nearest thing that a verdict waits for: first what speaks against the step. Undefined where it waits for nothing. */
export function missingOf(verdict: Verdict, member: Pick<Member, "policy">): Missing | undefined {
  const missing = allMissing(verdict, member);
  return missing.find(({ kind }) => kind === "quality") ?? missing[0];
}

/** All that a verdict waits for, a clause for each gate. */
export function allMissing(verdict: Verdict, { policy }: Pick<Member, "policy">): readonly Missing[] {
  if (verdict.kind !== "wait") return [];
  const { analyses = [], skipped, seasonal } = verdict;
  const ofTemplates = analyses
    .filter(({ gate }) => !skipped.includes(gate))
    .flatMap((one) => analysisMissing(one) ?? []);
  const ofSeason = seasonal === undefined || skipped.includes(seasonal.gate) ? [] : seasonalMissing(seasonal);
  const besides = [...ofSeason, ...ofTemplates];
  const own = ownMissing(verdict, { policy });
  return besides.length > 0 && isOwnPassed(verdict) ? besides : [...own, ...besides];
}

/** What our own gates and pods have said is enough, where only templates and the service's past wait. */
function isOwnPassed({ own }: Verdict): boolean {
  return own === "pass";
}

function ownMissing(verdict: Verdict, { policy }: Pick<Member, "policy">): readonly Missing[] {
  const { rulings, skipped, health, readiness } = verdict;
  const isByPods = policy.evidence === "bake" && readiness !== undefined;
  const errors = health && (isByPods ? leaning(health) : healthMissing(health, verdict.eta, policy.windowMs));
  if (errors !== undefined) return [errors];
  if (rulings.length === 0) return [readiness === undefined ? quality("no measurement yet") : notReady(readiness)];
  const heard = rulings.filter(({ gate }) => !skipped.includes(gate));
  const missing = heard.flatMap((ruling) => wordsOf(ruling).missing(policy) ?? []);
  const suspect =
    rulings.flatMap((ruling) => (ruling.gate === "errors" ? ruling.judgement.suspect : []))[0] ?? "canary";
  return missing.length > 0
    ? missing
    : [quality(`${armText(suspect)} has served no request since this weight was seen live`)];
}

/** Where no requests are expected, only those count that speak against an arm. */
function leaning(health: Health): Missing | undefined {
  return health.aboveLimit.logE > 0 ? quality(aboveLimit(health)) : undefined;
}

function healthMissing(health: Health, eta: Eta | undefined, windowMs: number): Missing | undefined {
  if (health.verdict.kind === "unhealthy") return quality(aboveLimit(health));
  if (health.verdict.kind !== "wait") return undefined;
  const { reason } = health.verdict;
  switch (reason.kind) {
    case "aboveLimit":
      return quality(aboveLimit(health));
    case "tooLittle":
      return etaMissing(eta, health.arm) ?? quantity(`more requests to ${armText(health.arm)}`);
    default:
      // What an arm does by itself is judged from its first window.
      return quality(silenceText(reason, { windowMs, warmUpMs: 0 }));
  }
}

function notReady(readiness: Readiness): Missing {
  return { kind: readiness.ready < readiness.wanted ? "quality" : "quantity", what: readyText(readiness) };
}

function aboveLimit({ arm, rate, limit }: Health): string {
  return `${arm} fails ${percent(rate ?? 0)} of its requests, ${percent(limit)} is the limit`;
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
    case "copies":
      return `no copy of a request is counted for the canary, of ${whole(why.requests)} that stable had`;
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

function shareText({ observed, wanted, requests, split }: Extract<Unseen, { readonly kind: "share" }>): string {
  if (split === "elsewhere")
    return `requests are not split as git says: ${percent(observed)} of ${whole(requests)} go to the canary, ${percent(wanted)} are committed`;
  const share = `${percent(observed)} of ${count(requests, "request")} went to the canary, ${percent(wanted)} is committed`;
  return Math.abs(observed - wanted) <= NEAR * wanted ? `${share}; more are needed to be sure` : share;
}

/** When the windows that a change needs have closed, milliseconds: whole ones that began after it landed. */
function firstLook(changedAt: number, { windowMs, settleMs }: Policy, windows: number): number {
  return (Math.ceil(changedAt / windowMs) + windows) * windowMs + settleMs;
}
