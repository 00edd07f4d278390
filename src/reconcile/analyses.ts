import { attemptOn } from "../analysis/criterion.ts";
import { answerOfJson, type Answer } from "../analysis/result.ts";
import { begun, followed, runOf, type Followed, type Trail } from "../analysis/trail.ts";
import type { AnalysisMetric, AnalysisRun } from "../core/gate/analysis.ts";
import { read, unavailable, type Reading } from "../core/reading.ts";
import type { Member } from "../core/snapshot.ts";
import { seenOf } from "../core/stage.ts";
import type { Measures } from "../ports/measure.ts";
import { gatesOf, type MemberGate, type Tracked } from "./gated.ts";
import type { Memory } from "./memory.ts";
import type { ConfigReading } from "./readings.ts";
import { answersForPast, valueQuestion } from "./value-question.ts";

/** What templates are measured with; `config` is what goes for members under way. */
export type Gauging = Tracked & {
  readonly config: ConfigReading;
  readonly measures: Measures;
  readonly memory: Pick<Memory, "trails">;
};

/** Members whose templates are measured at the same time. */
const MEMBERS_AT_ONCE = 8;

/** The members with what their gates by templates have come to; a member that no weight is live for has none. */
export async function withAnalyses(
  gauging: Gauging,
  members: readonly Member[],
  now: number,
): Promise<readonly Member[]> {
  const measured: Member[] = [];
  for (let index = 0; index < members.length; index += MEMBERS_AT_ONCE) {
    const some = members.slice(index, index + MEMBERS_AT_ONCE);
    // oxlint-disable-next-line no-await-in-loop -- a few at a time is what the providers are asked for
    measured.push(...(await Promise.all(some.map((member) => withRuns(gauging, member, now)))));
  }
  return measured;
}

async function withRuns(gauging: Gauging, member: Member, now: number): Promise<Member> {
  if (!isJudged(member)) return member;
  const gates = await gatesOf(gauging, gauging.config, member);
  // What is wrong with a template is the member's obstacle already: nothing rises without its verdict.
  if (gates.kind === "refused") return member;
  const due = gates.value.filter(({ settings }) => member.at.weight >= settings.from);
  return { ...member, analyses: await Promise.all(due.map((gate) => runFor(gauging, { member, gate, now }))) };
}

/** A weight is on its way up, and templates are there to judge it. */
function isJudged({ policy, at: { release }, plan }: Member): boolean {
  if (release === undefined || release.aborting !== undefined || (policy.analyses ?? []).length === 0) return false;
  return plan.steps[release.step]?.kind === "shift";
}

type Run = { readonly member: Member; readonly gate: MemberGate; readonly now: number };

async function runFor(gauging: Gauging, run: Run): Promise<AnalysisRun> {
  const { settings, metrics } = run.gate;
  const startedAt = beginOf(run);
  const all = await Promise.all(metrics.map((metric) => follow(gauging, { ...run, metric, startedAt })));
  return runOf({ gate: settings.name, template: settings.template, runs: settings.runs, startedAt }, all);
}

/** When a run began, ms: with the weight that is seen live, or with the landing of the first one that the gate is asked for. */
function beginOf({ member, gate: { settings } }: Run): number | undefined {
  if (settings.runs === "release") {
    const first = member.plan.steps.find(({ kind, weight }) => kind === "shift" && weight >= settings.from);
    return first && member.landings.get(first.index);
  }
  const seen = seenOf(member);
  return seen.kind === "live" ? seen.since : undefined;
}

type Metric = Run & { readonly metric: MemberGate["metrics"][number]; readonly startedAt: number | undefined };

async function follow(gauging: Gauging, asked: Metric): Promise<Followed> {
  const { metric, startedAt } = asked;
  const { name, isDryRun, rules } = metric;
  if (startedAt === undefined) return { name, isDryRun, rules, trail: begun(rules, 0) };
  const found = await (answersForPast(metric.provider)
    ? throughPast(gauging, asked, startedAt)
    : asDue(gauging, asked, startedAt));
  return { name, isDryRun, rules, ...found };
}

type Gone = { readonly trail: Trail; readonly open?: AnalysisMetric["open"] };

/** Measurements of one metric at one look: after a long time away the rest follows with the next ones. */
const MOST_AT_A_LOOK = 30;

/** Every measurement that was due and has settled, each for its own time: whenever it is asked for, it is the same. */
async function throughPast(gauging: Gauging, asked: Metric, startedAt: number): Promise<Gone> {
  const { metric, member, now } = asked;
  const settled = now - Math.max(member.policy.settleMs, metric.settleMs);
  const key = keyOf(asked, [startedAt]);
  let trail = gauging.memory.trails.get(key) ?? begun(metric.rules, startedAt);
  for (let count = 0; trail.next !== undefined && trail.next <= settled; count += 1) {
    const at = trail.next;
    if (count === MOST_AT_A_LOOK)
      return kept(gauging, key, { trail, open: { at, reason: "more measurements are due" } });
    // oxlint-disable-next-line no-await-in-loop -- when the next one is due follows from what this one says
    const reading = await answerOf(gauging, metric, at);
    if (reading.kind === "unavailable") return kept(gauging, key, { trail, open: { at, reason: reading.reason } });
    trail = followed(metric.rules, trail, attemptOn(metric.criterion, reading.value, at));
  }
  return kept(gauging, key, { trail });
}

/** One measurement where it is due, for now: what nobody can be asked for later is only remembered, and taken anew where that is lost. */
async function asDue(gauging: Gauging, asked: Metric, startedAt: number): Promise<Gone> {
  const { metric, member, now } = asked;
  const { release } = member.at;
  const key = keyOf(asked, [
    member.state.service,
    member.target,
    release?.commit,
    asked.gate.settings.runs === "step" && release?.step,
  ]);
  const trail = gauging.memory.trails.get(key) ?? begun(metric.rules, startedAt);
  if (trail.next === undefined || trail.next > now) return kept(gauging, key, { trail });
  const reading = await answerOf(gauging, metric, now);
  if (reading.kind === "unavailable")
    return kept(gauging, key, { trail, open: { at: trail.next, reason: reading.reason } });
  return kept(gauging, key, { trail: followed(metric.rules, trail, attemptOn(metric.criterion, reading.value, now)) });
}

async function answerOf(
  { measures }: Gauging,
  { provider, settings }: Metric["metric"],
  at: number,
): Promise<Reading<Answer>> {
  const { asked, span } = valueQuestion(provider, at);
  const reading = await measures({ settings, asked }, span);
  if (reading.kind === "unavailable") return reading;
  const { goType, value } = reading.value;
  const answer = answerOfJson(value, goType);
  return answer.kind === "ok" ? read(answer.value) : unavailable(`The answer cannot be judged: ${answer.error}.`);
}

/** Trails that are remembered; what is lost of those that can be asked for again is asked for again. */
const MOST_TRAILS = 20_000;

function kept({ memory: { trails } }: Gauging, key: string, gone: Gone): Gone {
  trails.delete(key);
  trails.set(key, gone.trail);
  const [oldest] = trails.keys();
  if (trails.size > MOST_TRAILS && oldest !== undefined) trails.delete(oldest);
  return gone;
}

/** Everything that an answer and its judgement follow from; whoever asks the same is told the same. */
function keyOf({ metric }: Metric, run: readonly unknown[]): string {
  const { name, provider, settings, rules, criterion } = metric;
  return JSON.stringify([
    name,
    provider,
    settings,
    rules,
    criterion.kind === "range" ? criterion.range : textsOf(criterion),
    ...run,
  ]);
}

function textsOf({ conditions }: Extract<MemberGate["metrics"][number]["criterion"], { readonly kind: "conditions" }>) {
  return [conditions.success?.text, conditions.failure?.text];
}
