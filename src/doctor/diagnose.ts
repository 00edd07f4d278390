import { appFindings, installationFindings, teamFindings } from "./app-findings.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";
import type { AppReport, RepositoryReport } from "./report.ts";
import { methodsText, rulesFindings } from "./rules-findings.ts";
import { treeFindings } from "./tree-findings.ts";
import { webhookFindings } from "./webhook-findings.ts";

const APP = "the App";

/** What was found about the App and this machine. `now` in milliseconds. */
export function diagnoseApp(report: AppReport, now: number): readonly Finding[] {
  const ofHook = report.app.kind === "unavailable" ? [] : webhookFindings(report, APP, now);
  return [...appFindings(report, APP), ...ofHook, ...machineFindings(report)];
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
      : [...treeFindings(tree.value, repo, rules), ...teamFindings(app, repo, teamsOf(tree.value.config))]),
  ];
}

function teamsOf(config: Parameters<typeof treeFindings>[0]["config"]): readonly string[] {
  return config.kind === "read" ? config.teams : [];
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
