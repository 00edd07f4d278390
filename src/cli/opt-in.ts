import { chosenTemplate } from "./opt-in-template.ts";
import { openRepository, show, SHARED_OPTIONS, textsOfWish, writeTexts, type Repository } from "./opting.ts";
import { planText } from "./opt-in-plan.ts";
import { given, type Given, type Terminal } from "./command-line.ts";
import { UserError } from "../core/error.ts";
import { isName } from "../core/names.ts";
import type { Result } from "../core/result.ts";
import { err, ok } from "../core/result.ts";
import { shown } from "../manifest/services/table.ts";
import type { Conversion, Refused, Wish } from "../opt-in/model.ts";
import { optIn as convert } from "../opt-in/opt-in.ts";
import { refusedText } from "../opt-in/refused.ts";

const USAGE = `Puts a service on a template: says what to write, as a diff, with what is to be known of it and how its
releases would go; or in which line what speaks against it stands (docs/opt-in.md). Files are read as they
lie on disk; nothing is written unless you ask for it, and nothing is ever committed.

Usage: tidegate opt-in <service> [param=value …] [options]

  service        as tidegate services calls it; of several with one name, service@folder
  param=value    of the template's parameters (tidegate templates <name> lists them)
  --template T   the template; without, the only one that fits the route that the service has
  --target T     this target, or several with commas between (default: all that it has)
  --namespace N  where it runs, if nothing in the repository says it
  --in folder    a checkout, or a folder in one (default: this folder)
  --write        write the files into the work tree
  --json         one JSON object on stdout
  --help         this text

Exit status: 0; 1 where it is refused, 2 for wrong words and for what cannot be read.
`;

/** Runs `tidegate opt-in`; resolves to its exit status. */
export async function optIn(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = {
    options: SHARED_OPTIONS.switches,
    valued: [...SHARED_OPTIONS.valued, "template", "namespace"],
    most: 100,
  };
  const parsed = given(args, options);
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  if (parsed.value.switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const words = wordsIn(parsed.value);
  if (words.kind === "err") return wrong(words.error, terminal);
  try {
    return await run(parsed.value, words.value, terminal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${error.message.split("\n").map(shown).join("\n")}\n`);
    return 2;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate opt-in --help says what there is.\n`);
  return 2;
}

type Words = Pick<Wish, "service" | "parameters" | "namespace">;

function wordsIn({ words, values }: Given): Result<Words, string> {
  const [service, ...rest] = words;
  if (service === undefined) return err("Which service? tidegate services lists them.");
  const odd = rest.find((word) => !/^[A-Za-z][\w-]*=/.test(word));
  if (odd !== undefined) return err(`${odd} is no param=value.`);
  const namespace = values.get("namespace");
  if (namespace !== undefined && !isName(namespace))
    return err("--namespace takes a name of lower-case letters, digits and dashes.");
  const parameters = new Map(rest.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
  return ok({ service, parameters, namespace });
}

async function run({ switches, values }: Given, words: Words, terminal: Terminal): Promise<number> {
  const repository = await openRepository(values.get("in") ?? ".", terminal);
  const targets = values.get("target")?.split(",");
  const chosen = chosenTemplate(repository, { ...words, targets, named: values.get("template") });
  const isJson = switches.has("json");
  if (chosen.kind === "err") return refuse(chosen.error, { isJson, terminal });
  const done = convert(repository.ground, { ...words, targets, template: chosen.value });
  if (done.kind === "err") return refuse(done.error, { isJson, terminal });
  if (switches.has("write")) writeTexts(repository, done.value.files);
  if (isJson) terminal.write(`${JSON.stringify(documentOf(done.value), undefined, 2)}\n`);
  else {
    const { targets: all, standing } = done.value;
    const isHandover = chosen.value.drive.kind === "rollout" && standing.length < all.length;
    terminal.write(await textOf(repository, done.value, { isWritten: switches.has("write"), isHandover, terminal }));
  }
  return 0;
}

type Answering = { readonly isJson: boolean; readonly terminal: Terminal };

function refuse(refused: readonly Refused[], { isJson, terminal }: Answering): number {
  if (isJson) terminal.write(`${JSON.stringify({ version: 1, refused }, undefined, 2)}\n`);
  else terminal.tell(`${refused.map((one) => show(refusedText(one))).join("\n")}\n`);
  return 1;
}

function documentOf({ service, files, template, targets, first, standing, remarks, plan }: Conversion): object {
  return { version: 1, service, template, targets, first, standing, files: textsOfWish(files), remarks, plan };
}

/** `isHandover`: a Rollout's pods join those of the Deployment by it, or take their place. */
type Written = { readonly isWritten: boolean; readonly isHandover: boolean; readonly terminal: Terminal };

async function textOf(
  repository: Repository,
  done: Conversion,
  { isWritten, isHandover, terminal }: Written,
): Promise<string> {
  const { service, files, template, targets, first, standing, remarks } = done;
  const diff = await repository.diff(files);
  const said = remarks.map(
    ({ target, path, line, says }) => `  ${target === undefined ? "" : `${target}: `}${path}:${line}: ${says}`,
  );
  const stays =
    standing.length > 0 ? "no traffic moves by it while no version is on its way" : "no traffic moves by it";
  const moves = isHandover ? "requests go to other pods of the same version by it" : stays;
  const when = standing.length > 0 ? "while no version is on its way" : "in a quiet hour";
  const next = isWritten
    ? `Written. Next: tidegate config check, then commit it and merge it ${when}: ${moves}.`
    : `Nothing is written yet: --write writes it, and ${moves}.`;
  const then =
    first.length === 0
      ? ""
      : `This is the first of two steps in ${first.join(", ")}: once all pods of the Rollout are ready there, the same command writes the second.\n`;
  return [
    `${service} on ${template}, in ${targets.join(", ")}:\n`,
    show(diff),
    ...(said.length === 0 ? [] : [`To be known:\n\n${show(said.join("\n"))}\n`]),
    planText(repository, done, terminal),
    `${next}\n${then}`,
  ].join("\n");
}
