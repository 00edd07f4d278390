import { isName, type Name } from "../../core/names.ts";
import { look, lookText, type YamlPath } from "../../yaml/look.ts";
import { quote, refuse } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";

/** The name that an object refers to. Refuses one that is missing, or is none. */
export function nameAt(source: Source, tree: Tree, path: YamlPath): Name {
  const text = lookText(source, tree, path);
  if (isName(text)) return text;
  const found = text === undefined ? "no name" : `the name ${quote(text)}`;
  return refuse(source, look(source, tree, path) ?? tree, found, "a name has lower-case letters, digits and dashes");
}
