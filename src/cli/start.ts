import { given, type Terminal } from "./command-line.ts";

const USAGE = `Runs the App until a signal ends it; what is under way is finished first.

Usage: tidegate start [options]

  --env FILE   variables that the environment does not say, NAME=value by line; .env in this folder
               is read where no other is named and the environment names no App
  --help       this text

tidegate setup writes such a file; docs/environment.md lists every variable. npm start is the same.

Exit status: 0 after a signal, 1 where it could not start, 2 for wrong words.
`;

/** Runs `tidegate start`; resolves to its exit status where it ends by itself. The environment is whole: its file has been read. */
export async function start(args: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = given(args, { options: ["help"], most: 0 });
  if (parsed.kind === "err") {
    terminal.tell(`${parsed.error}\ntidegate start --help says what there is.\n`);
    return 2;
  }
  if (parsed.value.switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  // The program is loaded for this command alone: the others start sooner.
  const { serve } = await import("../main.ts");
  return serve(terminal.environment);
}
