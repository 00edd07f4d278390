import type { Tree } from "../../yaml/tree.ts";
import {
  fieldPath,
  isWritten,
  replacementsIn,
  type FieldPath,
  type Selector,
  type Source,
  type Target,
} from "../images/replacement.ts";
import { GENERATORS } from "../images/scope.ts";
import type { Lines } from "./lines.ts";
import { entriesAt, itemsAt, textAt, textOf, textsAt } from "./node.ts";

/** A text that kustomize can copy from an object's field: literals of generators, data of ConfigMaps. */
export type Word = {
  readonly object: Selector;
  /** What prefixes and suffixes have made of the object's name. */
  readonly renamed?: string;
  readonly field: FieldPath;
  readonly value: string;
  readonly path: string;
  readonly line: number;
};

/** A text, and the line that says it. */
export type Text = Pick<Word, "value" | "path" | "line">;

/** What is copied where: from a field, or a text that stands in the replacement itself. */
export type CopyFact = { readonly targets: readonly Target[] } & (
  | { readonly source: Source }
  | { readonly text: Text }
);

/** A variable of kustomize: how texts ask for it, and the field that it stands for. */
export type VariableFact = { readonly name: string; readonly source: Source };

/** The variables of a file that a generator makes the data of an object of; the file as it is named. */
export type EnvFact = { readonly object: Selector; readonly file: string };

/** The replacements of a list of them, or of a file that holds some. */
export function copyFacts(path: string, tree: Tree | undefined, lines: Lines): readonly CopyFact[] {
  return replacementsIn(tree).flatMap(({ source, targets }): readonly CopyFact[] => {
    if (!isWritten(source)) return [{ source, targets }];
    const value = textOf(source);
    return value === undefined ? [] : [{ text: { value, path, line: lines.at(source.start) }, targets }];
  });
}

/** The `vars` of a kustomization. */
export function variableFacts(tree: Tree): readonly VariableFact[] {
  return itemsAt(tree, ["vars"]).flatMap((item) => {
    const name = textAt(item, ["name"]);
    if (name === undefined) return [];
    const field = textAt(item, ["fieldref", "fieldpath"]) ?? textAt(item, ["fieldref", "fieldPath"]) ?? "metadata.name";
    const [kind, of] = [textAt(item, ["objref", "kind"]), textAt(item, ["objref", "name"])];
    return [{ name, source: { kind, name: of, namespace: undefined, path: fieldPath(field), part: undefined } }];
  });
}

/** The literals of a kustomization's generators. */
export function literalWords(path: string, tree: Tree, lines: Lines): readonly Word[] {
  return generatorsOf(tree).flatMap(({ object, generator }) =>
    itemsAt(generator, ["literals"]).flatMap((item) => {
      const [, key, quoted, double, single] = LITERAL.exec(textOf(item) ?? "") ?? [];
      if (key === undefined || quoted === undefined) return [];
      return [{ object, field: ["data", key], value: double ?? single ?? quoted, path, line: lines.at(item.start) }];
    }),
  );
}

const LITERAL = /^([\w.-]+)=("(.*)"|'(.*)'|.*)$/;

/** The files of variables that a kustomization's generators read. */
export function envFacts(tree: Tree): readonly EnvFact[] {
  return generatorsOf(tree).flatMap(({ object, generator }) =>
    [...textsAt(generator, ["envs"]), ...[textAt(generator, ["env"])].filter((text) => text !== undefined)].map(
      (file) => ({ object, file }),
    ),
  );
}

function generatorsOf(tree: Tree): readonly { readonly object: Selector; readonly generator: Tree }[] {
  return GENERATORS.flatMap(({ key, kind }) =>
    itemsAt(tree, [key]).map((generator) => ({
      object: { kind, name: textAt(generator, ["name"]), namespace: textAt(generator, ["namespace"]) },
      generator,
    })),
  );
}

const MOST = 500;
const LONGEST = 512;

/** The texts of an object that is there to be copied from; none of any other. */
export function objectWords(path: string, tree: Tree, lines: Lines): readonly Word[] {
  const kind = textAt(tree, ["kind"]);
  const isLocal = textAt(tree, ["metadata", "annotations", "config.kubernetes.io/local-config"]) !== undefined;
  if (kind !== "ConfigMap" && !isLocal) return [];
  const object = { kind, name: textAt(tree, ["metadata", "name"]), namespace: textAt(tree, ["metadata", "namespace"]) };
  const words: Word[] = [];
  const add = (node: Tree, field: FieldPath): void => {
    const value = textOf(node);
    if (words.length >= MOST) return;
    if (value !== undefined && value.length <= LONGEST)
      words.push({ object, field, value, path, line: lines.at(node.start) });
    else if (node.kind === "map") for (const { key, value: inner } of node.entries) add(inner, [...field, key]);
    else if (node.kind === "list")
      for (const [index, item] of node.items.entries()) add(item, [...field, stepTo(item, index)]);
  };
  if (isLocal) add(tree, []);
  else for (const { key, value } of entriesAt(tree, ["data"])) add(value, ["data", key]);
  return words;
}

// Items are meant by their names, where they have some.
function stepTo(item: Tree, index: number): string {
  const name = textAt(item, ["name"]);
  return name === undefined ? String(index) : `[name=${name}]`;
}
