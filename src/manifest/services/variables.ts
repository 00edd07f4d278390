import type { ImageInUse, Place } from "./model.ts";
import { useOf } from "./rendered.ts";

/** A variable that texts elsewhere ask for, and where it gets its value. */
export type Variable = Place & { readonly key: string; readonly value: string };

/** An image reference that waits for variables; `set` is where it is written. */
export type Waiting = { readonly of: string; readonly raw: string; readonly set: Place };

// As shells, Flux and compose write them: ${NAME}, ${NAME:-value}, $NAME.
const VARIABLE = /\$\{(\w+)(?::?[-=]([^}]*))?\}|\$(\w+)/g;

/** Whether a text asks for a variable. */
export function asksForVariable(text: string): boolean {
  return text.search(VARIABLE) !== -1;
}

/** A text with the variables that are known, and with what it says for those that are not. */
export function withVariables(text: string, variables: readonly Variable[]): string {
  return text.replace(
    VARIABLE,
    (whole, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
      variables.find(({ key }) => key === (braced ?? bare))?.value ?? fallback ?? whole,
  );
}

/** The image of a reference, and the line that says its version: that of its last variable. None where a variable has no value. */
export function filledImage({ of, raw, set }: Waiting, variables: readonly Variable[]): readonly ImageInUse[] {
  const last = [...raw.matchAll(VARIABLE)].at(-1);
  const said = variables.find(({ key }) => key === (last?.[1] ?? last?.[3]));
  const place = said === undefined ? set : { path: said.path, line: said.line };
  return [useOf(withVariables(raw, variables), of, place) ?? []].flat();
}

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\s]*))/;

/** The variables of a file of the kind that compose reads: NAME=value. */
export function variablesIn(path: string, text: string): readonly Variable[] {
  return text.split("\n").flatMap((line, index) => {
    const [, key, double, single, bare] = ASSIGNMENT.exec(line) ?? [];
    return key === undefined ? [] : [{ key, value: double ?? single ?? bare ?? "", path, line: index + 1 }];
  });
}
