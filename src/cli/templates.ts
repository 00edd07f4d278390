import { existsSync, statSync } from "node:fs";
import { checkoutAt, rootOf, type Checkout } from "./checkout.ts";
import { given, meant, type Terminal } from "./command-line.ts";
import { libraryText, templatesDocument, templateText } from "./templates-text.ts";
import { UserError } from "../core/error.ts";
import { shown } from "../manifest/services/table.ts";
import { shippedTemplates } from "../operator/shipped-templates.ts";
import { isOwnTemplate, libraryOf, type Library } from "../template/library.ts";

const USAGE = `Lists the templates that services can be put on, Tidegate's and those of a repository under
.tidegate/templates, or shows one with all that may be said to it (docs/templates.md).

Usage: tidegate templates [name] [options]

  name          one template
  --in folder   a checkout, or a folder in one (default: this folder); files are read as they lie on disk
  --json        one JSON object on stdout
  --help        this text

Exit status: 0; 1 where there is no such template, or one of the repository's cannot be used; 2 for wrong words.
`;

/** Runs `tidegate templates`; resolves to its exit status. */
export function templates(args: readonly string[], terminal: Terminal): Promise<number> {
  return Promise.resolve(run(args, terminal));
}

function run(args: readonly string[], terminal: Terminal): number {
  const parsed = given(args, { options: ["json", "help"], valued: ["in"], most: 1 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches, values } = parsed.value;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const folder = values.get("in") ?? ".";
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    return wrong(`There is no folder ${shown(folder)}.`, terminal);
  try {
    return answer(libraryIn(checkoutAt(rootOf(folder))), { name: words[0], isJson: switches.has("json") }, terminal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${shown(error.message)}\n`);
    return 2;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate templates --help says what there is.\n`);
  return 2;
}

/** Tidegate's templates and those of a checkout. */
export function libraryIn({ listing, text }: Checkout): Library {
  const paths = [...listing.keys()].filter(isOwnTemplate).toSorted();
  return libraryOf(
    shippedTemplates(),
    paths.map((path) => ({ path, text: text(path) ?? "" })),
  );
}

const WIDEST = 100;

function answer(
  library: Library,
  { name, isJson }: { readonly name: string | undefined; readonly isJson: boolean },
  { write, tell, columns }: Terminal,
): number {
  const { problems } = library;
  const status = problems.length > 0 ? 1 : 0;
  if (name === undefined) {
    const all = [...library.templates.values()];
    write(isJson ? jsonText(templatesDocument(all, problems)) : `${libraryText(library)}\n`);
    return status;
  }
  const found = library.templates.get(name);
  if (found === undefined) {
    tell(`There is no template ${shown(name)} that can be used.${meant(name, [...library.templates.keys()])}\n`);
    return 1;
  }
  const width = Math.min(WIDEST, columns ?? WIDEST);
  write(isJson ? jsonText(templatesDocument([found], [])) : `${templateText(found, width)}\n`);
  return 0;
}

function jsonText(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
