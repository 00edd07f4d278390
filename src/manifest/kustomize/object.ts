import type { Data } from "../data.ts";
import { at, isMapping, textAt, textsAt, type Values } from "./value.ts";

/** An object as kustomize has it at some point, and where it comes from. */
export type Built = {
  readonly value: Values;
  /** What it was called before, and where: patches and references may still call it so. */
  readonly before: readonly { readonly name: string; readonly namespace: string | undefined }[];
  readonly path: string;
  /** From 1. */
  readonly line: number;
};

export function kindOf({ value }: Built): string {
  return textAt(value, "kind") ?? "";
}

export function nameOf({ value }: Built): string {
  return textAt(value, "metadata", "name") ?? "";
}

export function namespaceOf({ value }: Built): string | undefined {
  return textAt(value, "metadata", "namespace");
}

export function groupOf({ value }: Built): string {
  const version = textAt(value, "apiVersion") ?? "";
  return version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
}

/** Whether an object is or was called so. */
export function isCalled(object: Built, name: string): boolean {
  return nameOf(object) === name || object.before.some((one) => one.name === name);
}

/** The object with another value; names that it loses are remembered. */
export function becoming(object: Built, value: Values): Built {
  const next = { ...object, value };
  if (nameOf(next) === nameOf(object) && namespaceOf(next) === namespaceOf(object)) return next;
  return { ...next, before: [...object.before, { name: nameOf(object), namespace: namespaceOf(object) }] };
}

/** The object with another value where that is a mapping. */
export function becomingData(object: Built, value: Data | undefined): Built {
  return isMapping(value) ? becoming(object, value) : object;
}

/** What a patch or a replacement is for: texts that kustomize takes for anchored regular expressions. */
export type Selector = {
  readonly group: string | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly annotationSelector: string | undefined;
};

/** The selector that a mapping writes. */
export function selectorIn(data: Data | undefined): Selector {
  return {
    group: textAt(data, "group"),
    kind: textAt(data, "kind"),
    name: textAt(data, "name"),
    namespace: textAt(data, "namespace"),
    labelSelector: textAt(data, "labelSelector"),
    annotationSelector: textAt(data, "annotationSelector"),
  };
}

/** Whether a selector means an object, by any name that it has had. */
export function isSelected(selector: Selector, object: Built): boolean {
  const names = [{ name: nameOf(object), namespace: namespaceOf(object) }, ...object.before];
  return (
    fits(selector.group, groupOf(object)) &&
    fits(selector.kind, kindOf(object)) &&
    names.some(({ name, namespace }) => fits(selector.name, name) && fitsNamespace(selector.namespace, namespace)) &&
    fitsLabels(selector.labelSelector, textsAt(object.value, "metadata", "labels")) &&
    fitsLabels(selector.annotationSelector, textsAt(object.value, "metadata", "annotations"))
  );
}

function fitsNamespace(wanted: string | undefined, namespace: string | undefined): boolean {
  return wanted === undefined || fits(wanted, namespace ?? "default") || fits(wanted, namespace ?? "");
}

const LONGEST = 200;

/** Whether a text is what is wanted, or matches it as a whole. */
export function fits(wanted: string | undefined, found: string): boolean {
  if (wanted === undefined || wanted === "" || wanted === found) return true;
  const simple = expressionOf(wanted);
  return simple?.test(found) ?? false;
}

// Only expressions that cannot take long: characters, `.` and `.*`, alternatives of them, their ends.
function expressionOf(wanted: string): RegExp | undefined {
  if (wanted.length > LONGEST || !/^[\^(]{0,2}(?:[\w\-/]|\.[*+]?|\|)*[)$]{0,2}$/.test(wanted)) return undefined;
  if ((wanted.match(/[*+]/g) ?? []).length > 3) return undefined;
  const inner = wanted.replace(/^[\^(]+/, "").replace(/[)$]+$/, "");
  return new RegExp(`^(?:${inner})$`);
}

/** Label selectors as Kubernetes writes them: equalities, and keys that are there or not. */
function fitsLabels(selector: string | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined || selector === "") return true;
  return selector.split(",").every((part) => {
    const [, key = "", operator, value = ""] = /^\s*([^=!\s]+)\s*(?:(==|=|!=)\s*(\S*))?\s*$/.exec(part) ?? [];
    if (part.trim().startsWith("!")) return !(part.trim().slice(1) in labels);
    if (operator === undefined) return key in labels;
    return operator === "!=" ? labels[key] !== value : labels[key] === value;
  });
}

/** The list at a path of keys, with each item that is a mapping. */
export function mappingsAt(data: Data | undefined, ...path: readonly string[]): readonly Values[] {
  const list = at(data, ...path);
  return Array.isArray(list) ? list.filter((item: Data) => isMapping(item)) : [];
}
