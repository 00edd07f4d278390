import { quote } from "../../yaml/refusal.ts";
import type { Tree } from "../../yaml/tree.ts";
import { wrong, type Field } from "./fields.ts";

/** Values of arguments by name. */
export type Values = ReadonlyMap<string, string>;

/** The metric with every {{args.name}} in its texts replaced. Refused throws where one is not known: Argo does not run such a metric either. */
export function substituted(field: Field, values: Values, missing: Missing = () => undefined): Field {
  return { ...field, tree: within(field, field.tree, { values, missing, key: "" }) };
}

/** What stands in for an argument that has no value yet, by its name and the key at which it is used. */
export type Missing = (name: string, key: string) => string | undefined;

type Filling = { readonly values: Values; readonly missing: Missing; readonly key: string };

function within(field: Field, tree: Tree, filling: Filling): Tree {
  switch (tree.kind) {
    case "map":
      return {
        ...tree,
        entries: tree.entries.map((entry) => ({
          ...entry,
          value: within(field, entry.value, { ...filling, key: entry.key }),
        })),
      };
    case "list":
      return { ...tree, items: tree.items.map((item) => within(field, item, filling)) };
    case "scalar":
      if (typeof tree.value !== "string" || !tree.value.includes("{{")) return tree;
      return { ...tree, value: filled({ ...field, tree }, tree.value, filling) };
    default:
      return tree;
  }
}

function filled(field: Field, text: string, { values, missing, key }: Filling): string {
  const whole = text.replaceAll(/\{\{(.*?)\}\}/gs, (_, tag: string) => {
    const name = /^args\.(.*)$/s.exec(tag.trim())?.[1];
    const value = name === undefined ? undefined : (values.get(name) ?? missing(name, key));
    return value ?? wrong(field, `{{${quote(tag.trim()).slice(1, -1)}}} stands for nothing: ${known(values)}`);
  });
  const rest = text.replaceAll(/\{\{.*?\}\}/gs, "");
  return rest.includes("{{") ? wrong(field, "a {{ has no }}") : whole;
}

function known(values: Values): string {
  return values.size === 0
    ? "no arguments are declared"
    : `known are ${[...values.keys()].map((name) => `args.${name}`).join(", ")}`;
}
