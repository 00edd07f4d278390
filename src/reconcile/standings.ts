import type { Action, Fall, Land } from "../core/action.ts";
import { optOutcome } from "../core/opting.ts";
import type { Member, Snapshot } from "../core/snapshot.ts";
import { stageOf, type Stage } from "../core/stage.ts";
import type { RepoKey } from "../ports/queue.ts";
import type { News, Standings } from "../ports/telemetry.ts";
import type { Verdict } from "../core/verdict.ts";

type Landed = Land | Extract<Action, { readonly kind: "merge" }>;

/**
 * How many of a snapshot's members stand where, by what was decided for them at that time (milliseconds). `landed` of the aborts that were decided are in git.
 */
export function standingsOf(
  { members }: Pick<Snapshot, "members">,
  { actions, landed, now }: { readonly actions: readonly Action[]; readonly landed: number; readonly now: number },
): Standings {
  const told = stagesIn(actions);
  const stages = members.map((member) => told.get(member) ?? stageOf(member, now, 0));
  const moving = members.filter(({ at }) => at.release !== undefined);
  return {
    stages: countOf(stages.map(({ kind }) => kind)),
    verdicts: countOf(stages.flatMap((stage) => verdictIn(stage)?.kind ?? [])),
    releases: moving.length,
    blind: moving.filter(({ timeline }) => timeline.kind === "unavailable").length,
    overdue: stages.filter(isOverdue).length,
    oldestStep: moving.length === 0 ? undefined : Math.min(...moving.map(({ changedAt }) => changedAt)),
    abortsWaiting: abortsIn(actions) - landed,
  };
}

/** Members whose weight actions take to 0. */
export function abortsIn(actions: readonly Action[]): number {
  return actions.filter(isAbort).reduce((sum, action) => sum + sizeOf(action), 0);
}

/** What is told of a commit of ours that landed. */
export function newsOfLanding(key: RepoKey, action: Landed): News {
  const members = sizeOf(action);
  if (action.kind === "land") return { kind: "landed", key, what: action.fall.kind, by: byOf(action.fall), members };
  const on = action.override === undefined ? "gate" : "person";
  return { kind: "stepped", key, step: action.step.kind, on, members };
}

/** What is told of a comment that was answered: each of its commands once for each thing that it came to, whomever it speaks of. */
export function newsOfReply({ answers, optings = [] }: Extract<Action, { readonly kind: "reply" }>): readonly News[] {
  const came = answers.flatMap(({ outcomes }) =>
    outcomes.map((outcome) => `${outcome.kind === "mistaken" ? "unknown" : outcome.verb} ${outcome.kind}`),
  );
  const opted = optings.map((said) => `${said.kind === "mistaken" ? "unknown" : said.verb} ${optOutcome(said)}`);
  return [...new Set([...came, ...opted])].map((words): News => {
    const [verb = "", outcome = ""] = words.split(" ");
    return { kind: "heard", verb, outcome };
  });
}

/** Where checks say that members stand, so that no gate is asked twice. */
function stagesIn(actions: readonly Action[]): ReadonlyMap<Member, Stage> {
  return new Map(
    actions.flatMap((action) =>
      action.kind === "reportGate"
        ? [action, ...(action.fellows ?? [])].map(({ member, stage }) => [member, stage] as const)
        : [],
    ),
  );
}

function verdictIn(stage: Stage): Verdict | undefined {
  if (stage.kind === "held") return verdictIn(stage.under);
  if ("word" in stage) return stage.word.verdict;
  return "verdict" in stage ? stage.verdict : undefined;
}

function isOverdue(stage: Stage): boolean {
  if (stage.kind === "held") return isOverdue(stage.under);
  return "overdue" in stage && stage.overdue;
}

function isAbort(action: Action): action is Land {
  return action.kind === "land" && action.fall.kind === "abort";
}

function byOf(fall: Fall): string | undefined {
  return fall.kind === "abort" ? fall.aborting.by : undefined;
}

function sizeOf({ fellows = [] }: Landed): number {
  return 1 + fellows.length;
}

function countOf<K>(of: readonly K[]): ReadonlyMap<K, number> {
  return new Map([...Map.groupBy(of, (one) => one)].map(([one, all]) => [one, all.length]));
}
