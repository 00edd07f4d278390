import type { RepoName } from "../core/names.ts";
import type { Reading } from "../core/reading.ts";
import type { Posted } from "../core/report.ts";
import type { Unreadable } from "../core/snapshot.ts";
import type {
  AppFacts,
  DeliveryFacts,
  HookFacts,
  InstallationFacts,
  RepositoryFacts,
  Restriction,
} from "../ports/checkup.ts";
import type { BranchRules } from "../ports/forge.ts";
import type { Relied } from "../reconcile/relied.ts";

/** What was seen of the App and of this machine. */
export type AppReport = {
  readonly app: Reading<AppFacts>;
  readonly hook: Reading<HookFacts | undefined>;
  /** Of the last 24 hours, newest first. */
  readonly deliveries: Reading<readonly DeliveryFacts[]>;
  /** How far our clock is ahead of GitHub's, milliseconds. */
  readonly skew: Reading<number>;
  /** As git says it, such as "2.39.5". */
  readonly git: Reading<string>;
  /** The address under which the operator says that browsers reach the App; undefined where none is said. */
  readonly publicUrl: string | undefined;
};

/** What was seen of one repository. `installation` undefined: none covers it, and nothing else was looked at. */
export type RepositoryReport = {
  readonly repo: RepoName;
  readonly appId: number;
  readonly app: Reading<AppFacts>;
  readonly installation: Reading<InstallationFacts | undefined>;
  readonly settings: Reading<RepositoryFacts>;
  readonly rules: Reading<BranchRules>;
  readonly restrictions: Reading<readonly Restriction[]>;
  readonly classic: Reading<boolean>;
  readonly tree: Reading<TreeReport>;
};

/** What the default branch holds. */
export type TreeReport = {
  readonly branch: string;
  readonly config: ConfigReport;
  readonly services: Reading<ServicesReport>;
  readonly providers: readonly ProviderReport[];
};

/** `teams` are those that configuration lets command, `reports` what it reads of the tools that deliver, `loosened` what of it does not go. */
export type ConfigReport =
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly problems: readonly string[] }
  /** What it extends cannot be read. */
  | { readonly kind: "unextended"; readonly why: string }
  | {
      readonly kind: "read";
      readonly teams: readonly string[];
      readonly reports: readonly Posted["kind"][];
      readonly loosened: readonly string[];
    };

export type ServicesReport = {
  /** How many state files there are. */
  readonly count: number;
  readonly refusals: readonly Pick<Unreadable, "service" | "problems">[];
  /** Files that releases write and that CODEOWNERS gives to somebody; `file` is where CODEOWNERS stands. */
  readonly reviewed: readonly Reviewed[];
  /** What their releases rely on and is not so, or may not be. */
  readonly relied: Relied;
};

export type Reviewed = {
  readonly kind: "owned" | "claimed";
  readonly path: string;
  readonly owners: readonly string[];
  readonly file: string;
};

/** `refused`: configuration or operator do not let it be asked. `host` is shown, an address with its path never. */
export type ProviderReport = {
  readonly name: string;
  readonly answer:
    | { readonly kind: "refused"; readonly problem: string }
    | { readonly kind: "silent"; readonly host: string; readonly reason: string }
    | { readonly kind: "answers"; readonly host: string; readonly ms: number; readonly samples: Samples };
};

/** What the windows that closed last hold for a few services; `asked` are their names. */
export type Samples = {
  readonly asked: readonly string[];
  /** Those of them that cannot go on without: not where bake is the evidence, nor where it is assumed what runs. */
  readonly needing: { readonly requests: readonly string[]; readonly pods: readonly string[] };
  readonly requests: readonly string[];
  readonly pods: readonly string[];
};
