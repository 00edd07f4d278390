import type { Result } from "../../core/result.ts";
import { attempt, lineAt, refuse, Refused, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Data } from "../data.ts";
import type { Evaluated, Read } from "../kustomize/evaluate.ts";
import type { Built } from "../kustomize/object.ts";
import { at, dataOf, isMapping, itemsOf, textAt, textsAt, type Values } from "../kustomize/value.ts";
import { baseOf, isUnder, within } from "../services/paths.ts";
import { given, OURS, type Templates } from "./run.ts";
import { templatesIn, type Defined } from "./tree.ts";
import { mergedValues, valuesIn, withDefaults } from "./values.ts";

/** A chart of the repository: its folder, and the files below it. */
export type Chart = { readonly folder: string; readonly paths: readonly string[]; readonly read: Read };

/** A chart's release: what it is called, where it is, and its values, of which the last count most. */
export type Release = { readonly name: string; readonly namespace: string; readonly values: readonly Values[] };

/** What a chart makes as a release, and the values that it does it with. */
export type Charted = Evaluated & { readonly values: Values };

/**
 * Makes the objects of a chart as Helm does, those of its tests left out. Refused where anything in it is not read here for certain: charts within, functions that ask a
 * cluster, a clock or chance, definitions of kinds.
 */
export function rendered(chart: Chart, release: Release): Result<Charted, Refusal> {
  return attempt(() => {
    const said = chartOf(chart);
    const templates = templatesOf(chart, textAt(said, "name") ?? "");
    const defaults = valuesAt(chart, "values.yaml");
    const values = withDefaults(defaults, mergedValues(release.values));
    const objects = [...templates.own].flatMap(([name, file]) => {
      const root = {
        ...rootOf(said, release, values),
        Template: {
          Name: name,
          BasePath: name.slice(0, name.indexOf("/templates/") + "/templates".length),
          [OURS]: true,
        },
      };
      return objectsIn(file, given(templates.all, name, root));
    });
    return { objects, open: [], reads: chart.paths, values };
  });
}

function textOf({ read }: Chart, path: string): TextFile {
  return { path, text: read(path) ?? "" };
}

function valuesAt(chart: Chart, name: string): Values {
  const values = valuesIn(textOf(chart, within(chart.folder, name)));
  if (values.kind === "err") throw new Refused(values.error);
  return values.value;
}

function chartOf(chart: Chart): Values {
  const { folder, paths } = chart;
  const file = textOf(chart, within(folder, "Chart.yaml"));
  const said = valuesAt(chart, "Chart.yaml");
  const within_ = (name: string) => paths.find((path) => path.startsWith(`${within(folder, name)}/`));
  const others = itemsOf(said["dependencies"]).length > 0 || within_("charts") !== undefined;
  if (others || paths.includes(within(folder, "requirements.yaml")))
    refuse(file, 0, "charts within it", "what these make is not read here");
  if (textAt(said, "type") === "library") refuse(file, 0, "a library", "it makes nothing by itself");
  const kinds = within_("crds");
  if (kinds !== undefined)
    refuse(textOf(chart, kinds), 0, "a definition of a kind", "a cluster has it once, and both releases would own it");
  const ignoring = textOf(chart, within(folder, ".helmignore"));
  if (/^[^#\n]*templates/m.test(ignoring.text))
    refuse(ignoring, 0, "templates that are left out", "which, is not read here");
  return said;
}

type Both = { readonly all: Templates; readonly own: ReadonlyMap<string, TextFile> };

/** All that is defined, and the files that give objects, by the names that Helm calls them. */
function templatesOf(chart: Chart, called: string): Both {
  const folder = within(chart.folder, "templates");
  const all = new Map<string, Defined>();
  const own = new Map<string, TextFile>();
  for (const path of chart.paths.filter((one) => isUnder(one, folder)).toSorted()) {
    const file = textOf(chart, path);
    const name = `${called}/templates/${path.slice(folder.length + 1)}`;
    if (baseOf(path) === "NOTES.txt") continue;
    for (const [key, defined] of templatesIn(file, name)) {
      if (all.has(key)) refuse(file, 0, `the template ${key} again`, "which one counts is not read here");
      all.set(key, defined);
    }
    if (!baseOf(path).startsWith("_")) own.set(name, file);
  }
  return { all, own };
}

const CHART_KEYS = ["name", "version", "appVersion", "description", "type", "apiVersion"];

function rootOf(said: Values, { name, namespace }: Release, values: Values): Values {
  const own = CHART_KEYS.map(
    (key) => [`${key.slice(0, 1).toUpperCase()}${key.slice(1)}`, textAt(said, key) ?? ""] as const,
  );
  return {
    Values: values,
    Chart: { ...Object.fromEntries(own), [OURS]: true },
    Release: { Name: name, Namespace: namespace, Service: "Helm", [OURS]: true },
    [OURS]: true,
  };
}

function objectsIn(file: TextFile, text: string): readonly Built[] {
  const source = readSource({ path: file.path, text });
  return source.documents.flatMap((tree) => {
    const data = dataOf(source, tree);
    const items = textAt(data, "kind")?.endsWith("List") === true ? itemsOf(at(data, "items")) : [data];
    return items.flatMap((value) => (isObject(value) && !isTest(value) ? [builtOf(file, value)] : []));
  });
}

function isObject(value: Data): value is Values {
  return isMapping(value) && textAt(value, "kind") !== undefined;
}

function isTest(value: Values): boolean {
  const hook = textsAt(value, "metadata", "annotations")["helm.sh/hook"];
  return hook !== undefined && hook.split(",").every((one) => /^test(?:-success|-failure)?$/.test(one.trim()));
}

function builtOf({ path, text }: TextFile, value: Values): Built {
  const start = text.search(new RegExp(`^kind: *["']?${textAt(value, "kind") ?? ""}\\b`, "m"));
  return { value, before: [], path, line: start === -1 ? 1 : lineAt(text, start) };
}
