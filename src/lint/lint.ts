import { cutIn } from "../manifest/services/derive.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import { byText } from "../manifest/services/paths.ts";
import type { Refusal } from "../yaml/refusal.ts";
import { allowancesBy, type Allowance } from "./allow.ts";
import { CATALOGUE, entryOf, isRule, type RuleId } from "./catalogue.ts";
import type { Found, Severity } from "./finding.ts";
import type { Read } from "./objects.ts";
import { repositoryOf, type Repository } from "./repository.ts";
import { unknownToAdmiral } from "./rules/admiral.ts";
import { dangerousAnalysis, passesBlindly } from "./rules/analysis.ts";
import { analysedInCluster, decidedByController, pauseBlocksSync, pausedInGit } from "./rules/controllers.ts";
import { commitsIgnored, ignoredByManager, leftAlone, notFollowed, weightsNotIgnored } from "./rules/delivery.ts";
import { overRawPort, withoutPods, withoutPort, withoutService, withoutTarget } from "./rules/endpoints.ts";
import { twoProviders } from "./rules/providers.ts";
import { membersScaled, replicasOfTheIdle, replicasScaled, scalesTheIdle, twoAutoscalers } from "./rules/replicas.ts";
import { twoRoutes } from "./rules/routes.ts";
import { alike, emptySubsets, withoutDefinition, withoutLabels, withoutRule } from "./rules/subsets.ts";
import { worldOf } from "./world.ts";

/** A pitfall at a line, and the services that it is about as far as files tell. */
export type Finding = Found & {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly services: readonly string[];
};

/** What was found, what somebody allowed, and what keeps that from being all: words of allowing that are wrong, kustomizations of which not all is read. */
export type Linted = {
  readonly findings: readonly Finding[];
  readonly allowed: readonly (Finding & { readonly because: string })[];
  readonly refusals: readonly Refusal[];
};

type Check = (repository: Repository) => readonly Found[];

const CHECKS: Readonly<Record<RuleId, Check>> = {
  "two-providers": twoProviders,
  "two-routes": twoRoutes,
  "subset-not-defined": withoutDefinition,
  "subset-without-rule": withoutRule,
  "subset-without-labels": withoutLabels,
  "subsets-alike": alike,
  "subset-without-pods": emptySubsets,
  "host-without-service": withoutService,
  "selector-without-pods": withoutPods,
  "port-not-there": withoutPort,
  "target-port-unnamed": withoutTarget,
  "raw-port": overRawPort,
  "admiral-name": unknownToAdmiral,
  "commit-ignored": commitsIgnored,
  "weight-not-ignored": weightsNotIgnored,
  "ignored-by-manager": ignoredByManager,
  "left-as-it-is": leftAlone,
  "not-followed": notFollowed,
  "replicas-scaled": replicasScaled,
  "two-autoscalers": twoAutoscalers,
  "autoscaler-of-the-idle": scalesTheIdle,
  "replicas-of-the-idle": replicasOfTheIdle,
  "canary-scaled": membersScaled,
  "analysis-in-cluster": analysedInCluster,
  "decided-by-controller": decidedByController,
  "pause-blocks-sync": pauseBlocksSync,
  "rollout-paused": pausedInGit,
  "passes-without-data": passesBlindly,
  "analysis-danger": dangerousAnalysis,
};

/** Looks for every pitfall in a repository at one commit. A line has a finding of a rule once, in however many targets it is rendered. */
export function lintRepository(inventory: Inventory, read: Read): Linted {
  const repository = repositoryOf(worldOf(inventory, read));
  const servicesAt = servicesBy(inventory);
  const all = Object.keys(CATALOGUE)
    .filter(isRule)
    .flatMap((rule) =>
      once(CHECKS[rule](repository)).map((one) => ({
        ...one,
        rule,
        severity: entryOf(rule).severity,
        services: servicesAt(one.path),
      })),
    );
  const sorted = all.toSorted((a, b) => byText(a.path, b.path) || a.line - b.line);
  const { allowing, refusals } = allowancesBy(
    [...new Set([...inventory.state.facts.keys(), ...sorted.map(({ path }) => path)])],
    read,
  );
  const judged = sorted.map((finding) => ({ finding, by: allowing(finding) }));
  return {
    findings: judged.flatMap(({ finding, by }) => (by === undefined ? [finding] : [])),
    allowed: judged.flatMap(({ finding, by }) => allowedBy(finding, by)),
    refusals: [...cutIn(inventory.state.renderings), ...refusals],
  };
}

function allowedBy(finding: Finding, by: Allowance | undefined): Linted["allowed"] {
  return by === undefined ? [] : [{ ...finding, because: by.because }];
}

function once(all: readonly Found[]): readonly Found[] {
  return [...new Map(all.map((one) => [`${one.path}:${one.line}`, one])).values()];
}

/** The services in which a file has a say; a file that all of them read is about none. */
function servicesBy({ fleet }: Inventory): (path: string) => readonly string[] {
  const pairs = fleet.services.flatMap(({ name, targets }) =>
    [...new Set(targets.flatMap(({ reads }) => reads))].map((path) => ({ path, name })),
  );
  const grouped = Map.groupBy(pairs, ({ path }) => path);
  return (path) => [...new Set((grouped.get(path) ?? []).map(({ name }) => name))].toSorted(byText);
}
