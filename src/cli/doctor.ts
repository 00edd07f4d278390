import { githubAppCheckup, githubRepositoryCheckup } from "../adapters/github/checkup.ts";
import { gitVersion } from "../adapters/git/version.ts";
import { probeOf } from "../adapters/metrics/provider.ts";
import { given, type Terminal } from "./command-line.ts";
import { UserError } from "../core/error.ts";
import { isRepoName, type RepoName } from "../core/names.ts";
import { diagnoseApp, diagnoseRepository } from "../doctor/diagnose.ts";
import { attempt, lookAtApp, lookAtRepository, uncovered } from "../doctor/facts.ts";
import { installationFindings } from "../doctor/app-findings.ts";
import { finding, notLookedAt, worst, type Finding } from "../doctor/finding.ts";
import type { AppReport } from "../doctor/report.ts";
import { coloured, findingsJson, findingsText, PLAIN } from "../doctor/text.ts";
import { lookAtTree } from "../doctor/tree.ts";
import { inspection, type Inspection, type InspectionParts } from "./inspection.ts";
import type { AppCheckup, InstallationFacts } from "../ports/checkup.ts";
import { askingFor, operatorOf } from "../operator/operator.ts";
import type { Clock } from "../ports/clock.ts";
import { settingsOf } from "../operator/settings.ts";

const USAGE = `Looks at everything that Tidegate needs, and says of each fault what it means and how it is mended:
the App's permissions and webhooks, this machine's clock and git, and of each repository its rules,
configuration, services and metrics. Nothing is written. It is told by the same environment
variables as tidegate start (docs/environment.md).

Usage: tidegate doctor [owner/repo] [options]

  owner/repo   look at this repository; without it, at every one that the App is installed on
  --json       one JSON object on stdout (docs/doctor.md)
  --help       this text

Exit status: 0 without an error, 1 where an error is found, 2 for wrong words, 3 where nothing
could be looked at.
`;

/** Runs `tidegate doctor`; resolves to its exit status. */
export async function doctor(args: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const parsed = given(args, { options: ["json", "help"], most: 1 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches } = parsed.value;
  if (switches.has("help")) return said(USAGE, terminal);
  const [repo] = words;
  if (repo !== undefined && !isRepoName(repo)) return wrong(`${repo} is not the owner/name of a repository.`, terminal);
  try {
    const findings = await examine(
      repo,
      { settings: settingsOf(terminal.environment), clock, environment: terminal.environment },
      terminal,
    );
    terminal.write(switches.has("json") ? findingsJson(findings) : findingsText(findings, styleOf(terminal)));
    return worst(findings) === "error" ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${error.message}\n`);
    return 3;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate doctor --help says what there is.\n`);
  return 2;
}

function said(words: string, { write }: Terminal): number {
  write(words);
  return 0;
}

function styleOf({ columns, environment }: Terminal) {
  const isPlain = columns === undefined || (environment["NO_COLOR"] ?? "") !== "";
  return isPlain ? PLAIN : coloured(Math.min(100, columns));
}

/** Throws a UserError where GitHub cannot be reached at all. */
async function examine(
  repo: RepoName | undefined,
  parts: InspectionParts,
  terminal: Terminal,
): Promise<readonly Finding[]> {
  const tools = inspection(parts);
  const checkup = githubAppCheckup(tools.github);
  const { clock, environment, settings } = parts;
  const publicUrl = settings.PUBLIC_URL;
  const report = await lookAtApp({ checkup, gitVersion: () => gitVersion(environment), clock, publicUrl });
  if (report.app.kind === "unavailable" && report.skew.kind === "unavailable")
    throw new UserError(`GitHub cannot be reached at ${settings.GITHUB_API_URL}: ${report.app.reason}`);
  const ofApp = diagnoseApp(report, clock.now());
  if (report.app.kind === "unavailable") return ofApp;
  const examination: Examination = { ...parts, tools, checkup, report, terminal };
  const ofRepositories = repo === undefined ? await examineAll(examination) : await examineNamed(repo, examination);
  return unique([...ofApp, ...ofRepositories]);
}

type Examination = InspectionParts & {
  readonly tools: Inspection;
  readonly checkup: AppCheckup;
  readonly report: AppReport;
  readonly terminal: Terminal;
};

async function examineNamed(repo: RepoName, examination: Examination): Promise<readonly Finding[]> {
  const { checkup, report, settings } = examination;
  const asked = { repo, appId: settings.APP_ID, app: report.app };
  const found = await attempt(() => checkup.installationOf(repo));
  if (found.kind === "unavailable") return diagnoseRepository(uncovered(asked, found.reason));
  if (found.value === undefined) return diagnoseRepository(uncovered(asked));
  return examineRepository(repo, found.value, examination);
}

/** Every installation, and every repository of those that are not suspended. */
async function examineAll(examination: Examination): Promise<readonly Finding[]> {
  const { checkup, report } = examination;
  const installations = await attempt(checkup.installations);
  if (installations.kind === "unavailable") return [notLookedAt("Installation", "the App", installations.reason)];
  if (installations.value.length === 0) return [finding("no-installation", { about: "the App", found: NOWHERE })];
  const suspended = installations.value.filter((one) => one.suspended);
  const awake = installations.value.filter((one) => !one.suspended);
  const covered = await Promise.all(awake.map((installation) => repositoriesOf(installation, examination)));
  const findings = [
    ...suspended.flatMap((installation) => installationFindings(installation, report.app)),
    ...covered.flatMap(({ failures }) => failures),
  ];
  const places = covered.flatMap(({ repositories }) => repositories);
  for (const [index, { repo, installation }] of places.entries()) {
    examination.terminal.tell(`Looking at ${repo} (${index + 1} of ${places.length}) …\n`);
    // oxlint-disable-next-line no-await-in-loop -- one at a time: each is a clone of its own
    findings.push(...(await examineRepository(repo, installation, examination)));
  }
  return findings;
}

const NOWHERE = "The App is installed nowhere.";

type Covered = {
  readonly repositories: readonly { readonly repo: RepoName; readonly installation: InstallationFacts }[];
  readonly failures: readonly Finding[];
};

async function repositoriesOf(installation: InstallationFacts, { tools }: Examination): Promise<Covered> {
  const found = await attempt(() => tools.app.repositories(installation.id));
  return found.kind === "unavailable"
    ? { repositories: [], failures: [notLookedAt("Installation", installation.account, found.reason)] }
    : { repositories: found.value.map((repo) => ({ repo, installation })), failures: [] };
}

async function examineRepository(
  repo: RepoName,
  installation: InstallationFacts,
  { tools, report, settings, environment, clock }: Examination,
): Promise<readonly Finding[]> {
  const key = { installation: installation.id, repo };
  const now = clock.now;
  const operator = operatorOf(settings, environment);
  const asking = askingFor(settings, clock);
  const asked = { repo, appId: settings.APP_ID, app: report.app, installation };
  const seen = await lookAtRepository(asked, {
    checkup: githubRepositoryCheckup(tools.github, tools.app, key),
    forge: tools.app.forge(installation.id, repo),
    tree: () =>
      tools.through(key, ({ metrics, ...eyes }) =>
        lookAtTree({ eyes, operator, metrics, now, probe: (provider) => probeOf(provider, asking) }),
      ),
  });
  return diagnoseRepository(seen);
}

/** What several repositories have in common is said once. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}
