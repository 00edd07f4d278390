import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { checkoutAt, rootOf, type Checkout } from "./checkout.ts";
import { given, meant, type Given, type Terminal } from "./command-line.ts";
import { checkConfig, checkedText, checkShared } from "./config-check.ts";
import { explainConfig, explainedText, overviewText, type Explained } from "./config-explain.ts";
import { proposed, SCHEMA_FILE } from "./config-init.ts";
import { problemText } from "../config/document.ts";
import { extendsOf } from "../config/extended.ts";
import { configSchema, jsonText } from "../config/json-schema.ts";
import { parseShared, SHARED_PATH, type Shared } from "../config/shared-config.ts";
import { UserError } from "../core/error.ts";
import { deliveredIn } from "./delivered.ts";
import { sharedTextAt } from "./extended-at.ts";
import { shown } from "../manifest/services/table.ts";
import { operatorOf } from "../operator/operator.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";
import { metricsSettingsOf } from "../operator/settings.ts";
import type { TextFile } from "../yaml/refusal.ts";

const USAGE = `Checks, explains or proposes .github/tidegate.yml in a checkout (docs/configuration.md). Files are read as
they lie on disk, what is not committed included; nothing is asked over a network.

Usage: tidegate config check [folder | file] [--extends place] [--json]
       tidegate config explain [service[/target]] [--in folder] [--extends place] [--json]
       tidegate config init [folder] [--write]

  check     every problem with its line, what stands there and what may; names that nothing goes by are
            warnings, secrets that are named and not in this environment are notes. Where METRICS_HOSTS
            is set, other hosts are problems. The checkout's own templates are checked as well.
  explain   what goes for a service in a target: each key, its value, and the line that says it
  init      a first configuration for what is found in the checkout, with a comment for each line; --write
            writes it, and beside it the JSON Schema that its first line names; what is there stays

  folder    a checkout, or a folder in one (default: this folder)
  --in      the same for explain
  file      another file to be read as the configuration of the checkout that it lies in; one that is
            called tidegate-org.yml is checked as what other repositories extend
  --extends a checkout of the repository that the configuration extends, or the file in it
  --json    one JSON object on stdout
  --help    this text

Exit status: 0; 1 where check finds a problem, where explain finds a target in which no release begins, and
where init would write over a configuration; 2 for wrong words and for what cannot be read.
`;

type Verb = {
  readonly grammar: Parameters<typeof given>[1];
  readonly run: (given: Given, terminal: Terminal) => number;
};

const VERBS: ReadonlyMap<string, Verb> = new Map([
  ["check", { grammar: { options: ["json", "help"], valued: ["extends"], most: 1 }, run: check }],
  ["explain", { grammar: { options: ["json", "help"], valued: ["in", "extends"], most: 1 }, run: explain }],
  ["init", { grammar: { options: ["write", "help"], most: 1 }, run: init }],
]);

/** Runs `tidegate config`; resolves to its exit status. */
export function config(args: readonly string[], terminal: Terminal): Promise<number> {
  return Promise.resolve(run(args, terminal));
}

function run([name = "", ...rest]: readonly string[], terminal: Terminal): number {
  const verb = VERBS.get(name);
  if (["--help", "-h"].includes(name)) return help(terminal);
  if (verb === undefined)
    return wrong(`config does ${[...VERBS.keys()].join(", ")}.${meant(name, [...VERBS.keys()])}`, terminal);
  const parsed = given(rest, verb.grammar);
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  if (parsed.value.switches.has("help")) return help(terminal);
  try {
    return verb.run(parsed.value, terminal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${error.message.split("\n").map(shown).join("\n")}\n`);
    return 2;
  }
}

function help({ write }: Terminal): number {
  write(USAGE);
  return 0;
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate config --help says what there is.\n`);
  return 2;
}

type Place = { readonly checkout: Checkout; readonly path: string; readonly text: string | undefined };

/** The checkout that a folder or a file is in, and the text of its configuration. Throws a UserError where there is neither. */
function placeAt(word: string): Place {
  if (!existsSync(word)) throw new UserError(`There is no folder and no file ${word}.`);
  if (statSync(word).isDirectory()) {
    const root = rootOf(word);
    const checkout = checkoutAt(root);
    const isShared = !checkout.listing.has(CONFIG_PATH) && checkout.listing.has(SHARED_PATH);
    const path = isShared ? SHARED_PATH : CONFIG_PATH;
    return { checkout, path, text: checkout.text(path) };
  }
  const file = resolve(word);
  const root = rootOf(basename(dirname(file)) === ".github" ? dirname(dirname(file)) : dirname(file));
  const path = relative(root, file).split(sep).join("/");
  const checkout = checkoutAt(root);
  return { checkout, path, text: checkout.text(path) };
}

function fileIn({ path, text }: Place): TextFile {
  if (text !== undefined) return { path, text };
  throw new UserError(`There is no ${path} that can be read; tidegate config init proposes one.`);
}

/** What a configuration extends, as a checkout of that repository has it. Throws a UserError where it cannot be read. */
function sharedIn(place: string | undefined, file: TextFile): Shared | undefined {
  if (place === undefined) return undefined;
  const shared = parseShared(extendsOf(file) ?? place, sharedTextAt(place));
  if (shared.kind === "ok") return shared.value;
  throw new UserError(shared.error.map(problemText).join("\n"));
}

function check({ words, switches, values }: Given, terminal: Terminal): number {
  const { environment } = terminal;
  const place = placeAt(words[0] ?? ".");
  const operator = operatorOf(metricsSettingsOf(environment), environment);
  const file = fileIn(place);
  const shared = sharedIn(values.get("extends"), file);
  const isShared = basename(file.path) === basename(SHARED_PATH);
  const checked = isShared ? checkShared(file) : checkConfig(file, { checkout: place.checkout, operator, shared });
  terminal.write(
    switches.has("json")
      ? `${JSON.stringify({ version: 1, file: file.path, remarks: checked }, undefined, 2)}\n`
      : checkedText(file.path, checked),
  );
  return checked.some(({ severity }) => severity === "problem") ? 1 : 0;
}

function explain({ words, switches, values }: Given, terminal: Terminal): number {
  const { environment } = terminal;
  const place = placeAt(values.get("in") ?? ".");
  const file = fileIn(place);
  const operator = operatorOf(metricsSettingsOf(environment), environment);
  const shared = sharedIn(values.get("extends"), file);
  const all = explainConfig(file, { checkout: place.checkout, operator, shared }, words[0]);
  terminal.write(
    switches.has("json")
      ? `${JSON.stringify({ version: 1, file: file.path, members: all.map(document) }, undefined, 2)}\n`
      : words[0] === undefined
        ? overviewText(all)
        : all.map((one) => explainedText(file.path, one)).join("\n"),
  );
  return all.some(({ rows }) => rows.kind === "err") ? 1 : 0;
}

function document({ service, target, rows }: Explained): object {
  return rows.kind === "err" ? { service, target, refused: rows.error } : { service, target, effective: rows.value };
}

function init({ words, switches }: Given, terminal: Terminal): number {
  const { environment } = terminal;
  const root = rootOf(folderAt(words[0] ?? "."));
  const operator = operatorOf(metricsSettingsOf(environment), environment);
  const checkout = checkoutAt(root);
  const { members } = deliveredIn(checkout, undefined);
  const text = proposed({ members, checkout, host: operator.hosts[0] });
  if (!switches.has("write")) {
    terminal.write(text);
    return 0;
  }
  if (existsSync(join(root, CONFIG_PATH))) {
    terminal.tell(`${CONFIG_PATH} is there already, and stays.\n`);
    return 1;
  }
  const schema = join(dirname(CONFIG_PATH), SCHEMA_FILE);
  const files = [
    [CONFIG_PATH, text],
    ...(existsSync(join(root, schema)) ? [] : [[schema, jsonText(configSchema(operator.forms))]]),
  ];
  mkdirSync(join(root, dirname(CONFIG_PATH)), { recursive: true });
  for (const [path = "", content = ""] of files) writeFileSync(join(root, path), content, { flag: "wx" });
  terminal.write(
    `Written; commit it when its comments are answered:\n${files.map(([path]) => `  ${path}\n`).join("")}`,
  );
  return 0;
}

function folderAt(word: string): string {
  if (existsSync(word) && statSync(word).isDirectory()) return word;
  throw new UserError(`There is no folder ${word}.`);
}
