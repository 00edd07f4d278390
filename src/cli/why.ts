import { githubAppCheckup } from "../adapters/github/checkup.ts";
import { ForgeError } from "../adapters/github/error.ts";
import { GitError } from "../adapters/git/error.ts";
import { given, meant, type Terminal } from "./command-line.ts";
import { UserError } from "../core/error.ts";
import { isRepoName, type RepoName } from "../core/names.ts";
import { inspection, type InspectionParts } from "./inspection.ts";
import type { Clock } from "../ports/clock.ts";
import { look, type Look } from "../reconcile/look.ts";
import { whyText } from "../render/why-text.ts";
import { whyJson, whysOf } from "../render/why.ts";
import { settingsOf } from "../operator/settings.ts";

const USAGE = `Says what stands between a service and its next merge: the sentence of its check, and everything
that is missing. Nothing is written. It is told by the same environment variables as tidegate start
(docs/environment.md).

Usage: tidegate why <owner/repo> [service[/target]] [options]

  owner/repo         the GitOps repository
  service[/target]   this service only, or only in this target; without it, all that do not rest
  --json             one JSON object on stdout: what the checks say, records and all
  --help             this text

Exit status: 0; 1 where there is no such service, 2 for wrong words, 3 where nothing could be
looked at.
`;

/** Runs `tidegate why`; resolves to its exit status. */
export async function why(args: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const parsed = given(args, { options: ["json", "help"], most: 2 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches } = parsed.value;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const [repo = "", wanted] = words;
  if (repo === "") return wrong("Which repository is not said.", terminal);
  if (!isRepoName(repo)) return wrong(`${repo} is not the owner/name of a repository.`, terminal);
  const { environment } = terminal;
  try {
    const parts = { settings: settingsOf(environment), clock, environment };
    return answer(await lookAt(repo, parts), { wanted, isJson: switches.has("json"), ...parts }, terminal);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ForgeError || error instanceof GitError)) throw error;
    terminal.tell(`${error.message}\n`);
    return 3;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate why --help says what there is.\n`);
  return 2;
}

/** One look at a repository by the operator's settings; a UserError where no installation of the App covers it. */
export async function lookAt(repo: RepoName, parts: InspectionParts): Promise<Look> {
  const { github, through } = inspection(parts);
  const installation = await githubAppCheckup(github).installationOf(repo);
  if (installation === undefined) throw new UserError(`No installation of the App covers ${repo}.`);
  if (installation.suspended) throw new UserError(`The installation on ${installation.account} is suspended.`);
  const key = { installation: installation.id, repo };
  return through(key, (sight) => look(key, sight));
}

type Question = InspectionParts & { readonly wanted: string | undefined; readonly isJson: boolean };

function answer({ snapshot }: Look, { wanted, isJson, settings, clock }: Question, terminal: Terminal): number {
  const whys = whysOf(snapshot, { now: clock.now(), site: settings.GITHUB_URL, wanted });
  if (wanted !== undefined && whys.members.length === 0 && whys.refusals.length === 0) {
    terminal.tell(`There is no service ${wanted} in ${snapshot.repo}.${meant(wanted, whys.known)}\n`);
    return 1;
  }
  terminal.write(isJson ? whyJson(whys) : whyText(whys, Math.min(100, terminal.columns ?? 100)));
  return 0;
}
