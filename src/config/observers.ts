import type { Policy } from "../core/plan.ts";
import type { ReportSource } from "../core/report.ts";
import type { Result } from "../core/result.ts";
import { problemAt, type Problem } from "./document.ts";
import { durationText } from "./duration.ts";
import type { Provider } from "./providers.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";

type WrittenTarget = RepoConfig["targets"][number];

const DELAY_MS = 300_000;

/** How long after it landed a change counts as live that nothing shows, milliseconds; undefined where it must be seen. */
export function delayOf(target: WrittenTarget | undefined): number | undefined {
  return target?.observe === "assumed" ? (target.delay ?? DELAY_MS) : undefined;
}

/** Whose word counts for it; undefined where nobody's does. */
export function reportsOf(target: WrittenTarget | undefined): ReportSource | undefined {
  const { by, status, deployment } = target?.reports ?? {};
  const label = status ?? deployment;
  if (by === undefined || label === undefined) return undefined;
  const kind = status === undefined ? "deployment" : "status";
  return { by, of: { kind, label }, afterMs: target?.delay ?? 0 };
}

/** Why a target of a provider that tells of no pods would never be seen to run, a sentence's end; undefined where it would. */
export function unseenFault(
  provider: Result<Provider, unknown>,
  { assumedAfterMs, reports }: Pick<Policy, "assumedAfterMs" | "reports">,
): string | undefined {
  if (provider.kind === "err" || provider.value.kind !== "counted") return undefined;
  return (assumedAfterMs ?? reports) === undefined
    ? `is measured by ${provider.value.by}, which tells of no pods: it needs observe: reported or observe: assumed`
    : undefined;
}

/** What does not fit together of how targets are seen. `deadline` is in milliseconds. */
export function observerProblems({ file, config }: WrittenConfig, deadline: number): readonly Problem[] {
  return config.targets.flatMap((target, index) =>
    observerFaults(target, deadline).map(([key, message]) => problemAt(file, ["targets", index, key], message)),
  );
}

type Fault = readonly [key: "observe" | "delay" | "reports", message: string];

// Neither time nor anybody's word is evidence: what is taken to run on those must at least answer requests.
function observerFaults(target: WrittenTarget, deadline: number): readonly Fault[] {
  const { observe, delay, evidence, reports } = target;
  const unread: readonly Fault[] = [
    ...(delay === undefined || observe !== "metrics"
      ? []
      : [["delay", "is only read with observe: assumed and observe: reported"] as const]),
    ...(reports === undefined || observe === "reported"
      ? []
      : [["reports", "is only read with observe: reported"] as const]),
  ];
  if (unread.length > 0 || observe === "metrics") return unread;
  if (evidence === "bake") return [["observe", "leaves nothing to see: with evidence: bake the pods must be seen"]];
  return [...(observe === "reported" ? reportFaults(reports) : []), ...delayFaults(target, deadline)];
}

function reportFaults(reports: WrittenTarget["reports"]): readonly Fault[] {
  if (reports === undefined)
    return [["observe", "needs reports: who posts, and the status or deployment that they post"]];
  const { status, deployment } = reports;
  return (status === undefined) === (deployment === undefined)
    ? [["reports", "must name one of status and deployment"]]
    : [];
}

function delayFaults(target: WrittenTarget, deadline: number): readonly Fault[] {
  const assumed = delayOf(target) ?? target.delay ?? 0;
  if (assumed < deadline) return [];
  const message = `does not fit: ${durationText(assumed)} must end before the deadline of ${durationText(deadline)}`;
  return [[target.delay === undefined ? "observe" : "delay", message]];
}
