import { alphasOf } from "../core/gates.ts";
import type { Name } from "../core/names.ts";
import { stepNames, type Policy } from "../core/plan.ts";
import { ok, type Result } from "../core/result.ts";
import { peek } from "../yaml/look.ts";
import { rulesFor } from "./command-rules.ts";
import { placeOf, type OurFile } from "./document.ts";
import { durationText } from "./duration.ts";
import { gateRows } from "./explained-gates.ts";
import type { Extended } from "./extended.ts";
import { entriesFor, type Entries, type Settings } from "./resolve.ts";
import { policySaid } from "./policy.ts";
import type { RepoConfig } from "./repo-config.ts";
import type { Of, Path, Said } from "./said.ts";
import type { Shared } from "./shared-config.ts";

/** What is in effect under one key of configuration, in words, and the line (from 1) that says so; undefined where no line does. `path`: the file, where it is another one. */
export type Row = {
  readonly key: string;
  readonly text: string;
  readonly line: number | undefined;
  readonly path?: string;
};

/** A service in a target; `paths` are its manifests. */
export type Subject = { readonly service: Name; readonly target: Name; readonly paths: readonly string[] };

/** All that goes for a service in a target, each key with the line that says it; or why nothing does, a sentence's end. */
export function explained(extended: Extended, settings: Settings, subject: Subject): Result<readonly Row[], string> {
  const { file, config, shared } = extended;
  const { service, target, paths } = subject;
  const policy = settings.policyFor(target, paths, service);
  const written = settings.writtenFor(target, paths, service);
  if (policy.kind === "err") return policy;
  const entries = entriesFor(config, target, service);
  const of = subjectOf(config, policy.value, entries);
  const unheld = written.kind === "err" ? new Map() : textsOf(subjectOf(config, written.value, entries));
  const rowOf = ({ key, text, at, line }: Said, by: OurFile): Row => ({ key, text, ...placed(file, by, at, line) });
  return ok([
    ...[...providerRows(settings, target, of), ...policyRows(of)].map((one) =>
      shared === undefined || one.key === "metrics" || unheld.get(one.key) === one.text
        ? rowOf(one, file)
        : rowOf({ ...one, at: enforcing(one.key) }, shared.file),
    ),
    ...ruleRows(config.commands, paths, ["commands"]).map((one) => rowOf(one, file)),
    ...(shared === undefined ? [] : enforcedRules(shared, paths).map((one) => rowOf(one, shared.file))),
    ...policySaid(extended, subject).map((one) => rowOf(one, one.isEnforced ? (shared?.file ?? file) : file)),
  ]);
}

function policyRows(of: Of): readonly Said[] {
  return Object.values(ROWS).flatMap((rows) => rows(of));
}

function textsOf(of: Of): ReadonlyMap<string, string> {
  return new Map(policyRows(of).map(({ key, text }) => [key, text]));
}

/** Where a key may be enforced, or what changes it: the nearest place that is written goes. */
function enforcing(key: string): readonly Path[] {
  const path: Path = ["enforced", ...key.split(".")];
  return path.map((_, index) => path.slice(0, path.length - index));
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

/** The first of some places in a file `by` that is written, seen from the file that is explained. */
function placed(file: OurFile, by: OurFile, at: readonly Path[], known: number | undefined): Omit<Row, "key" | "text"> {
  const written = at.find((path) => peek(by.tree, path) !== undefined);
  if (known !== undefined || written === undefined) return { line: known };
  const { path, line } = placeOf(by, written);
  return path === file.path ? { line } : { line, path };
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
    { key: "steps", text: stepNames(policy).join(", "), at: [...of.own("steps"), ...of.wave("steps")] },
  ],
  // Among the steps.
  testers: () => [],
  mirror: () => [],
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
        : `${expedite.label}: ${stepNames(expedite).join(", ")}, bake ${durationText(expedite.bakeMs)}`,
    ),
  page: ({ policy }) => top(["page"], policy.page.length === 0 ? "nobody" : policy.page.join(", ")),
  // Which of them go is found by asking for each alone: see ruleRows.
  rules: () => [],
  ...gateRows,
};

function top(at: Path, text: string): readonly Said[] {
  return [{ key: at.join("."), text, at: [at] }];
}

/** The rules for commands that go for these manifests. */
function ruleRows(commands: RepoConfig["commands"], paths: readonly string[], at: Path): readonly Said[] {
  const rows = rulesIn(commands, paths, at);
  return rows.length > 0 ? rows : [{ key: "commands", text: "no rule narrows who may", at: [] }];
}

function enforcedRules({ config: { enforced } }: Shared, paths: readonly string[]): readonly Said[] {
  return rulesIn(enforced.commands, paths, ["enforced", "commands"]);
}

function rulesIn(commands: RepoConfig["commands"], paths: readonly string[], at: Path): readonly Said[] {
  return commands.flatMap((written, index) =>
    rulesFor([written], paths).map(({ verbs, allow: { roles, teams, users, codeOwners } }): Said => {
      const who = [...roles, ...teams, ...users, ...(codeOwners ? ["code owners"] : [])].join(", ");
      return { key: "commands", text: `/${verbs.join(", /")} by ${who} alone`, at: [[...at, index]] };
    }),
  );
}
