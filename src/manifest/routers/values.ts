import { isWeight, type Weight } from "../../core/weight.ts";
import { look, lookCount, lookMapping, pathText, type YamlPath } from "../../yaml/look.ts";
import { attempt, refuse, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Mapping } from "../../yaml/tree.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { insertKey } from "../insert.ts";
import { set } from "../scalar.ts";
import type { RouteOf, Router } from "./router.ts";

const WHOLE = 100;

/**
 * The share as a whole number at a path of keys in a Helm values file. One that is missing is refused when it is read, because what the chart takes
 * for it is not known here, and added when it is set, if the mapping around it is there.
 */
export const VALUES: Router = {
  read: (file, of) => attempt(() => shareAt(readValues(file), pathOf(of))),
  set: (file, of, weight) =>
    attempt(() => {
      const source = readValues(file);
      const path = pathOf(of);
      return isWritten(source, path) ? written(source, path, weight) : added(source, path, weight);
    }),
};

// A backslash before a dot makes it part of a key, as with Helm's `--set`.
function pathOf({ at }: RouteOf): YamlPath {
  if (at === undefined || at === "") throw new Error("The values router is given no path.");
  return at.split(/(?<!\\)\./).map((key) => key.replaceAll("\\.", "."));
}

function readValues(file: TextFile): Source {
  const source = readSource(file);
  if (source.documents.length === 1) return source;
  return refuse(source, 0, `${source.documents.length} documents`, "a values file is one mapping");
}

function isWritten(source: Source, path: YamlPath): boolean {
  const root = rootOf(source);
  // Whatever is on the way, a list or a single value, is no place for a key.
  const missing = path.keys().find((length) => lookMapping(source, root, path.slice(0, length)) === undefined);
  if (missing === undefined) return look(source, root, path) !== undefined;
  return refuse(
    source,
    0,
    "nothing",
    `${pathText(path.slice(0, missing))} is missing, and ${pathText(path)} stands in it`,
  );
}

function rootOf({ documents: [root], ...file }: Source): Mapping {
  return root?.kind === "map" ? root : refuse(file, 0, "no mapping", "a values file is one mapping");
}

function shareAt(source: Source, path: YamlPath): Weight {
  const value = isWritten(source, path) ? lookCount(source, rootOf(source), path, WHOLE) : undefined;
  if (isWeight(value)) return value;
  return refuse(source, 0, "nothing", `${pathText(path)} is missing: write 0, whatever the chart would take for it`);
}

function written(source: Source, path: YamlPath, weight: Weight): string {
  if (shareAt(source, path) === weight) return source.text;
  return edited(source, set(source, NO_EDIT, { document: 0, path, value: weight }));
}

function added(source: Source, path: YamlPath, weight: Weight): string {
  const addition = { key: String(path.at(-1)), value: weight, slot: { kind: "last" } } as const;
  return edited(source, insertKey(source, NO_EDIT, { document: 0, path: path.slice(0, -1) }, addition));
}
