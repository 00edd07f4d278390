import { refuse } from "../../yaml/refusal.ts";
import type { Values } from "./substitute.ts";
import { refuseArgument, type Argument, type Template, type TemplateRef } from "./template.ts";
import { wrong, type Field } from "./fields.ts";

/** Several templates as one. */
export type Composed = {
  readonly args: readonly Argument[];
  readonly metrics: readonly Field[];
  readonly dryRun: readonly Field[];
};

const MOST_DEPTH = 20;

/** A template with all that it is made of, by Argo's rules; one that includes itself is refused, with the way round. */
export function composed(root: Template, all: readonly Template[]): Composed {
  const found = within(root, { all, above: [], done: new Set() });
  // Argo puts those of the namespace first, whatever the order in which they are named.
  const ordered = [...found.filter((one) => !one.isCluster), ...found.filter((one) => one.isCluster)];
  return {
    args: ordered.flatMap(({ args }) => args).reduce<readonly Argument[]>(withArgument, []),
    metrics: once(ordered.flatMap(({ metrics }) => metrics)),
    dryRun: ordered.flatMap(({ dryRun }) => dryRun),
  };
}

type Way = { readonly all: readonly Template[]; readonly above: readonly Template[]; readonly done: Set<Template> };

/** A template and what it is made of, each once. */
function within(template: Template, { all, above, done }: Way): readonly Template[] {
  done.add(template);
  const way = [...above, template];
  const inner = template.templates.flatMap((ref) => {
    const next = all.find((one) => one.name === ref.name && one.isCluster === ref.isCluster);
    if (next === undefined) return missing(ref);
    if (way.includes(next)) return round(ref, way, next);
    if (way.length > MOST_DEPTH)
      return wrong(ref.at, `templates are made of templates at most ${MOST_DEPTH} times over`);
    return done.has(next) ? [] : within(next, { all, above: way, done });
  });
  return [template, ...inner];
}

function missing({ name, isCluster, at }: TemplateRef): never {
  const kind = isCluster ? "ClusterAnalysisTemplate" : "AnalysisTemplate";
  return refuse(at.file, at.tree, `the template ${name}`, `there is no ${kind} of this name among the files`);
}

function round(ref: TemplateRef, way: readonly Template[], next: Template): never {
  const names = [...way.slice(way.indexOf(next)), next].map(({ name }) => name);
  return wrong(ref.at, `a template cannot be made of itself: ${names.join(" → ")}`);
}

/** The first one with a value counts; two values for one name do not go together. */
function withArgument(known: readonly Argument[], next: Argument): readonly Argument[] {
  const before = known.find(({ name }) => name === next.name);
  if (before === undefined) return [...known, next];
  if (before.value !== undefined && next.value !== undefined && before.value !== next.value)
    wrong(next.at, `the argument ${next.name} has another value in another template`);
  return before.value === undefined ? known.map((one) => (one === before ? next : one)) : known;
}

function once(metrics: readonly Field[]): readonly Field[] {
  const names = new Set<unknown>();
  for (const metric of metrics) {
    const { tree } = metric;
    const entry = tree.kind === "map" ? tree.entries.find(({ key }) => key === "name") : undefined;
    const name = entry?.value.kind === "scalar" ? entry.value.value : undefined;
    if (name !== undefined && names.has(name)) wrong(metric, `the metric ${String(name)} is there twice`);
    names.add(name);
  }
  return metrics;
}

/** The value of every argument: what is given counts before what the template says. Names that are not declared are no arguments. */
export function valuesOf(args: readonly Argument[], given: Values): Values {
  return new Map(
    args.map((argument) => [argument.name, given.get(argument.name) ?? argument.value ?? refuseArgument(argument)]),
  );
}
