import { alphasOf } from "../core/gates.ts";
import type { Name } from "../core/names.ts";
import type { Policy } from "../core/plan.ts";
import { ok, type Result } from "../core/result.ts";
import { peek } from "../yaml/look.ts";
import { rulesFor } from "./command-rules.ts";
import { problemAt, type OurFile } from "./document.ts";
import { durationText } from "./duration.ts";
import { gateRows } from "./explained-gates.ts";
import { entriesFor, type Entries, type Settings } from "./resolve.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";
import type { Of, Path, Said } from "./said.ts";

/** What is in effect under one key of configuration, in words, and the line (from 1) that says so; undefined where no line does. */
export type Row = { readonly key: string; readonly text: string; readonly line: number | undefined };

/** A service in a target; `paths` are its manifests. */
export type Subject = { readonly service: Name; readonly target: Name; readonly paths: readonly string[] };

/** All that goes for a service in a target, each key with the line that says it; or why nothing does, a sentence's end. */
export function explained(
  { file, config }: WrittenConfig,
  settings: Settings,
  subject: Subject,
): Result<readonly Row[], string> {
  const { service, target, paths } = subject;
  const policy = settings.policyFor(target, paths, service);
  if (policy.kind === "err") return policy;
  const of = subjectOf(config, policy.value, entriesFor(config, target, service));
  const said = [
    ...providerRows(settings, target, of),
    ...Object.values(ROWS).flatMap((rows) => rows(of)),
    ...ruleRows(config, paths),
  ];
  return ok(said.map((one) => ({ key: one.key, text: one.text, line: one.line ?? lineOf(file, one.at) })));
}

function subjectOf(config: RepoConfig, policy: Policy, { service, wave, target }: Entries): Of {
  const below =
    (list: string, index: number | undefined) =>
    (...rest: Path): readonly Path[] =>
      index === undefined ? [] : [[list, index, ...rest]];
  return {
    policy,
    config,
    alphas: alphasOf(policy, policy.latency !== undefined),
    entry: service === undefined ? undefined : config.services[service],
    own: below("services", service),
    wave: below("waves", wave),
    target: below("targets", target),
  };
}

function lineOf(file: OurFile, at: readonly Path[]): number | undefined {
  const written = at.find((path) => peek(file.tree, path) !== undefined);
  return written === undefined ? undefined : problemAt(file, written, "").line;
}

function providerRows({ metrics, metricsFor }: Settings, target: Name, of: Of): readonly Said[] {
  const found = metricsFor(target);
  if (found.kind === "err") return [];
  const [name = ""] = [...metrics].find(([, provider]) => provider === found.value) ?? [];
  const by = found.value.kind === "counted" ? found.value.by : found.value.kind;
  return [
    { key: "metrics", text: `${name}: ${by} at ${found.value.url}`, at: [...of.target("metrics"), ["metrics", name]] },
  ];
}

/** One entry for each part of a policy, so that what a release goes by cannot be left out here. */
const ROWS: { readonly [Key in keyof Required<Policy>]: (of: Of) => readonly Said[] } = {
  wave: ({ policy: { wave }, ...of }) => [
    { key: "wave", text: `${wave.index + 1} of ${wave.of}: ${wave.targets.join(", ")}`, at: of.wave("targets") },
  ],
  weights: ({ policy, ...of }) => [
    { key: "steps", text: percents(policy.weights), at: [...of.own("steps"), ...of.wave("steps")] },
  ],
  bakeMs: ({ policy, ...of }) => [
    { key: "bake", text: durationText(policy.bakeMs), at: [...of.own("bake"), ...of.wave("bake")] },
  ],
  onAbort: ({ policy, ...of }) => [{ key: "onAbort", text: policy.onAbort, at: [...of.wave("onAbort"), ["onAbort"]] }],
  evidence: ({ policy, ...of }) => [{ key: "evidence", text: policy.evidence, at: of.target("evidence") }],
  assumedAfterMs: ({ policy: { assumedAfterMs, reports }, ...of }) =>
    assumedAfterMs === undefined
      ? [{ key: "observe", text: reports === undefined ? "metrics" : "reported", at: of.target("observe") }]
      : [
          { key: "observe", text: "assumed", at: of.target("observe") },
          { key: "delay", text: durationText(assumedAfterMs), at: of.target("delay") },
        ],
  reports: ({ policy: { reports }, ...of }) =>
    reports === undefined
      ? []
      : [
          { key: "reports", text: `${reports.of.kind} ${reports.of.label} by ${reports.by}`, at: of.target("reports") },
          { key: "delay", text: durationText(reports.afterMs), at: of.target("delay") },
        ],
  windowMs: ({ policy }) => top(["measure", "window"], durationText(policy.windowMs)),
  settleMs: ({ policy }) => top(["measure", "settle"], durationText(policy.settleMs)),
  deadlineMs: ({ policy }) => top(["deadline"], durationText(policy.deadlineMs)),
  onDeadline: ({ policy }) => top(["onDeadline"], policy.onDeadline),
  mergeEveryMs: ({ policy }) => top(["pace", "mergesPerMinute"], `a merge in ${durationText(policy.mergeEveryMs)}`),
  secondBump: ({ policy }) => top(["bumps"], policy.secondBump),
  gatherMs: ({ policy }) => top(["gather"], durationText(policy.gatherMs)),
  expedite: ({ policy: { expedite } }) =>
    top(
      ["expedite"],
      expedite === undefined
        ? "no label"
        : `${expedite.label}: ${percents(expedite.weights)}, bake ${durationText(expedite.bakeMs)}`,
    ),
  page: ({ policy }) => top(["page"], policy.page.length === 0 ? "nobody" : policy.page.join(", ")),
  // Which of them go is found by asking for each alone: see ruleRows.
  rules: () => [],
  ...gateRows,
};

function top(at: Path, text: string): readonly Said[] {
  return [{ key: at.join("."), text, at: [at] }];
}

function percents(weights: Policy["weights"]): string {
  return weights.map((weight) => `${weight}%`).join(", ");
}

/** The rules for commands that go for these manifests. */
function ruleRows({ commands }: RepoConfig, paths: readonly string[]): readonly Said[] {
  const rows = commands.flatMap((written, index) =>
    rulesFor([written], paths).map(({ verbs, allow: { roles, teams, users, codeOwners } }): Said => {
      const who = [...roles, ...teams, ...users, ...(codeOwners ? ["code owners"] : [])].join(", ");
      return { key: "commands", text: `/${verbs.join(", /")} by ${who} alone`, at: [["commands", index]] };
    }),
  );
  return rows.length > 0 ? rows : [{ key: "commands", text: "no rule narrows who may", at: [] }];
}
