/** What a person may ask for in a comment or with a check's button. */
export type Verb = "abort" | "hold" | "resume" | "promote" | "status" | "help";

/** A line that was understood. `reason` is clean (no control or bidirectional characters) and at most 200 characters. */
export type Command =
  | { readonly verb: "abort" | "hold"; readonly reason: string | undefined }
  | { readonly verb: "resume" | "promote" | "status" | "help" };

/** A line that was meant for us and is not understood. Words of others, such as `/lgtm`, are no errors. */
export type CommandError =
  | { readonly kind: "unknownCommand"; readonly word: string; readonly didYouMean: Verb }
  | { readonly kind: "unexpectedArgument"; readonly command: Verb; readonly argument: string }
  | { readonly kind: "tooManyCommands"; readonly limit: number };

/** Tells the two apart: only a command has a `verb`, only an error a `kind`. */
export function isCommand(parsed: Command | CommandError): parsed is Command {
  return "verb" in parsed;
}
