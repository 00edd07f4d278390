import { existsSync } from "node:fs";
import { GitError } from "../adapters/git/error.ts";
import { ForgeError } from "../adapters/github/error.ts";
import { placedTargets } from "../config/target-patterns.ts";
import { UserError } from "../core/error.ts";
import { CATALOGUE, isRule, type RuleId } from "../lint/catalogue.ts";
import { lintRepository, type Linted } from "../lint/lint.ts";
import { sarifOf } from "../lint/sarif.ts";
import { countsOf, lintedText, rulesText } from "../lint/text.ts";
import { isWanted, takeInventory, type Inventory, type Listing } from "../manifest/services/inventory.ts";
import { shown } from "../manifest/services/table.ts";
import { version } from "../operator/version.ts";
import type { Clock } from "../ports/clock.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";
import { checkoutAt, rootOf } from "./checkout.ts";
import { given, meant, type Terminal } from "./command-line.ts";
import { commitAt } from "./commit-at.ts";

const USAGE = `Says where the manifests of a GitOps repository would lose traffic in a release, or could not be trusted
with one: each pitfall with its place, why it matters and what mends it (docs/lint.md). Nothing is
written, and no cluster is asked.

Usage: tidegate lint [folder | owner/repo] [options]

  folder        a checkout, or a folder in one (default: this folder); what lies on disk is read
  owner/repo    a repository that the App is installed on; needs the environment of tidegate start
  --service S   this service only
  --rule R      this rule only
  --rules       which rules there are
  --strict      fail where there are warnings, too
  --json        one JSON object on stdout (docs/lint.md)
  --sarif       a SARIF log on stdout, for code scanning
  --help        this text

A comment in a manifest allows a finding: # tidegate-lint: allow <rule> because <reason>

Exit status: 0 without errors; 1 where there are some; 2 for wrong words and for what cannot be read.
`;

const GRAMMAR = { options: ["rules", "strict", "json", "sarif", "help"], valued: ["service", "rule"], most: 1 };

/** Runs `tidegate lint`; resolves to its exit status. */
export async function lint(args: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const parsed = given(args, GRAMMAR);
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches, values } = parsed.value;
  if (switches.has("help") || switches.has("rules")) {
    terminal.write(switches.has("help") ? USAGE : `${rulesText()}\n`);
    return 0;
  }
  const rule = values.get("rule");
  if (rule !== undefined && !isRule(rule))
    return wrong(`There is no rule ${shown(rule)}.${meant(rule, Object.keys(CATALOGUE))}`, terminal);
  if (switches.has("json") && switches.has("sarif")) return wrong("Say --json or --sarif.", terminal);
  const asked = { place: words[0] ?? ".", rule, service: values.get("service") };
  return answer(asked, switches, { terminal, clock });
}

type World = { readonly terminal: Terminal; readonly clock: Clock };
type Asked = Wanted & { readonly place: string };

async function answer({ place, rule, service }: Asked, switches: ReadonlySet<string>, world: World): Promise<number> {
  try {
    const { inventory, read } = existsSync(place) ? onDisk(place, world.terminal) : await onGitHub(place, world);
    const linted = narrowed(lintRepository(inventory, read), { rule, service: serviceIn(inventory, service) });
    world.terminal.write(outputOf(linted, place, switches));
    return statusOf(linted, switches.has("strict"));
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ForgeError || error instanceof GitError)) throw error;
    world.terminal.tell(`${shown(error.message)}\n`);
    return 2;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate lint --help says what there is.\n`);
  return 2;
}

type Read = (path: string) => string | undefined;
type Files = { readonly inventory: Inventory; readonly read: Read };

function onDisk(folder: string, terminal: Terminal): Files {
  const { listing, text } = checkoutAt(rootOf(folder));
  const known = new Map<string, string | undefined>();
  const read = (path: string): string | undefined => {
    if (!known.has(path)) known.set(path, text(path));
    return known.get(path);
  };
  return taken(listing, read, terminal);
}

async function onGitHub(place: string, world: World): Promise<Files> {
  const { listing, texts } = await commitAt(place, undefined, world);
  const all = await texts([...listing.keys()]);
  return taken(listing, (path) => all.get(path), world.terminal);
}

function taken(listing: Listing, read: Read, { tell }: Terminal): Files {
  const config = read(CONFIG_PATH);
  const { patterns, problems } = placedTargets(config === undefined ? undefined : { path: CONFIG_PATH, text: config });
  for (const problem of problems)
    tell(`The configuration is not read, and its targets do not count: ${shown(problem)}\n`);
  const wanted = (path: string) => (isWanted(path, patterns) ? read(path) : undefined);
  return { inventory: takeInventory(listing, wanted, patterns), read };
}

function serviceIn({ fleet }: Inventory, name: string | undefined): string | undefined {
  const names = fleet.services.map((service) => service.name);
  if (name === undefined || names.includes(name)) return name;
  throw new UserError(`There is no service ${name}.${meant(name, names)}`);
}

type Wanted = { readonly rule: RuleId | undefined; readonly service: string | undefined };

function narrowed(linted: Linted, { rule, service }: Wanted): Linted {
  const isMeant = (one: Linted["findings"][number]) =>
    (rule === undefined || one.rule === rule) && (service === undefined || one.services.includes(service));
  return { ...linted, findings: linted.findings.filter(isMeant), allowed: linted.allowed.filter(isMeant) };
}

function outputOf(linted: Linted, repository: string, switches: ReadonlySet<string>): string {
  if (switches.has("sarif")) return `${JSON.stringify(sarifOf(linted, version()), undefined, 2)}\n`;
  if (!switches.has("json")) return lintedText(linted);
  const { findings, allowed: suppressed, refusals } = linted;
  const document = { version: 1, repository, ...countsOf(linted), findings, suppressed, refusals };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function statusOf(linted: Linted, isStrict: boolean): number {
  const { errors, warnings } = countsOf(linted);
  return errors > 0 || linted.refusals.length > 0 || (isStrict && warnings > 0) ? 1 : 0;
}
