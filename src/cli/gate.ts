import { readFileSync } from "node:fs";
import { GitError } from "../adapters/git/error.ts";
import { ForgeError } from "../adapters/github/error.ts";
import { given, meant, type Given, type Terminal } from "./command-line.ts";
import { GATE_OPTIONS, readGateFile, readGateOptions, type Asked, type GateOptions } from "../config/gate-file.ts";
import { UserError } from "../core/error.ts";
import { isRepoName, type RepoName } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { askedOf, documentOf } from "./gate-document.ts";
import { gateText } from "./gate-text.ts";
import { shown } from "../manifest/services/table.ts";
import type { Clock } from "../ports/clock.ts";
import { knownIn, stagedOf } from "../render/why.ts";
import { settingsOf } from "../operator/settings.ts";
import { lookAt } from "./why.ts";

const USAGE = `Says what the gates say and why: errors, latency, gauges and templates, each with its verdict, the
sentence behind it and its numbers; with --explain every term that they are made of (docs/gates.md).
Nothing is written.

Usage: tidegate gate <owner/repo> <service[/target]> [options]
       tidegate gate --windows FILE.json [options]

  owner/repo         the GitOps repository, as it is now; told by the same environment variables as
                     tidegate start (docs/environment.md)
  service[/target]   in all its targets, or in this one
  --target TARGET    the same
  --windows FILE     closed windows and what else was asked, as --json writes them; nobody is asked anything
  --explain          every term: windows, mixtures, thresholds, power, guards, interval
  --json             one JSON object on stdout for each target, all terms in it; --windows reads one again
  --alpha NUMBER, --beta, --tolerance, --regression, --slo, --unhealthy, --dispersion, --power,
  --exactShare, --placeboLogE, --minimum, --noData
                     what errors are to be judged by instead, with --windows
  --help             this text

Exit status: 0; 1 where there is no such service, or it is not judged by errors now, 2 for wrong words or a
file that is not understood, 3 where nothing could be looked at.
`;

const VALUED = ["windows", "target", ...GATE_OPTIONS];

/** Runs `tidegate gate`; resolves to its exit status. */
export async function gate(args: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const parsed = given(args, { options: ["explain", "json", "help"], valued: VALUED, most: 2 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  if (parsed.value.switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  return parsed.value.values.has("windows") ? ofFile(parsed.value, terminal) : ofService(parsed.value, terminal, clock);
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate gate --help says what there is.\n`);
  return 2;
}

function ofFile({ words, values, switches }: Given, terminal: Terminal): number {
  if (words.length > 0 || values.has("target")) return wrong("--windows says of itself what it is about.", terminal);
  const options = readGateOptions(new Map([...values].filter(([name]) => name !== "windows")));
  if (options.kind === "err") return wrong(options.error, terminal);
  const read = fileAt(values.get("windows") ?? "", options.value);
  if (read.kind === "err") return wrong(read.error, terminal);
  return told([read.value], switches, terminal);
}

function fileAt(path: string, options: GateOptions): Result<Asked, string> {
  try {
    const read = readGateFile(readFileSync(path, "utf8"), options);
    return read.kind === "err" ? err(`${path}: ${read.error}`) : ok(read.value);
  } catch {
    return err(`${path} cannot be read.`);
  }
}

async function ofService(given: Given, terminal: Terminal, clock: Clock): Promise<number> {
  const place = placeIn(given);
  if (place.kind === "err") return wrong(place.error, terminal);
  const { environment } = terminal;
  try {
    const { snapshot } = await lookAt(place.value.repo, { settings: settingsOf(environment), clock, environment });
    return answer(snapshot, { ...place.value, now: clock.now(), switches: given.switches }, terminal);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ForgeError || error instanceof GitError)) throw error;
    terminal.tell(`${error.message}\n`);
    return 3;
  }
}

type Place = { readonly repo: RepoName; readonly wanted: string };

function placeIn({ words: [repo = "", service = ""], values }: Given): Result<Place, string> {
  const option = [...values.keys()].find((name) => name !== "target");
  if (option !== undefined) return err(`--${option} goes with --windows.`);
  if (repo === "") return err("Neither a repository nor --windows is said.");
  if (!isRepoName(repo)) return err(`${repo} is not the owner/name of a repository.`);
  const target = values.get("target");
  if (service === "") return err("Which service is not said.");
  return ok({ repo, wanted: target === undefined ? service : `${service}/${target}` });
}

type Wanted = Place & { readonly now: number; readonly switches: Given["switches"] };

function answer(snapshot: Snapshot, { repo, wanted, now, switches }: Wanted, terminal: Terminal): number {
  const staged = stagedOf(snapshot, { now, wanted });
  if (staged.length === 0)
    return none(`There is no service ${wanted} in ${repo}.${meant(wanted, knownIn(snapshot))}`, terminal);
  const asked = staged.flatMap(({ member, stage }) => askedOf(member, stage));
  const where = `tidegate why ${repo} ${wanted} says where it stands`;
  if (asked.length === 0) return none(`Errors of ${wanted} are not judged now: ${where}.`, terminal);
  return told(asked, switches, terminal);
}

function none(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\n`);
  return 1;
}

function told(asked: readonly Asked[], switches: Given["switches"], { write }: Terminal): number {
  const parts = asked.map((one) =>
    switches.has("json")
      ? `${JSON.stringify(documentOf(one), undefined, 2)}\n`
      : gateText(one, switches.has("explain")),
  );
  write(parts.join(switches.has("json") ? "" : "\n"));
  return 0;
}
