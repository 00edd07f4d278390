import { closest } from "../../core/closest.ts";
import { peek } from "../../yaml/look.ts";
import { lineAt, quote, refuse, type TextFile } from "../../yaml/refusal.ts";
import type { Tree } from "../../yaml/tree.ts";

/** A value in a file: where it stands, and how it is called. */
export type Field = { readonly file: TextFile; readonly tree: Tree; readonly path: string };

/** The line (from 1) of a field. */
export function lineOf({ file, tree }: Field): number {
  return lineAt(file.text, tree.start);
}

/** Refuses the field for what is found in it. */
export function wrong(field: Field, why: string): never {
  const { file, tree } = field;
  const text = file.text.slice(tree.start, Math.min(tree.end, tree.start + 200)).trim();
  return refuse(file, tree, text === "" ? "nothing" : quote(text), why);
}

/** The field of a mapping; undefined where it is not there or null. */
export function part({ file, tree, path }: Field, key: string): Field | undefined {
  const found = peek(tree, [key]);
  if (found === undefined || (found.kind === "scalar" && found.value === null)) return undefined;
  return { file, tree: found, path: path === "" ? key : `${path}.${key}` };
}

/** The same, where it must be there. */
export function needed(field: Field, key: string): Field {
  return part(field, key) ?? refuse(field.file, field.tree, `no ${key}`, `${field.path} needs ${key}`);
}

/** The items of a list; none where it is not there. */
export function items(field: Field | undefined): readonly Field[] {
  if (field === undefined) return [];
  const { file, tree, path } = field;
  if (tree.kind !== "list") return wrong(field, `${path} is a list`);
  return tree.items.map((item, index) => ({ file, tree: item, path: `${path}[${index}]` }));
}

/** Text; a number or a yes without quotes is none. */
export function text(field: Field): string {
  const { tree, path } = field;
  if (tree.kind !== "scalar" || typeof tree.value !== "string")
    return wrong(field, `${path} is text (in quotes, if it looks like a number)`);
  return tree.value;
}

export function textAt(field: Field, key: string): string | undefined {
  const found = part(field, key);
  return found === undefined ? undefined : text(found);
}

export function yesAt(field: Field, key: string): boolean {
  const found = part(field, key);
  if (found === undefined) return false;
  const value = found.tree.kind === "scalar" ? found.tree.value : undefined;
  return typeof value === "boolean" ? value : wrong(found, `${found.path} is true or false`);
}

export function numberAt(field: Field, key: string): number | undefined {
  const found = part(field, key);
  if (found === undefined) return undefined;
  const value = found.tree.kind === "scalar" ? found.tree.value : undefined;
  return typeof value === "number" ? value : wrong(found, `${found.path} is a number`);
}

/** The keys of a mapping. */
export function keysOf(field: Field): readonly Field[] {
  const { file, tree, path } = field;
  if (tree.kind !== "map") return wrong(field, `${path} is a mapping`);
  return tree.entries.map(({ key, start }) => ({
    file,
    tree: {
      kind: "scalar",
      start,
      end: start + key.length,
      oddity: undefined,
      style: "plain",
      value: key,
      source: key,
    },
    path: key,
  }));
}

/** What a key that is none of those known was probably meant to be. */
export function meantKey(key: string, known: readonly string[]): string {
  const meant = closest(key, known);
  return meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
}

/** The value as JSON has it. */
export function plain({ tree }: Field): unknown {
  return valueOf(tree);
}

function valueOf(tree: Tree): unknown {
  if (tree.kind === "map") return Object.fromEntries(tree.entries.map(({ key, value }) => [key, valueOf(value)]));
  if (tree.kind === "list") return tree.items.map(valueOf);
  return tree.kind === "scalar" ? tree.value : undefined;
}
