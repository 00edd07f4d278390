import type { Name } from "../core/names.ts";
import type { Climb, Expedite, Policy, Wave } from "../core/plan.ts";
import type { PullPolicy } from "../core/policy.ts";
import { err, ok, type Result } from "../core/result.ts";
import { analysesFor, analysisProblems } from "./analysis.ts";
import { rulesFor } from "./command-rules.ts";
import { byLine, problemAt, type Problem } from "./document.ts";
import { durationText } from "./duration.ts";
import type { Extended } from "./extended.ts";
import { gaugeProblems, gaugesOf } from "./gauges.ts";
import { gateOf, gateProblems, latencyOf, partsOf, warmUpOf } from "./gates.ts";
import { covers } from "./glob.ts";
import { delayOf, observerProblems, reportsOf, unseenFault } from "./observers.ts";
import { pullPolicy } from "./policy.ts";
import { providersIn, type Allowed, type Provider } from "./providers.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";
import { seasonalOf, seasonalProblems } from "./seasonal.ts";
import { climbIn } from "./steps.ts";
import { tightened } from "./tighten.ts";

/** What configuration means. The look-ups answer with a reason, a sentence's end such as "no wave covers it", where it says nothing for a target. */
export type Settings = {
  readonly metrics: ReadonlyMap<string, Provider>;
  /** `paths`: the service's manifests, which rules for commands may be about. Without a service it is what goes for those that are not named. */
  readonly policyFor: (target: Name, paths: readonly string[], service?: Name) => Result<Policy, string>;
  readonly metricsFor: (target: Name) => Result<Provider, string>;
  /** The same as `policyFor`, as it would be were nothing enforced: for telling what is. */
  readonly writtenFor: Settings["policyFor"];
  /** What is asked of pull requests. */
  readonly pulls: PullPolicy;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const DEFAULTS = {
  steps: [5, 25, 50],
  bakeMs: 10 * MINUTE,
  windowMs: 30 * SECOND,
  settleMs: 5 * SECOND,
  deadlineMs: 120 * MINUTE,
  mergesPerMinute: 1,
  gatherMs: 5 * MINUTE,
  evidence: "compare",
} as const;

/** The settings of a configuration, held to what is enforced, or every problem of its meaning, with its line. */
export function resolve(written: Extended, allowed: Allowed): Result<Settings, readonly Problem[]> {
  const { file, config } = written;
  const providers = providersIn(file, config.metrics, allowed);
  const problems = [
    ...(providers.kind === "err" ? providers.error : []),
    ...targetProblems(written),
    ...observerProblems(written, deadlineOf(config)),
    ...timeProblems(written),
    ...warmUpProblems(written),
    ...gateProblems(written),
    ...gaugeProblems(written),
    ...seasonalProblems(file, config),
    ...analysisProblems(written.file, { ...config.gates }, Object.keys(config.metrics)),
  ];
  if (providers.kind === "err" || problems.length > 0) return err(byLine(problems));
  const metrics = providers.value;
  const alone: WrittenConfig = { file, config };
  return ok({
    metrics,
    policyFor: (target, paths, service) => policyFor(written, metrics, { target, paths, service }),
    writtenFor: (target, paths, service) => policyFor(alone, metrics, { target, paths, service }),
    metricsFor: (target) => metricsFor(config, metrics, target),
    pulls: pullPolicy(written),
  });
}

/** Which entries go for a service in a target, by their places in `waves`, `services` and `targets`; undefined where none does. */
export type Entries = {
  readonly wave: number | undefined;
  readonly service: number | undefined;
  readonly target: number | undefined;
};

/** The first entry of each list that goes for a service in a target; without a service, none of `services` does. */
export function entriesFor({ waves, services, targets }: RepoConfig, target: Name, service?: Name): Entries {
  const names = (globs: readonly string[], name: string) => globs.some((glob) => covers(glob, name));
  return {
    wave: placeIn(waves, (wave) => names(wave.targets, target)),
    service: service === undefined ? undefined : placeIn(services, (own) => names(own.names, service)),
    target: placeIn(targets, ({ name }) => name === target),
  };
}

function placeIn<T>(entries: readonly T[], goes: (entry: T) => boolean): number | undefined {
  const index = entries.findIndex(goes);
  return index === -1 ? undefined : index;
}

type Subject = { readonly target: Name; readonly paths: readonly string[]; readonly service: Name | undefined };

function policyFor(
  { file, config, shared }: Extended,
  metrics: ReadonlyMap<string, Provider>,
  { target, paths, service }: Subject,
): Result<Policy, string> {
  const entries = entriesFor(config, target, service);
  const wave = entryAt(config.waves, entries.wave);
  if (wave === undefined && config.waves.length > 0) return err(`no wave covers the target ${target}`);
  const provider = metricsFor(config, metrics, target);
  const at = entryAt(config.targets, entries.target);
  const own = entryAt(config.services, entries.service);
  const policy: Policy = {
    wave: turnOf(config.waves, entries.wave),
    onAbort: wave?.onAbort ?? config.onAbort,
    ...climbOf(wave, own),
    ...timesOf(config, provider),
    evidence: at?.evidence ?? DEFAULTS.evidence,
    assumedAfterMs: delayOf(at),
    reports: reportsOf(at),
    gate: gateOf(config, own),
    warmUpMs: warmUpOf(config, own),
    parts: partsOf(config, own),
    latency: latencyOf(config, own),
    ...gaugesOf(config, own),
    ...seasonalOf(config, own),
    ...(config.gates?.analysis && { analyses: analysesFor(file, config.gates, { target, service }) }),
    rules: rulesFor(config.commands, paths),
    secondBump: config.bumps,
    gatherMs: config.gather ?? DEFAULTS.gatherMs,
    expedite: config.expedite && expediteOf(config.expedite),
    page: config.page,
  };
  const held = heldTo(shared, policy, paths);
  const unseen = unseenFault(provider, held);
  return unseen === undefined ? ok(held) : err(`the target ${target} ${unseen}`);
}

function heldTo(shared: Extended["shared"], policy: Policy, paths: readonly string[]): Policy {
  if (shared === undefined) return policy;
  const { enforced } = shared.config;
  const rules = rulesFor(enforced.commands, paths).map((rule) => ({ ...rule, enforced: true as const }));
  return { ...tightened(policy, enforced), rules: [...policy.rules, ...rules] };
}

function entryAt<T>(entries: readonly T[], index: number | undefined): T | undefined {
  return index === undefined ? undefined : entries[index];
}

/** What an entry of the service says goes before what its wave says. */
function climbOf(wave: RepoConfig["waves"][number] | undefined, own: Entry | undefined): Climb {
  const steps = own?.steps ?? wave?.steps ?? DEFAULTS.steps;
  return { ...climbIn(steps), bakeMs: own?.bake ?? bakeOf(wave) };
}

function timesOf(
  config: RepoConfig,
  provider: Result<Provider, string>,
): Pick<Policy, "windowMs" | "settleMs" | "deadlineMs" | "onDeadline" | "mergeEveryMs"> {
  const { measure, pace } = config;
  return {
    windowMs: windowOf(config),
    settleMs: measure?.settle ?? settleOf(provider),
    deadlineMs: deadlineOf(config),
    onDeadline: config.onDeadline,
    mergeEveryMs: Math.round(MINUTE / (pace?.mergesPerMinute ?? DEFAULTS.mergesPerMinute)),
  };
}

function settleOf(provider: Result<Provider, string>): number {
  return provider.kind === "ok" && provider.value.kind === "counted" ? provider.value.settleMs : DEFAULTS.settleMs;
}

function turnOf(waves: RepoConfig["waves"], index: number | undefined): Wave {
  const wave = entryAt(waves, index);
  return wave === undefined || index === undefined ? ALL_AT_ONCE : { index, of: waves.length, targets: wave.targets };
}

const ALL_AT_ONCE: Wave = { index: 0, of: 1, targets: ["*"] };

function expediteOf({ label, steps, bake }: NonNullable<RepoConfig["expedite"]>): Expedite {
  return { label, ...climbIn(steps), bakeMs: bake };
}

function metricsFor(
  config: RepoConfig,
  metrics: ReadonlyMap<string, Provider>,
  target: Name,
): Result<Provider, string> {
  const named = targetOf(config, target)?.metrics ?? target;
  const provider = metrics.get(named) ?? (metrics.size === 1 ? [...metrics.values()][0] : undefined);
  if (provider !== undefined) return ok(provider);
  return err(`the target ${target} names no metrics, and there are ${metrics.size === 0 ? "none" : "several"}`);
}

type WrittenTarget = RepoConfig["targets"][number];

function targetOf({ targets }: RepoConfig, target: Name): WrittenTarget | undefined {
  return targets.find(({ name }) => name === target);
}

type Entry = RepoConfig["services"][number];

function bakeOf(wave: RepoConfig["waves"][number] | undefined): number {
  return wave?.bake ?? DEFAULTS.bakeMs;
}

function deadlineOf({ deadline }: RepoConfig): number {
  return deadline ?? DEFAULTS.deadlineMs;
}

function windowOf({ measure }: RepoConfig): number {
  return measure?.window ?? DEFAULTS.windowMs;
}

function targetProblems({ file, config }: WrittenConfig): readonly Problem[] {
  return config.targets.flatMap(({ name, metrics }, index) => {
    const isTwice = config.targets.findIndex((target) => target.name === name) < index;
    const isKnown = metrics === undefined || Object.hasOwn(config.metrics, metrics);
    return [
      ...(isTwice ? [problemAt(file, ["targets", index, "name"], `names ${name} a second time`)] : []),
      ...(isKnown
        ? []
        : [problemAt(file, ["targets", index, "metrics"], `names ${metrics}, which metrics does not have`)]),
    ];
  });
}

/** Within a warm-up nothing is compared: a bake has to go on after it. */
function warmUpProblems({ file, config }: WrittenConfig): readonly Problem[] {
  const least = Math.min(...bakesOf(config).map(({ bake }) => bake));
  const written = [
    { warmUp: config.gates?.warmUp, bake: least, at: ["gates", "warmUp"] },
    ...config.services.map(({ gates, bake = least }, index) => {
      return { warmUp: gates?.warmUp, bake, at: ["services", index, "gates", "warmUp"] };
    }),
  ];
  return written.flatMap(({ warmUp = 0, bake, at }) =>
    warmUp > 0 && warmUp + 2 * windowOf(config) > bake ? [problemAt(file, at, noRoom(warmUp, bake))] : [],
  );
}

function noRoom(warmUp: number, bake: number): string {
  return `does not fit: a bake of ${durationText(bake)} must hold the warm-up of ${durationText(warmUp)} and two windows`;
}

// A bake of less than two windows may end before anything was measured; a deadline within the bake would always hold.
function timeProblems({ file, config }: WrittenConfig): readonly Problem[] {
  const window = windowOf(config);
  const deadline = deadlineOf(config);
  return bakesOf(config).flatMap(({ bake, at }) => {
    if (bake < 2 * window) return [problemAt(file, at ?? ["measure", "window"], tooShort(bake, window))];
    if (bake >= deadline) return [problemAt(file, at ?? ["deadline"], tooLong(bake, deadline))];
    return [];
  });
}

/** Every bake and where it is written; the default one is written nowhere. */
type Bake = { readonly bake: number; readonly at: readonly (string | number)[] | undefined };

function bakesOf({ waves, services, expedite }: RepoConfig): readonly Bake[] {
  const ofWaves = waves.map((wave, index): Bake => {
    return { bake: bakeOf(wave), at: wave.bake === undefined ? undefined : ["waves", index, "bake"] };
  });
  const ofServices = services.flatMap(({ bake }, index): readonly Bake[] =>
    bake === undefined ? [] : [{ bake, at: ["services", index, "bake"] }],
  );
  const usual = [...(waves.length === 0 ? [{ bake: bakeOf(undefined), at: undefined }] : ofWaves), ...ofServices];
  return expedite === undefined ? usual : [...usual, { bake: expedite.bake, at: ["expedite", "bake"] }];
}

function tooShort(bake: number, window: number): string {
  return `does not fit: a bake of ${durationText(bake)} must hold two windows of ${durationText(window)}`;
}

function tooLong(bake: number, deadline: number): string {
  return `does not fit: a bake of ${durationText(bake)} must end before the deadline of ${durationText(deadline)}`;
}
