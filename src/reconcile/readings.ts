import type { GateMetric } from "../analysis/gate.ts";
import type { Finding } from "../analysis/lint/finding.ts";
import type { GateWords } from "../analysis/words.ts";
import type { Change } from "../core/change.ts";
import type { Manifest } from "../core/manifest.ts";
import type { AnalysisSettings } from "../core/gate/analysis.ts";
import type { Name } from "../core/names.ts";
import type { Policy } from "../core/plan.ts";
import type { PullPolicy } from "../core/policy.ts";
import type { Elsewhere } from "../core/snapshot.ts";
import type { ServiceState, TargetState } from "../core/state.ts";
import type { Blob } from "../ports/git.ts";
import type { Base, BaseOf } from "../ports/shared.ts";
import type { ProviderSettings } from "../ports/metrics.ts";
import type { GateProvider, Wanted } from "./gate-provider.ts";

/** Where configuration lives in a user's repository. */
export const CONFIG_PATH = ".github/tidegate.yml";
/** Where the state files live. */
export const SERVICES = ".tidegate/services";

/** A file that was understood, or why it was not, each problem with its file and line. */
export type Understood<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

export type ConfigReading = {
  /** Why the file cannot be read; empty where it can. */
  readonly problems: readonly string[];
  /** Where it asks for less than is enforced, and how what it extends is amiss; what is said there does not go. */
  readonly loosened?: readonly string[];
  /** `paths`: the service's manifests, which rules for commands may be about. Without a service it is what goes for those that are not named. */
  readonly policyFor: (target: Name, paths: readonly string[], service?: Name) => Understood<Policy>;
  readonly metricsFor: (target: Name) => Understood<ProviderSettings>;
  /** Whom a template's metric is asked of. */
  readonly gateProvider: (wanted: Wanted) => Understood<GateProvider>;
  /** What is asked of pull requests; absent where the file cannot be read. */
  readonly pulls?: PullPolicy | undefined;
  /** What it extends is not known yet, so that what is enforced is not. */
  readonly isBaseUnread?: boolean;
};

/** What a change of manifests is made of, each text with git's id of it. */
export type Sources = {
  /** The member's files at the change's base, by path. */
  readonly manifests: ReadonlyMap<string, Blob>;
  /** The same files at the commits whose pod templates are given back. */
  readonly older: { readonly canary: Blob | undefined; readonly stable: Blob | undefined };
};

/** Reads the texts of a repository; equal blobs are parsed, and equal changes made, once. */
export type Readings = {
  readonly state: (path: string, blob: Blob | undefined) => Understood<ServiceState>;
  readonly manifest: (at: TargetState, service: Name, blobs: ReadonlyMap<string, Blob>) => Understood<Manifest>;
  /** What repositories that extend this one make of another text of what they extend; of a few of them that this process knows. */
  readonly elsewhere: (then: Blob) => Promise<readonly Elsewhere[]>;
  /** What a configuration is laid over. */
  readonly baseOf: BaseOf;
  /** Laid over what it extends. */
  readonly config: (blob: Blob | undefined, base: Base) => ConfigReading;
  /** What a configuration says that it extends. */
  readonly extended: (blob: Blob | undefined) => string | undefined;
  /** What it says by itself, whatever it extends: only for releases that nothing else is known for. */
  readonly configByItself: (blob: Blob | undefined) => ConfigReading;
  /** The metrics of a gate by a template, out of files that may hold it. */
  readonly gate: (
    settings: AnalysisSettings,
    words: GateWords,
    blobs: ReadonlyMap<string, Blob>,
  ) => Understood<readonly GateMetric[]>;
  /** What is dangerous about a gate's template, out of files that may hold it. */
  readonly gateDangers: (settings: AnalysisSettings, blobs: ReadonlyMap<string, Blob>) => readonly Finding[];
  /** The whole texts of the manifests that a change makes different, by path. */
  readonly changed: (sources: Sources, change: Change) => Understood<ReadonlyMap<string, string>>;
};

export function pathOf(service: Name): string {
  return `${SERVICES}/${service}.yaml`;
}

/** The service that a state file is of, as its name says it. */
export function serviceOf(path: string): string {
  return path.slice(SERVICES.length + 1).replace(/\.ya?ml$/, "");
}
