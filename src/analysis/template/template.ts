import { attempt, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { resolved } from "../../yaml/resolved.ts";
import { readSource } from "../../yaml/source.ts";
import type { Result } from "../../core/result.ts";
import { peekText } from "../../yaml/look.ts";
import { items, needed, part, text, textAt, wrong, yesAt, type Field } from "./fields.ts";

/** Another template, which a template or a gate is made of. */
export type TemplateRef = { readonly name: string; readonly isCluster: boolean; readonly at: Field };

/** An argument as it is declared. `source`: what gives its value where no text does. */
export type Argument = {
  readonly name: string;
  readonly value: string | undefined;
  readonly source: string | undefined;
  readonly at: Field;
};

/** An AnalysisTemplate or ClusterAnalysisTemplate as its file has it; metrics are read when their arguments are known. */
export type Template = {
  readonly name: string;
  readonly isCluster: boolean;
  readonly spec: Field;
  readonly args: readonly Argument[];
  readonly metrics: readonly Field[];
  /** Patterns of metric names. */
  readonly dryRun: readonly Field[];
  readonly templates: readonly TemplateRef[];
};

const KINDS: ReadonlyMap<string, boolean> = new Map([
  ["AnalysisTemplate", false],
  ["ClusterAnalysisTemplate", true],
]);

/** Every AnalysisTemplate and ClusterAnalysisTemplate of a file; other documents are passed over. */
export function readTemplates(file: TextFile): Result<readonly Template[], Refusal> {
  return attempt(() =>
    documentsOf(file).flatMap((document) => {
      const isCluster = KINDS.get(peekText(document.tree, ["kind"]) ?? "");
      const isArgos = (peekText(document.tree, ["apiVersion"]) ?? "").startsWith("argoproj.io/");
      return isCluster === undefined || !isArgos ? [] : [templateOf(document, isCluster)];
    }),
  );
}

/** The documents of a file, with anchors and merge keys followed. Throws Refused. */
export function documentsOf(file: TextFile): readonly Field[] {
  return readSource(file).documents.map((tree) => ({ file, tree: resolved(file, tree), path: "" }));
}

function templateOf(document: Field, isCluster: boolean): Template {
  const spec = needed(document, "spec");
  return {
    name: text(needed(needed(document, "metadata"), "name")),
    isCluster,
    spec,
    args: items(part(spec, "args")).map(argumentOf),
    metrics: items(part(spec, "metrics")),
    dryRun: items(part(spec, "dryRun")).map((rule) => needed(rule, "metricName")),
    templates: items(part(spec, "templates")).map(refOf),
  };
}

function refOf(field: Field): TemplateRef {
  return { name: text(needed(field, "templateName")), isCluster: yesAt(field, "clusterScope"), at: field };
}

function argumentOf(field: Field): Argument {
  const name = text(needed(field, "name"));
  const value = textAt(field, "value");
  const from = part(field, "valueFrom");
  if (from === undefined) return { name, value, source: undefined, at: field };
  const source = ["secretKeyRef", "fieldRef", "podTemplateHashValue"].find((key) => part(from, key) !== undefined);
  if (source === undefined) wrong(from, `${from.path} is a secretKeyRef or a fieldRef`);
  return { name, value, source, at: field };
}

/** What a gate knows in the place of what a Rollout says. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  [
    "podTemplateHashValue",
    "{canary} or {stable}, which tell the arms apart in the metrics as the hash does in the cluster",
  ],
  ["fieldRef", "{namespace}, {service} or {target}"],
]);

/** Refuses an argument that has no value, by where its value was to come from. */
export function refuseArgument({ name, source, at }: Argument): never {
  const { file, tree } = at;
  if (source === "secretKeyRef")
    return refuse(
      file,
      tree,
      `a secret as the value of ${name}`,
      "secrets are not read from the cluster: a provider's credentials come from the environment or a mounted file, by name",
    );
  if (source !== undefined)
    return refuse(
      file,
      tree,
      `${source} as the value of ${name}`,
      `there is no Rollout to take it from: give the argument a value, in a gate one such as ${INSTEAD.get(source) ?? "{service}"}`,
    );
  return refuse(file, tree, `no value for ${name}`, "every argument needs one, here or where the template is used");
}
