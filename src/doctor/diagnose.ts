import type { RepoName } from "../core/names.ts";
import { appFindings, installationFindings, reportFindings, teamFindings } from "./app-findings.ts";
import { chartFindings } from "./chart-findings.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";
import type { AppReport, ConfigReport, RepositoryReport } from "./report.ts";
import { methodsText, rulesFindings } from "./rules-findings.ts";
import { treeFindings } from "./tree-findings.ts";
import { webhookFindings } from "./webhook-findings.ts";

const APP = "the App";

/** What was found about the App and this machine. `now` in milliseconds. */
export function diagnoseApp(report: AppReport, now: number): readonly Finding[] {
  const ofHook = report.app.kind === "unavailable" ? [] : webhookFindings(report, APP, now);
  return [...appFindings(report, APP), ...ofHook, ...chartFindings(report, APP), ...machineFindings(report)];
}

/** What was found about one repository, the installation that covers it included. */
export function diagnoseRepository(report: RepositoryReport): readonly Finding[] {
  const { repo, app, installation, tree, rules } = report;
  if (installation.kind === "unavailable") return [notLookedAt("Installation", repo, installation.reason)];
  if (installation.value === undefined)
    return [finding("no-installation", { about: repo, found: `No installation of the App covers ${repo}.` })];
  const granted = installationFindings(installation.value, app);
  if (installation.value.suspended) return granted;
  return [
    ...granted,
    ...settingsFindings(report),
    ...rulesFindings(report),
    ...(tree.kind === "unavailable"
      ? [finding("mirror-unreachable", { about: repo, found: tree.reason })]
      : [...treeFindings(tree.value, repo, rules), ...configuredFindings(tree.value.config, app, repo)]),
  ];
}

/** What only some configurations need of the App. */
function configuredFindings(config: ConfigReport, app: AppReport["app"], repo: RepoName): readonly Finding[] {
  if (config.kind !== "read") return [];
  return [...teamFindings(app, repo, config.teams), ...reportFindings(app, repo, config.reports)];
}

function settingsFindings({ repo, settings }: RepositoryReport): readonly Finding[] {
  if (settings.kind === "unavailable") return [notLookedAt("Repository", repo, settings.reason)];
  const { value } = settings;
  if (value.archived)
    return [
      finding("repository-archived", { about: repo, at: `${value.page}/settings`, found: `${repo} is archived.` }),
    ];
  const deletes =
    { true: "are deleted", false: "are kept" }[String(value.deletesBranches)] ?? "are not known to be deleted";
  return [
    finding("merge-methods", { about: repo, found: `Ways of merging: ${methodsText(value)}.` }),
    finding("branches-deleted", { about: repo, found: `Branches of merged pull requests ${deletes} by GitHub.` }),
  ];
}
