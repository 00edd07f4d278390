import { attempt, type Refusal, type TextFile } from "../yaml/refusal.ts";
import { readSource } from "../yaml/source.ts";
import type { Result } from "../core/result.ts";
import { edited, NO_EDIT } from "../manifest/edit.ts";
import { removeItem, removeKey } from "../manifest/remove.ts";
import { itemsAt, textOf } from "../manifest/services/node.ts";
import { ownedEntry, withOwnedEntries, type OwnedKey } from "../manifest/layouts/kustomize.ts";

/** Whether a kustomization has the entries of an owned folder, by the folder's path from it. */
export function hasEntries(file: TextFile, folder: string): boolean {
  const source = attempt(() => readSource(file));
  const [root] = source.kind === "ok" ? source.value.documents : [];
  return itemsAt(root, ["resources"]).some((item) => textOf(item) === folder);
}

/**
 * The kustomization without the entries of an owned folder: the very text of before, where adding them to it gives what is there now; else what the editor
 * of manifests makes of it, which leaves what people have changed since.
 */
export function withoutEntries(
  file: TextFile,
  folder: string,
  keys: readonly OwnedKey[] = ["resources", "transformers"],
): Result<string, Refusal> {
  return attempt(() => {
    const text = keys.reduceRight((taken, key) => withoutEntry({ ...file, text: taken }, key, folder), file.text);
    const ours = keys.map((key) => ownedEntry(key, folder));
    const exact = cut(file.text, ours).find((one) => isBefore({ ...file, text: one }, file.text, { folder, keys }));
    return exact ?? text;
  });
}

type Entered = { readonly folder: string; readonly keys: readonly OwnedKey[] };

function isBefore(before: TextFile, now: string, { folder, keys }: Entered): boolean {
  const again = attempt(() => withOwnedEntries(before, folder, keys));
  return again.kind === "ok" && again.value === now;
}

/** The text without the lines that are ours, with and without a blank line beside them. */
function cut(text: string, ours: readonly string[]): readonly string[] {
  const lines = text.split(/(?<=\n)/);
  const isOurs = (line: string) => {
    const item = line
      .trim()
      .replace(/^-\s+/, "")
      .replace(/^(["'])(.*)\1$/, "$2");
    return ours.includes(item);
  };
  const without = lines.flatMap((line, index) => {
    if (isOurs(line)) return [];
    const next = lines[index + 1];
    const isEmptied =
      /^["']?(?:transformers|resources)["']?:\s*$/.test(line) &&
      next !== undefined &&
      isOurs(next) &&
      !isItem(lines[index + 2]);
    return isEmptied ? [] : [line];
  });
  const joined = without.join("");
  return [joined, joined.replace(/\r?\n$/, ""), joined.replace(/(?:\r?\n)+$/, "\n")];
}

function isItem(line: string | undefined): boolean {
  return line !== undefined && /^\s*-\s/.test(line);
}

function withoutEntry(file: TextFile, key: OwnedKey, folder: string): string {
  const source = readSource(file);
  const entry = ownedEntry(key, folder);
  const items = itemsAt(source.documents[0], [key]);
  const index = items.findIndex((item) => textOf(item) === entry);
  if (index === -1) return file.text;
  const at = { document: 0, path: [] };
  const draft =
    items.length === 1
      ? removeKey(source, NO_EDIT, at, key)
      : removeItem(source, NO_EDIT, { ...at, path: [key] }, index);
  return edited(source, draft);
}
