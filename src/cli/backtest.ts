import { ForgeError } from "../adapters/github/error.ts";
import { GitError } from "../adapters/git/error.ts";
import { metricsOf, podGaugesOf, podsOf } from "../adapters/metrics/provider.ts";
import { lastDays, playedOver } from "../backtest/member.ts";
import { readPast } from "../backtest/read.ts";
import { backtestJson, backtestText } from "../backtest/text.ts";
import { asked, type Asked } from "./backtest-words.ts";
import { given, type Terminal } from "./command-line.ts";
import { commitAt } from "./commit-at.ts";
import { baseAt } from "./extended-at.ts";
import { UserError } from "../core/error.ts";
import { sharedWeights } from "../core/plan.ts";
import { shown } from "../manifest/services/table.ts";
import { askingFor, operatorOf } from "../operator/operator.ts";
import type { Clock } from "../ports/clock.ts";
import { NOTHING_TO_PLAY } from "../render/step.ts";
import { memberOf } from "./played-member.ts";
import { metricsSettingsOf } from "../operator/settings.ts";

const USAGE = `Plays releases over a service's past: how often the gate would have blocked a release of nothing new, what it
would have found, how long a good step takes, and what cannot be decided at this traffic; proposes what to
write for this service (docs/backtest.md). Nothing is written.

Usage: tidegate backtest [folder | owner/repo] <service>[/<target>] [options]

  folder                   a clone, or a folder in one (default: this folder); what is committed is read
  owner/repo               a repository that the App is installed on; needs the environment of tidegate start
  --days N                 so much of the past, 1 to 30 days (default 8)
  --exclude FROM/TO,...    incidents to leave out, such as 2026-11-18T09:00Z/2026-11-18T10:30Z; releases are seen
  --releases-per-month N   (default: as many as the past shows, or 20)
  --pod-label LABEL        the label of the request counter that names pods (default pod)
  --seed N                 all chance follows from it (default 1)
  --at REF                 another commit than HEAD of a clone
  --extends PLACE          of a clone: a checkout of the repository that the configuration extends, or the file in it
  --json                   one JSON object on stdout (docs/backtest.md)
  --help                   this text

In a clone it needs METRICS_HOSTS and the like alone (docs/environment.md).

Exit status: 0 where the gate can be trusted as it is configured; 1 where something is to change, or cannot
be told or decided, or where there is no such service; 2 for wrong words, 3 where nothing could be looked at.
`;

const VALUED = ["days", "exclude", "releases-per-month", "pod-label", "seed", "at", "extends"];

/** Runs `tidegate backtest`; resolves to its exit status. */
export async function backtest(args: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const parsed = given(args, { options: ["json", "help"], valued: VALUED, most: 2 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  if (parsed.value.switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const question = asked(parsed.value);
  if (question.kind === "err") return wrong(question.error, terminal);
  try {
    return await answer(question.value, terminal, clock);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ForgeError || error instanceof GitError)) throw error;
    terminal.tell(`${shown(error.message)}\n`);
    return 3;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate backtest --help says what there is.\n`);
  return 2;
}

async function answer(question: Asked, terminal: Terminal, clock: Clock): Promise<number> {
  const settings = metricsSettingsOf(terminal.environment);
  const commit = await commitAt(question.place, question.at, { terminal, clock });
  const { extended } = question;
  const based = extended === undefined ? commit : { ...commit, baseOf: baseAt(extended) };
  const found = await memberOf(based, question, operatorOf(settings, terminal.environment));
  if (found.kind === "err") {
    terminal.tell(`${shown(found.error)}\n`);
    return 1;
  }
  const member = found.value;
  if (sharedWeights(member.policy).length === 0) {
    terminal.tell(`${member.service} · ${member.target}: ${NOTHING_TO_PLAY}\n`);
    return 1;
  }
  const asking = askingFor(settings, clock);
  const reader = {
    metrics: metricsOf(member.provider, asking),
    pods: podsOf(member.provider, asking, question.podLabel),
    gauges: podGaugesOf(member.provider, asking),
    progress: (part: number, of: number) =>
      terminal.tell(`Reading ${member.service} · ${member.target}, part ${part} of ${of} …\n`),
  };
  const past = await readPast(lastDays(member, question.days, clock.now()), reader);
  if (past.kind === "unavailable") throw new UserError(`The past cannot be read. ${past.reason}`);
  terminal.tell("Playing releases over it …\n");
  const result = playedOver(member, past.value, { ...question, hasPods: reader.pods !== undefined });
  const print = question.isJson ? backtestJson : backtestText;
  terminal.write(print(member, result));
  return result.concerns.length === 0 ? 0 : 1;
}
