import { peek } from "../../yaml/look.ts";
import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Lines } from "./lines.ts";
import { entriesAt, isTrueAt, itemsAt, textAt, textOf, textsAt } from "./node.ts";
import type {
  ApplicationSet,
  ArgoApplication,
  ArgoProject,
  ArgoSettings,
  ArgoSource,
  Generator,
  IgnoredFields,
  Parameters,
} from "./object-facts.ts";

/** What an Application's spec says of its sources and its destination; its images are found apart. */
export function argoApplication(name: string, spec: Tree | undefined, lines: Lines): ArgoApplication {
  const one = peek(spec, ["source"]);
  const sources = [...(one === undefined ? [] : [one]), ...itemsAt(spec, ["sources"])];
  return {
    kind: "argo-application",
    name,
    sources: sources.map(argoSource),
    namespace: textAt(spec, ["destination", "namespace"]),
    cluster: textAt(spec, ["destination", "name"]) ?? textAt(spec, ["destination", "server"]),
    project: textAt(spec, ["project"]),
    isAutomated: isAutomated(spec),
    ignored: itemsAt(spec, ["ignoreDifferences"]).map((item) => ignoredFields(item, lines)),
    isIgnoringRespected: textsAt(spec, ["syncPolicy", "syncOptions"]).includes("RespectIgnoreDifferences=true"),
    images: [],
  };
}

// An empty mapping switches it on; `enabled: false`, since Argo CD 3.1, off again.
function isAutomated(spec: Tree | undefined): boolean {
  const automated = peek(spec, ["syncPolicy", "automated"]);
  if (automated?.kind !== "map") return false;
  const enabled = peek(automated, ["enabled"]);
  return enabled?.kind !== "scalar" || enabled.value !== false;
}

function ignoredFields(item: Tree, lines: Lines): IgnoredFields {
  return {
    line: lines.at(item.start),
    group: textAt(item, ["group"]) ?? "",
    kind: textAt(item, ["kind"]) ?? "",
    name: textAt(item, ["name"]),
    namespace: textAt(item, ["namespace"]),
    ...fieldsIn(item),
  };
}

function fieldsIn(tree: Tree | undefined): Pick<IgnoredFields, "pointers" | "expressions"> {
  return { pointers: textsAt(tree, ["jsonPointers"]), expressions: textsAt(tree, ["jqPathExpressions"]) };
}

const IGNORING = /^resource\.customizations\.ignoreDifferences\.(?:(?<all>all)|(?:(?<group>[^_]*)_)?(?<kind>[^_]+))$/;

/** What the ConfigMap of Argo CD's settings has it leave out everywhere. */
export function argoSettings({ path }: Pick<TextFile, "path">, tree: Tree, lines: Lines): ArgoSettings {
  const ignored = entriesAt(tree, ["data"]).flatMap(({ key, start, value }): readonly IgnoredFields[] => {
    const groups = IGNORING.exec(key)?.groups;
    const text = textOf(value);
    if (groups === undefined || text === undefined) return [];
    const written = attempt(() => readSource({ path, text }));
    if (written.kind === "err") return [];
    const { group = groups["all"] === undefined ? "" : "*", kind = "*" } = groups;
    const fields = fieldsIn(written.value.documents[0]);
    return [{ line: lines.at(start), group, kind, name: undefined, namespace: undefined, ...fields }];
  });
  return { kind: "argo-settings", ignored };
}

/** The times in which a project's Applications may be synced, or may not. */
export function argoProject(tree: Tree, lines: Lines): ArgoProject {
  const windows = itemsAt(tree, ["spec", "syncWindows"]).map((item) => ({
    line: lines.at(item.start),
    isDenied: textAt(item, ["kind"]) === "deny",
    schedule: textAt(item, ["schedule"]) ?? "",
    duration: textAt(item, ["duration"]) ?? "",
    applications: textsAt(item, ["applications"]),
  }));
  return { kind: "argo-project", windows };
}

function argoSource(tree: Tree): ArgoSource {
  return {
    repo: textAt(tree, ["repoURL"]),
    path: textAt(tree, ["path"]),
    chart: textAt(tree, ["chart"]),
    release: textAt(tree, ["helm", "releaseName"]),
    valueFiles: textsAt(tree, ["helm", "valueFiles"]),
    isRecursive: textAt(tree, ["directory", "recurse"]) === "true" || isTrueAt(tree, ["directory", "recurse"]),
    revision: textAt(tree, ["targetRevision"]),
  };
}

/** What an ApplicationSet says: its generators and its template. */
export function applicationSet(tree: Tree, lines: Lines): ApplicationSet {
  const name = textAt(tree, ["spec", "template", "metadata", "name"]) ?? textAt(tree, ["metadata", "name"]) ?? "";
  return {
    kind: "application-set",
    generators: itemsAt(tree, ["spec", "generators"]).flatMap((item) => generatorOf(item, MOST_NESTED)),
    template: argoApplication(name, peek(tree, ["spec", "template", "spec"]), lines),
    images: [],
  };
}

// Argo CD itself allows a generator in a generator, and no further.
const MOST_NESTED = 3;

function generatorOf(item: Tree, depth: number): readonly Generator[] {
  if (depth === 0 || item.kind !== "map") return [];
  return item.entries.flatMap(({ key, value }): readonly Generator[] => {
    const parts = () => itemsAt(value, ["generators"]).flatMap((part) => generatorOf(part, depth - 1));
    if (key === "list")
      return [{ kind: "list", elements: itemsAt(value, ["elements"]).map((element) => flat(element)) }];
    if (key === "git") return gitGenerators(value);
    if (key === "matrix") return [{ kind: "matrix", parts: parts() }];
    if (key === "merge") return [{ kind: "merge", parts: parts(), by: textsAt(value, ["mergeKeys"]) }];
    if (key === "selector" || key === "template") return [];
    return [{ kind: "unknown", what: key, values: valuesOf(value) }];
  });
}

function gitGenerators(tree: Tree): readonly Generator[] {
  const values = valuesOf(tree);
  return (["directories", "files"] as const).flatMap((key): readonly Generator[] => {
    const items = itemsAt(tree, [key]);
    if (items.length === 0) return [];
    const paths = (isExcluded: boolean) =>
      items
        .filter((item) => isTrueAt(item, ["exclude"]) === isExcluded)
        .flatMap((item) => textAt(item, ["path"]) ?? []);
    return [{ kind: key === "files" ? "files" : "folders", include: paths(false), exclude: paths(true), values }];
  });
}

function valuesOf(tree: Tree): Parameters {
  return Object.fromEntries(
    entriesAt(tree, ["values"]).flatMap(({ key, value }) => {
      const text = textOf(value);
      return text === undefined ? [] : [[`values.${key}`, text]];
    }),
  );
}

/** A mapping as flat parameters: `cluster.name`, `hosts[0]`. */
export function flat(tree: Tree, prefix = ""): Parameters {
  return Object.fromEntries(flatEntries(tree, prefix));
}

function flatEntries(tree: Tree, prefix: string): readonly (readonly [string, string])[] {
  if (tree.kind === "map") {
    const named = (key: string) => (prefix === "" ? key : `${prefix}.${key}`);
    return tree.entries.flatMap(({ key, value }) => flatEntries(value, named(key)));
  }
  if (tree.kind === "list") return tree.items.flatMap((item, index) => flatEntries(item, `${prefix}[${index}]`));
  const text = tree.kind === "scalar" ? (textOf(tree) ?? booleanText(tree.value)) : undefined;
  return text === undefined ? [] : [[prefix, text]];
}

function booleanText(value: unknown): string | undefined {
  return typeof value === "boolean" ? String(value) : undefined;
}
