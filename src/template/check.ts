import { sentence, unknownWord, type Problem } from "../config/document.ts";
import { unreachable } from "../core/unreachable.ts";
import { ROUTER_FACTS } from "../manifest/routers/catalogue.ts";
import type { Strategy } from "../manifest/layouts/rollout-spec.ts";
import { quote } from "../yaml/refusal.ts";
import type { Node, Template, TemplateObject } from "./model.ts";
import { childOf, nodeAt, textAt } from "./node.ts";
import { FACTS, MAPPINGS, piecesOf } from "./reference.ts";
import { repeatOf } from "./repeat.ts";

/** What an object of a template says that could never become one. */
export function objectProblems({ parameters, drive, objects }: Template, whole: Node): readonly Problem[] {
  const names = parameters.map(({ name }) => name);
  const known = new Set([...FACTS, ...names]);
  const several = new Map([
    ...parameters.filter(({ type }) => type === "hostnames").map(({ name }) => [name, "list"] as const),
    ...MAPPINGS.map((name) => [name, "mapping"] as const),
  ]);
  const choices = new Map(parameters.flatMap((one) => (one.choices === undefined ? [] : [[one.name, one.choices]])));
  const isAlike = drive.kind === "rollout";
  return [
    ...objects.flatMap(({ file, when, object }) => [
      ...when
        .filter((name) => !names.includes(name))
        .map((name) => at(nodeAt(whole, ["objects", file, "when"]) ?? object, `asks whether ${unknown(name, names)}`)),
      ...(TAKEN.has(file)
        ? [at(nodeAt(whole, ["objects", file]) ?? object, `is called ${file}, which is a file of opting in's own`)]
        : []),
      ...identityProblems(object),
      ...referenceProblems(object, { known, several, choices, isAlike, isRepeated: false }),
    ]),
    ...driveProblems({ drive, objects }, whole),
  ];
}

/** What opting in writes itself. */
const TAKEN: ReadonlySet<string> = new Set([
  "kustomization.yaml",
  "stable.yaml",
  "canary.yaml",
  "service.yaml",
  "arms.yaml",
]);

function at({ place }: Node, message: string): Problem {
  return { ...place, message: sentence(message) };
}

function unknown(name: string, known: readonly string[]): string {
  return `${quote(name)} is given, which ${unknownWord(name, known, "the parameters are")}`;
}

function identityProblems(object: Node): readonly Problem[] {
  const metadata = childOf(object, "metadata");
  const kind = textAt(object, "kind");
  return [
    ...(textAt(object, "apiVersion") === undefined ? [at(object, "has no apiVersion that is text")] : []),
    ...(kind === undefined || kind.includes("${") ? [at(object, "has no kind that is plain text")] : []),
    ...(textAt(metadata, "name") === undefined ? [at(object, "has no metadata.name that is text")] : []),
  ];
}

/** `several`: which of the known names stand for several values. `isAlike`: the pods of both arms have the same labels, because a Rollout runs them. */
type Scope = {
  readonly known: ReadonlySet<string>;
  readonly several: ReadonlyMap<string, "list" | "mapping">;
  readonly choices: ReadonlyMap<string, readonly string[]>;
  readonly isAlike: boolean;
  readonly isRepeated: boolean;
};

function referenceProblems(node: Node, scope: Scope): readonly Problem[] {
  switch (node.kind) {
    case "map":
      return node.entries.flatMap(({ key, value }) => [
        ...keyProblems(key, value, scope),
        ...referenceProblems(value, scope),
      ]);
    case "list":
      return node.items.flatMap((item) => itemProblems(item, scope));
    case "scalar":
      return typeof node.value === "string" ? textProblems(node, node.value, scope) : [];
    default:
      return unreachable(node);
  }
}

/** A key may be one reference alone, to one value. */
function keyProblems(key: string, value: Node, { known, several }: Scope): readonly Problem[] {
  if (!key.includes("${")) return [];
  const [piece, second] = piecesOf(key) ?? [];
  if (piece?.kind !== "reference" || second !== undefined)
    return [at(value, `has the key ${quote(key)}: a key has no reference, or is one alone`)];
  if (!known.has(piece.name))
    return [at(value, `has a key of ${quote(piece.name)}, which ${unknownWord(piece.name, [...known])}`)];
  const kind = several.get(piece.name);
  return kind === undefined ? [] : [at(value, `has the ${kind} ${quote(piece.name)} as a key`)];
}

function itemProblems(item: Node, scope: Scope): readonly Problem[] {
  const repeat = repeatOf(item);
  if (repeat === undefined)
    return [
      ...(childOf(item, "for") === undefined || childOf(item, "in") === undefined
        ? []
        : [
            at(
              item,
              "repeats by something else than { for: <a new name>, in: <a name>, each: <what> }, perhaps with is: <text>",
            ),
          ]),
      ...referenceProblems(item, scope),
    ];
  const { name, source, is, each } = repeat;
  const choices = scope.choices.get(source);
  if (scope.isRepeated) return [at(item, "repeats within what is repeated")];
  const isNew = /^[a-z][A-Za-z0-9]{0,39}$/.test(name) && !scope.known.has(name);
  return [
    ...(isNew ? [] : [at(item, `repeats for ${quote(name)}: it must be a new name of letters and digits`)]),
    ...(scope.known.has(source) ? [] : [at(item, `repeats what ${unknownWord(source, [...scope.known])}`)]),
    ...(scope.several.get(source) === "mapping" ? [at(item, `repeats the mapping ${quote(source)}`)] : []),
    ...(is === undefined || choices === undefined || choices.includes(is)
      ? []
      : [at(item, `asks for ${quote(is)}, which ${unknownWord(is, choices, `the choices of ${source} are`)}`)]),
    ...referenceProblems(each, { ...scope, known: new Set([...scope.known, name]), isRepeated: true }),
  ];
}

function textProblems(node: Node, text: string, { known, several, isAlike }: Scope): readonly Problem[] {
  const pieces = piecesOf(text);
  if (pieces === undefined)
    return [at(node, `has a reference that is not closed in ${quote(text)}: "$\${" is a literal one`)];
  return pieces.flatMap((piece) => {
    if (piece.kind === "text") return [];
    const { name } = piece;
    if (!known.has(name)) return [at(node, `refers to ${quote(name)}, which ${unknownWord(name, [...known])}`)];
    const kind = several.get(name);
    if (kind === "mapping" && isAlike) return [at(node, `refers to ${quote(name)}, ${ALIKE}`)];
    if (kind === undefined || pieces.length === 1) return [];
    const ways = kind === "list" ? "stands alone, or is repeated by { for, in, each }" : "stands alone";
    return [at(node, `has the ${kind} ${quote(name)} within text: it ${ways}`)];
  });
}

const ALIKE = "which is absent where a Rollout runs the pods: those of both arms have the same labels";

function driveProblems({ drive, objects }: Pick<Template, "drive" | "objects">, whole: Node): readonly Problem[] {
  const place = childOf(whole, "drive") ?? whole;
  if (drive.kind === "rollout") {
    if (!isRun(objects)) return [at(place, "needs objects.rollout.yaml, the only Rollout, which is always made")];
    if (hasStrategy(objects, drive.strategy)) return [];
    return [at(place, `needs spec.strategy.${drive.strategy} in its Rollout, which is what the controller goes by`)];
  }
  if (drive.kind === "canary")
    return objects.length === 0 ? [] : [at(place, "has objects beside it: the Canary is there, and nothing is made")];
  const { kinds } = ROUTER_FACTS[drive.router];
  if (isRouted(objects, kinds)) return [];
  const kind = kinds.join(" or ");
  return [at(place, `needs objects.route.yaml, of the kind ${kind}, with "unless: routed": it holds the weight`)];
}

function isRouted(objects: readonly TemplateObject[], kinds: readonly string[]): boolean {
  const route = objects.find(({ file }) => file === "route.yaml");
  if (route === undefined || !kinds.includes(kindOf(route) ?? "")) return false;
  return route.unless === "routed" && route.when.length === 0;
}

function isRun(objects: readonly TemplateObject[]): boolean {
  const [run, ...others] = objects.filter((one) => kindOf(one) === "Rollout");
  if (run === undefined || others.length > 0) return false;
  return run.file === "rollout.yaml" && run.unless === undefined && run.when.length === 0;
}

function hasStrategy(objects: readonly TemplateObject[], strategy: Strategy): boolean {
  return objects.some(({ object }) => nodeAt(object, ["spec", "strategy", strategy]) !== undefined);
}

function kindOf({ object }: TemplateObject): string | undefined {
  return textAt(object, "kind");
}
