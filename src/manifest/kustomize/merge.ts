import type { Data } from "../data.ts";
import { entriesOf, isList, isMapping, textAt, type Values } from "./value.ts";

/** By which key items of a list are the same, by the list's own key; lists that are not named here are exchanged as a whole. */
const MERGE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["containers", ["name"]],
  ["initContainers", ["name"]],
  ["ephemeralContainers", ["name"]],
  ["env", ["name"]],
  ["volumes", ["name"]],
  ["volumeMounts", ["mountPath"]],
  ["volumeDevices", ["devicePath"]],
  ["imagePullSecrets", ["name"]],
  ["hostAliases", ["ip"]],
  ["topologySpreadConstraints", ["topologyKey"]],
  ["ports", ["containerPort", "port"]],
]);

const BUILT_IN: ReadonlySet<string> = new Set(["", "apps", "batch", "autoscaling", "policy", "networking.k8s.io"]);

/** Whether kustomize knows the kinds of a group, and so which items of their lists are the same. */
export function isBuiltIn(apiVersion: string | undefined): boolean {
  const group = apiVersion?.includes("/") === true ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return BUILT_IN.has(group);
}

/** An object after a strategic merge patch; undefined where the patch deletes it. */
export function merged(object: Values, patch: Values): Values | undefined {
  const directive = patch["$patch"];
  if (directive === "delete") return undefined;
  const knows = isBuiltIn(textAt(object, "apiVersion"));
  const next = mergedMapping(object, patch, knows);
  // A patch says what it is for by these; it renames nothing.
  const kept = { apiVersion: object["apiVersion"] ?? null, kind: object["kind"] ?? null };
  return { ...next, ...kept };
}

function mergedMapping(old: Values, patch: Values, knows: boolean): Values {
  if (patch["$patch"] === "replace") return withoutDirectives(patch);
  const next: Record<string, Data> = { ...old };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    const put = mergedValue(key, Object.hasOwn(old, key) ? old[key] : undefined, { value, knows });
    if (put === undefined) delete next[key];
    else next[key] = put;
  }
  return next;
}

type Given = { readonly value: Data; readonly knows: boolean };

function mergedValue(key: string, old: Data | undefined, { value, knows }: Given): Data | undefined {
  if (value === null) return undefined;
  if (isMapping(value)) {
    if (value["$patch"] === "delete") return undefined;
    return mergedMapping(isMapping(old) ? old : {}, value, knows);
  }
  if (!isList(value)) return value;
  const keys = knows ? (MERGE_KEYS.get(key) ?? []) : [];
  const by = keys.find((one) => value.some((item) => isMapping(item) && one in item));
  if (by === undefined || !isList(old)) return value.filter((item) => !isDirective(item)).map(plain);
  if (value.some((item) => isMapping(item) && item["$patch"] === "replace"))
    return value.filter((item) => !isDirective(item)).map(plain);
  return mergedList(old, value, by);
}

/** Items of the patch first, in its order; then those that it does not name, as kustomize does it. */
function mergedList(old: readonly Data[], patch: readonly Data[], by: string): Data {
  const keyOf = (item: Data): string | undefined => (isMapping(item) ? textAt(item, by) : undefined);
  const named = new Set(patch.map(keyOf));
  const own = patch.flatMap((item): readonly Data[] => {
    if (!isMapping(item)) return [item];
    if (item["$patch"] === "delete") return [];
    const before = old.find((one) => keyOf(one) === keyOf(item));
    return [mergedMapping(isMapping(before) ? before : {}, item, true)];
  });
  return [...own, ...old.filter((item) => !named.has(keyOf(item)))];
}

function isDirective(item: Data): boolean {
  return isMapping(item) && typeof item["$patch"] === "string";
}

function plain(item: Data): Data {
  return isMapping(item) ? withoutDirectives(item) : item;
}

function withoutDirectives(values: Values): Values {
  return Object.fromEntries(
    entriesOf(values).flatMap(([key, value]) => (key.startsWith("$") || value === null ? [] : [[key, plain(value)]])),
  );
}
