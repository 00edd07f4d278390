import type { Data } from "../data.ts";
import { at, isList, isMapping, itemsOf, textAt } from "./value.ts";

/** A value after the operations of a JSON patch (RFC 6902); undefined where one of them has no place. */
export function operated(value: Data, operations: readonly Data[]): Data | undefined {
  return operations.reduce<Data | undefined>(
    (now, operation) => (now === undefined ? undefined : operatedOnce(now, operation)),
    value,
  );
}

function operatedOnce(value: Data, operation: Data): Data | undefined {
  const path = pointer(textAt(operation, "path") ?? "");
  const given = at(operation, "value") ?? null;
  switch (textAt(operation, "op")) {
    case "add":
      return edited(value, path, { kind: "add", value: given });
    case "replace":
      return edited(value, path, { kind: "replace", value: given });
    case "remove":
      return edited(value, path, { kind: "remove" });
    case "test":
      return value;
    case "copy":
    case "move":
      return taken(value, path, operation);
    default:
      return undefined;
  }
}

function taken(value: Data, path: readonly string[], operation: Data): Data | undefined {
  const from = pointer(textAt(operation, "from") ?? "");
  const found = from.reduce<Data | undefined>((here, part) => childOf(here, part), value);
  if (found === undefined) return undefined;
  const rest = textAt(operation, "op") === "move" ? edited(value, from, { kind: "remove" }) : value;
  return rest === undefined ? undefined : edited(rest, path, { kind: "add", value: found });
}

function pointer(text: string): readonly string[] {
  return text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

type Edit = { readonly kind: "add" | "replace"; readonly value: Data } | { readonly kind: "remove" };

function childOf(value: Data | undefined, part: string): Data | undefined {
  if (isList(value)) return /^\d+$/.test(part) ? value[Number(part)] : undefined;
  return at(value, part);
}

function edited(value: Data, path: readonly string[], edit: Edit): Data | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return edit.kind === "remove" ? undefined : edit.value;
  if (rest.length === 0) return isList(value) ? editedList(value, part, edit) : editedMapping(value, part, edit);
  const child = childOf(value, part);
  const inner = child === undefined ? undefined : edited(child, rest, edit);
  if (inner === undefined) return undefined;
  if (isList(value)) return value.with(Number(part), inner);
  return isMapping(value) ? { ...value, [part]: inner } : undefined;
}

function editedMapping(value: Data, key: string, edit: Edit): Data | undefined {
  if (!isMapping(value)) return undefined;
  if (edit.kind === "add") return { ...value, [key]: edit.value };
  if (!Object.hasOwn(value, key)) return undefined;
  if (edit.kind === "replace") return { ...value, [key]: edit.value };
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function editedList(value: readonly Data[], part: string, edit: Edit): Data | undefined {
  const items = itemsOf(value);
  if (part === "-") return edit.kind === "remove" ? undefined : [...items, edit.value];
  const index = /^\d+$/.test(part) ? Number(part) : -1;
  if (edit.kind === "add")
    return index < 0 || index > items.length
      ? undefined
      : [...items.slice(0, index), edit.value, ...items.slice(index)];
  if (index < 0 || index >= items.length) return undefined;
  return edit.kind === "replace" ? items.with(index, edit.value) : items.filter((_, place) => place !== index);
}
