import type { GateMetric } from "../analysis/gate.ts";
import type { AnalysisSettings } from "../core/gate/analysis.ts";
import type { Sha } from "../core/names.ts";
import type { Beside, Member } from "../core/snapshot.ts";
import type { GitReader } from "../ports/git.ts";
import type { GateProvider } from "./gate-provider.ts";
import type { ConfigReading, Readings, Understood } from "./readings.ts";

/** The tracked branch at one commit: what a pull request says of templates judges nothing. */
export type Tracked = {
  readonly head: Sha;
  readonly eyes: { readonly git: Pick<GitReader, "list" | "read">; readonly readings: Pick<Readings, "gate"> };
};

/** A gate of a member, with each metric and whom it is asked of. */
export type MemberGate = {
  readonly settings: AnalysisSettings;
  readonly metrics: readonly (GateMetric & GateProvider)[];
};

type Gated = Pick<Member, "state" | "target" | "at" | "manifest" | "policy">;

/** Every gate by a template of a member, or all that is wrong with them, with file and line. */
export async function gatesOf(
  tracked: Tracked,
  config: ConfigReading,
  member: Gated,
): Promise<Understood<readonly MemberGate[]>> {
  const gates = await Promise.all(
    (member.policy.analyses ?? []).map((one) => gateOf(tracked, config, { member, settings: one })),
  );
  const problems = gates.flatMap((gate) => (gate.kind === "refused" ? gate.problems : []));
  return problems.length > 0
    ? { kind: "refused", problems }
    : { kind: "read", value: gates.flatMap((gate) => (gate.kind === "read" ? [gate.value] : [])) };
}

/** The first thing that is wrong with a member's gates; undefined where nothing is. */
export async function gateProblem(tracked: Tracked, config: ConfigReading, member: Gated): Promise<string | undefined> {
  const gates = await gatesOf(tracked, config, member);
  return gates.kind === "refused" ? gates.problems[0] : undefined;
}

/** What the linter finds dangerous about the templates of some members, each once, with what to write instead. */
export async function gateDoubts(
  { head, eyes }: Tracked & { readonly eyes: { readonly readings: Pick<Readings, "gateDangers"> } },
  members: readonly Pick<Member, "policy">[],
): Promise<readonly Beside[]> {
  const gates = new Map(members.flatMap(({ policy }) => policy.analyses ?? []).map((one) => [one.line, one]));
  const found = await Promise.all(
    [...gates.values()].map(async (settings) =>
      eyes.readings.gateDangers(settings, await eyes.git.read(head, await filesOf({ head, eyes }, settings))),
    ),
  );
  const doubts = found.flat().map(({ path, line, about, why, safe }): Beside => {
    const instead = Object.entries(safe ?? {}).map(([key, text]) => `${key}: ${text}`);
    return { path, line, what: `${about}: ${why}${instead.length === 0 ? "" : `; safe is ${instead.join(" and ")}`}` };
  });
  return [...new Map(doubts.map((one) => [JSON.stringify(one), one])).values()];
}

type Of = { readonly member: Gated; readonly settings: AnalysisSettings };

async function gateOf(
  tracked: Tracked,
  config: ConfigReading,
  { member, settings }: Of,
): Promise<Understood<MemberGate>> {
  const { state, target, at, manifest } = member;
  const { git, readings } = tracked.eyes;
  const blobs = await git.read(tracked.head, await filesOf(tracked, settings));
  const words = {
    service: state.service,
    namespace: at.namespace,
    target,
    canary: at.arms.canary,
    stable: at.arms.stable,
    "canary-workload": manifest.canary.deployment,
    "stable-workload": manifest.stable.deployment,
  };
  const metrics = readings.gate(settings, words, blobs);
  if (metrics.kind === "refused") return metrics;
  const asked = metrics.value.map((metric) => ({
    metric,
    provider: config.gateProvider({ metric, target, named: settings.metrics }),
  }));
  const problems = asked.flatMap(({ provider }) => (provider.kind === "refused" ? provider.problems : []));
  if (problems.length > 0) return { kind: "refused", problems };
  const whole = asked.flatMap(({ metric, provider }) =>
    provider.kind === "read" ? [{ ...metric, ...provider.value }] : [],
  );
  return { kind: "read", value: { settings, metrics: whole } };
}

// Whoever names the root of a large repository is not to have all of it read at each commit.
const MOST_FILES = 500;

async function filesOf({ head, eyes: { git } }: Tracked, { files }: AnalysisSettings): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async (path) =>
      path.endsWith("/") ? (await git.list(head, path.slice(0, -1))).filter((one) => /\.ya?ml$/.test(one)) : [path],
    ),
  );
  return [...new Set(found.flat())].slice(0, MOST_FILES);
}
