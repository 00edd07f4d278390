import type { Action } from "../core/action.ts";
import { sharedWeights } from "../core/plan.ts";
import type { Backtested } from "../core/backtest.ts";
import type { BacktestAsked, BacktestWanted, JudgedBy } from "../ports/backtests.ts";
import { NOTHING_TO_PLAY } from "../render/step.ts";
import type { ConfigReading } from "./readings.ts";

type Asked = Extract<Action, { readonly kind: "backtest" }>;

/** What is asked for, as it is played: each member by its policy, and where its past is read. */
export function backtestOf({ of, members, others }: Asked, config: Pick<ConfigReading, "metricsFor">): BacktestAsked {
  return {
    of,
    members: members.map((member) => wantedOf(member, config)),
    others: others.map(({ state: { service }, target }) => ({ service, target })),
  };
}

function wantedOf(member: Backtested, config: Pick<ConfigReading, "metricsFor">): BacktestWanted {
  const { state, target, at, manifest, policy } = member;
  const { service } = state;
  if (sharedWeights(policy).length === 0) return { kind: "refused", service, target, problems: [NOTHING_TO_PLAY] };
  const provider = config.metricsFor(target);
  if (provider.kind === "refused") return { kind: "refused", service, target, problems: provider.problems };
  const { canary, stable } = manifest;
  const workloads = { canary: canary.deployment, stable: stable.deployment };
  const asked = { service, namespace: at.namespace, arms: at.arms, workloads, container: canary.container };
  return { kind: "known", member: { service, target, policy: judgedBy(policy), provider: provider.value, asked } };
}

/** The rest of a policy is of no account, and may not all be data. */
function judgedBy(policy: JudgedBy): JudgedBy {
  const { weights, bakeMs, windowMs, settleMs, deadlineMs, warmUpMs, evidence } = policy;
  const { gate, parts, latency, gauges, seasonal } = policy;
  const times = { weights, bakeMs, windowMs, settleMs, deadlineMs, warmUpMs };
  const judged: Whole<JudgedBy> = { ...times, evidence, gate, parts, latency, gauges, seasonal };
  return judged;
}

/** With a key for each, so that none is forgotten. */
type Whole<T> = { readonly [Key in keyof Required<T>]: T[Key] };
