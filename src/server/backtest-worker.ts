import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { metricsOf, podGaugesOf, podsOf, type Asking } from "../adapters/metrics/provider.ts";
import { inOneGo } from "../backtest/in-one-go.ts";
import { backtestMarkdown, unreadMarkdown } from "../backtest/markdown.ts";
import { playedOver } from "../backtest/member.ts";
import { readPasts, type PastRead, type PastWanted } from "../backtest/pasts.ts";
import { UserError } from "../core/error.ts";
import { askingFor } from "../operator/operator.ts";
import type { BacktestedMember } from "../ports/backtests.ts";
import type { Metrics } from "../ports/metrics.ts";

/** What a thread is told: whose pasts, what the operator lets be reached, the time (milliseconds), and how long reading may take. */
export type BacktestTask = {
  readonly members: readonly BacktestedMember[];
  readonly networks: readonly string[];
  readonly now: number;
  readonly readWithinMs: number;
  /** About as much is kept of all pasts together. */
  readonly keptBytes: number;
};

/** One member's part of the answer, told as soon as it is known: `index` is its place among those that were asked for. */
export type BacktestPart = { readonly index: number; readonly text: string };

const POD_LABEL = "pod";

type Tell = (part: BacktestPart) => void;

/** Reads the pasts of all members side by side and plays releases over them one after the other; tells each part of the answer. */
async function playAll(task: BacktestTask, tell: Tell): Promise<void> {
  const { members, networks, now } = task;
  const begun = performance.now();
  const clock = { now: () => now + (performance.now() - begun) };
  const wanted = wantedOf(members, askingFor({ METRICS_NETWORKS: [...networks] }, clock), tell);
  const pasts = await readPasts(wanted, { now: clock.now, withinMs: task.readWithinMs, bytes: task.keptBytes });
  for (const past of pasts) tell({ index: members.indexOf(past.member), text: textOf(past) });
}

/** What each member's past is read with; one provider for all who have the same. Settings that cannot be used are told at once. */
function wantedOf(members: readonly BacktestedMember[], asking: Asking, tell: Tell): readonly PastWanted[] {
  const providers = new Map<string, Metrics>();
  return members.flatMap((member, index) => {
    const { provider } = member;
    const key = JSON.stringify(provider);
    try {
      const metrics = providers.get(key) ?? inOneGo(metricsOf(provider, asking));
      providers.set(key, metrics);
      const pods = podsOf(provider, asking, POD_LABEL);
      return [{ member, reader: { metrics, pods, gauges: podGaugesOf(provider, asking) } }];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      tell({ index, text: unreadMarkdown(member, error.message) });
      return [];
    }
  });
}

function textOf({ member, reader, moments, end }: PastRead): string {
  if (moments.length === 0) return unreadMarkdown(member, end.kind === "refused" ? end.reason : TOO_SLOW);
  const hasPods = reader.pods !== undefined;
  const playing = { excluded: [], seed: 1, releasesPerMonth: undefined, podLabel: POD_LABEL, hasPods };
  return backtestMarkdown(member, playedOver(member, moments, playing), end);
}

const TOO_SLOW = "The provider takes too long to answer";

/** The task of this thread, as the host has made it. */
function isTask(data: unknown): data is BacktestTask {
  return typeof data === "object" && data !== null && "members" in data && "readWithinMs" in data;
}

function tellHost(part: BacktestPart): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage(part);
}

if (!isMainThread && isTask(workerData)) await playAll(workerData, tellHost);
