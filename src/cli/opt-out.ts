import { openRepository, show, SHARED_OPTIONS, textsOfWish, writeTexts } from "./opting.ts";
import { given, type Given, type Terminal } from "./command-line.ts";
import { UserError } from "../core/error.ts";
import { shown } from "../manifest/services/table.ts";
import { optOut as giveBack } from "../opt-in/opt-out.ts";
import { refusedText } from "../opt-in/refused.ts";

const USAGE = `Takes a service off its template: says, as a diff, what to write so that everything is as it was before it
was opted in; what people have changed since stays (docs/opt-in.md). Refused while a release is under way.

Usage: tidegate opt-out <service> [options]

  service        as its state file is called
  --target T     this target, or several with commas between (default: all)
  --in folder    a checkout, or a folder in one (default: this folder)
  --write        write the files into the work tree
  --json         one JSON object on stdout
  --help         this text

Exit status: 0; 1 where it is refused, 2 for wrong words and for what cannot be read.
`;

/** Runs `tidegate opt-out`; resolves to its exit status. */
export async function optOut(args: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = given(args, { options: SHARED_OPTIONS.switches, valued: SHARED_OPTIONS.valued, most: 1 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches } = parsed.value;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const [service] = words;
  if (service === undefined) return wrong("Which service? Its state file bears its name.", terminal);
  try {
    return await run(service, parsed.value, terminal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${shown(error.message)}\n`);
    return 2;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${shown(what)}\ntidegate opt-out --help says what there is.\n`);
  return 2;
}

async function run(
  service: string,
  { switches, values }: Given,
  { write, tell, ...terminal }: Terminal,
): Promise<number> {
  const repository = await openRepository(values.get("in") ?? ".", { write, tell, ...terminal });
  const done = giveBack(repository.ground, { service, targets: values.get("target")?.split(",") });
  const isJson = switches.has("json");
  if (done.kind === "err") {
    if (isJson) write(`${JSON.stringify({ version: 1, refused: done.error }, undefined, 2)}\n`);
    else tell(`${done.error.map((one) => show(refusedText(one))).join("\n")}\n`);
    return 1;
  }
  const { files, targets, first, remarks } = done.value;
  if (switches.has("write")) writeTexts(repository, files);
  if (isJson) {
    write(
      `${JSON.stringify({ version: 1, service, targets, first, files: textsOfWish(files), remarks }, undefined, 2)}\n`,
    );
    return 0;
  }
  const said = remarks.map(({ path, line, says }) => `  ${path}:${line}: ${says}\n`).join("");
  const written = switches.has("write") ? "Written; commit it." : "Nothing is written yet: --write writes it.";
  const next =
    first.length === 0
      ? written
      : `${written}\nThis is the first of two steps in ${first.join(", ")}: once all pods of the Deployment are ready there, the same command writes the second.`;
  write(
    `${service} off its template, in ${targets.join(", ")}:\n\n${show(await repository.diff(files))}\n${show(said)}${next}\n`,
  );
  return 0;
}
