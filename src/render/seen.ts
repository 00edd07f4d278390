import type { Liveness, SeenIn } from "../core/live.ts";
import { postedFor, postedText, type Report } from "../core/report.ts";
import type { Member } from "../core/snapshot.ts";
import { seenOf, type Stage } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Phase } from "../core/window.ts";
import { plain } from "./markdown.ts";
import { duration, percent, utc } from "./numbers.ts";

export type SeenLive = Extract<Liveness, { readonly kind: "live" }>;

/** How the last change is seen live, where a gate looks at what is; undefined elsewhere. */
export function seenIn(member: Member, stage: Stage): SeenLive | undefined {
  if (stage.kind === "held") return seenIn(member, stage.under);
  if (stage.kind === "failed" || !("word" in stage || "verdict" in stage)) return undefined;
  const seen = seenOf(member);
  return seen.kind === "live" ? seen : undefined;
}

/** In what a change was seen; `share` is a fraction of 1, and `deviates` where it differs from the committed one by more than chance. */
export type SeenAs = {
  readonly by: SeenIn;
  readonly share?: number | undefined;
  readonly deviates?: boolean | undefined;
  /** What the Argo Rollouts controller says of the Rollout. */
  readonly phase?: Phase | undefined;
  /** On what word, where it is `reported`; when it was given in ISO 8601. */
  readonly report?: (Omit<Report, "at"> & { readonly at: string }) | undefined;
};

/** As much of a member as the words need. */
export type Described = Pick<Member, "policy" | "at" | "state" | "target" | "changedAt">;

/** Since when a change is live and in what that is seen, a sentence without its stop: "Seen live since 12:23 UTC in the requests, of which 5% went to the canary". */
export function seenText(seen: SeenAs & { readonly since: string }, member: Described): string {
  const words = `live since ${utc(Date.parse(seen.since), member.changedAt)}${observerText(seen, member)}`;
  // What the share shows is seen, whatever the pods beside it rest on.
  const how = seen.share === undefined ? HOW[seen.by] : "Seen";
  const isSaid = seen.phase === undefined || seen.by === "controller";
  return `${how} ${words}${isSaid ? "" : `; the Argo Rollouts controller reports ${seen.phase}`}`;
}

const HOW: Readonly<Record<SeenIn, string>> = {
  share: "Seen",
  quiet: "Seen",
  copies: "Seen",
  pods: "Seen",
  controller: "Seen",
  reported: "Reported",
  assumed: "Assumed",
};

function observerText(seen: SeenAs, member: Described): string {
  switch (seen.by) {
    case "share":
      return shareText(seen, member);
    case "quiet":
      return " in the requests, of which none went to the canary";
    case "copies":
      return " in the requests, of which copies reached the canary";
    case "pods":
      return " by pods alone, which run what is committed and are ready";
    case "controller":
      return ` by the Argo Rollouts controller alone, which reports ${seen.phase ?? "nothing"}`;
    case "reported":
      return reportedText(seen, member);
    case "assumed":
      return assumedText(seen, member);
    default:
      return unreachable(seen.by);
  }
}

function shareText({ share = 0, deviates = false }: SeenAs, { at }: Pick<Member, "at">): string {
  const apart = deviates ? `, more off the committed ${at.weight}% than chance explains` : "";
  return ` in the requests, of which ${percent(share)} went to the canary${apart}`;
}

function reportedText(seen: SeenAs, member: Described): string {
  const { report } = seen;
  const word = report === undefined ? "" : `: ${reportText({ ...report, at: Date.parse(report.at) }, member)}`;
  const said = ` by ${reporter(member)}${word}`;
  return seen.share === undefined ? said : `${shareText(seen, member)}; the pods are reported${said}`;
}

/** Who reports, as plain text. */
export function reporter({ policy: { reports } }: Pick<Member, "policy">): string {
  return plain(reports?.by ?? "nobody");
}

/** What a report says, a clause: "success for 1a2b3c4d5e at 10:04:11 UTC (status argocd/checkout)". */
export function reportText({ commit, at, outcome }: Report, member: Described): string {
  return `${outcome} for ${commit.slice(0, 10)} at ${utc(at, member.changedAt)} (${postedIn(member)})`;
}

const LONGEST_PLACE = 120;

/** Where a member's reports are posted, as plain text: "status argocd/checkout". */
export function postedIn({ policy: { reports }, state, target, at }: Described): string {
  if (reports === undefined) return "nowhere";
  const place = { service: state.service, target, namespace: at.namespace };
  return plain(postedText(postedFor(reports, place)), LONGEST_PLACE);
}

function assumedText(seen: SeenAs, member: Described): string {
  const said = seen.share === undefined ? "" : `${shareText(seen, member)}; the pods are assumed`;
  return `${said}: ${assumption(member)}`;
}

/** When a change that nothing shows counts as live, a clause. */
export function assumption({ policy: { assumedAfterMs = 0 } }: Pick<Member, "policy">): string {
  return `what nothing shows counts as live ${duration(assumedAfterMs)} after it landed`;
}
