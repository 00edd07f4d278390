import { sentence, unknownWord, type Problem } from "../config/document.ts";
import { err, ok, type Result } from "../core/result.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Data } from "../manifest/data.ts";
import { quote } from "../yaml/refusal.ts";
import type { Instance, Node, Parameter, Template, TemplateFacts, TemplateObject, Value } from "./model.ts";
import { formText, givenValue, valueText } from "./parameters.ts";
import { FACTS, MAPPINGS, piecesOf, type FactName } from "./reference.ts";
import { repeatOf } from "./repeat.ts";

/**
 * What a template makes of one service in one target. `given` is as it is written after `/opt-in`: text by parameter. Refused with all that is wrong at once:
 * parameters that the template does not have, values that do not fit, and those that are needed and were not given, each where the template declares it.
 */
export function instantiate(
  template: Template,
  given: ReadonlyMap<string, string>,
  facts: TemplateFacts,
): Result<Instance, readonly Problem[]> {
  const { scope, problems } = scopeOf(template, given, facts);
  if (problems.length > 0) return err(problems);
  const made = template.objects.filter((one) => isMade(one, scope, facts));
  const lacking = new Map<string, Problem>();
  const objects = made.map(({ file, object }) => ({ file, object: filledObject(object, { scope, lacking }) }));
  return lacking.size > 0 ? err([...lacking.values()]) : ok({ drive: template.drive, objects, plan: template.plan });
}

/** What a name stands for: a value, a mapping, nothing (what refers to it is left out), or a parameter that must be given. */
type Meaning =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "mapping"; readonly mapping: { readonly [key: string]: Data } }
  | { readonly kind: "absent" }
  | { readonly kind: "missing"; readonly parameter: Parameter };

type Scope = ReadonlyMap<string, Meaning>;

function scopeOf(
  { name, parameters, files }: Template,
  given: ReadonlyMap<string, string>,
  facts: TemplateFacts,
): { readonly scope: Scope; readonly problems: readonly Problem[] } {
  const names = parameters.map((parameter) => parameter.name);
  const strangers = [...given.keys()].filter((word) => !names.includes(word));
  const whole = { path: files[0] ?? name, line: 1 };
  const meant = parameters.map((parameter) => [parameter, meaningOf(parameter, given.get(parameter.name))] as const);
  const problems = [
    ...strangers.map((word) => ({
      ...whole,
      message: `${quote(word)} ${names.length === 0 ? `is unknown: ${name} has no parameters.` : sentence(unknownWord(word, names, `the parameters of ${name} are`))}`,
    })),
    ...meant.flatMap(([parameter, meaning]) =>
      meaning.kind === "err"
        ? [{ ...parameter.place, message: `${parameter.name} ${meaning.error}: ${parameter.help}` }]
        : [],
    ),
  ];
  const own = meant.flatMap(([parameter, meaning]) =>
    meaning.kind === "ok" ? [[parameter.name, meaning.value] as const] : [],
  );
  return { scope: new Map([...factsBy(facts), ...own]), problems };
}

function meaningOf(parameter: Parameter, text: string | undefined): Result<Meaning, string> {
  if (text !== undefined) {
    const read = givenValue(parameter, text);
    return read.kind === "ok" ? ok({ kind: "value", value: read.value }) : read;
  }
  const usual = parameter.default;
  return ok(usual.kind === "required" ? { kind: "missing", parameter } : usual);
}

function factsBy(facts: TemplateFacts): readonly (readonly [FactName, Meaning])[] {
  const { service, namespace, target, port, services, workloads, selectors, replicas, route } = facts;
  const values: { readonly [name in Exclude<FactName, Mapped>]: Value | undefined } = {
    service,
    namespace,
    target,
    "port.number": port.number,
    "port.name": port.name,
    "services.stable": services.stable,
    "services.canary": services.canary,
    "workloads.stable": workloads.stable,
    "workloads.canary": workloads.canary,
    replicas,
    route,
  };
  const mappings = { "selectors.stable": selectors?.stable, "selectors.canary": selectors?.canary };
  return [
    ...FACTS.filter(isPlain).map((name) => {
      const value = values[name];
      return [name, value === undefined ? ABSENT : ({ kind: "value", value } as const)] as const;
    }),
    ...MAPPINGS.map((name) => {
      const mapping = mappings[name];
      return [name, mapping === undefined ? ABSENT : ({ kind: "mapping", mapping } as const)] as const;
    }),
  ];
}

type Mapped = (typeof MAPPINGS)[number];

const ABSENT = { kind: "absent" } as const;

function isPlain(name: FactName): name is Exclude<FactName, Mapped> {
  return !MAPPINGS.some((mapping) => mapping === name);
}

function isMade({ unless, when }: TemplateObject, scope: Scope, { isRouted }: TemplateFacts): boolean {
  if (unless === "routed" && isRouted) return false;
  return when.length === 0 || when.some((name) => isSaid(scope.get(name)));
}

function isSaid(meaning: Meaning | undefined): boolean {
  return meaning?.kind === "value" && !(Array.isArray(meaning.value) && meaning.value.length === 0);
}

/** `lacking` collects what must be given, each once. */
type Filling = { readonly scope: Scope; readonly lacking: Map<string, Problem> };

function filledObject(object: Node, filling: Filling): Instance["objects"][number]["object"] {
  const entries = object.kind === "map" ? object.entries : [];
  return mappingOf(entries, filling);
}

type Entries = Extract<Node, { kind: "map" }>["entries"];

function mappingOf(entries: Entries, filling: Filling): { readonly [key: string]: Data } {
  const filled = entries.flatMap(({ key, value }) => {
    const [named, data] = [filledKey(key, filling), dataOf(value, filling)];
    return named === undefined || data === undefined ? [] : [[named, data] as const];
  });
  return Object.fromEntries(filled);
}

function filledKey(key: string, filling: Filling): string | undefined {
  const [piece] = piecesOf(key) ?? [];
  if (piece?.kind !== "reference") return key;
  const value = valueOf(piece.name, filling);
  return value === undefined ? undefined : valueText(value);
}

/** Undefined where it refers to what is absent, and where all that it held does. */
function dataOf(node: Node, filling: Filling): Data | undefined {
  switch (node.kind) {
    case "map": {
      const data = mappingOf(node.entries, filling);
      return Object.keys(data).length === 0 && node.entries.length > 0 ? undefined : data;
    }
    case "list": {
      const items = node.items.flatMap((item) => itemsOf(item, filling));
      return items.length === 0 && node.items.length > 0 ? undefined : items;
    }
    case "scalar":
      return typeof node.value === "string" ? filledText(node.value, filling) : node.value;
    default:
      return unreachable(node);
  }
}

function itemsOf(item: Node, filling: Filling): readonly Data[] {
  const repeat = repeatOf(item);
  if (repeat === undefined) return present(dataOf(item, filling));
  const value = valueOf(repeat.source, filling);
  const values: readonly Value[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const wanted = values.filter((one) => repeat.is === undefined || valueText(one) === repeat.is);
  return wanted.flatMap((one) => {
    const scope = new Map([...filling.scope, [repeat.name, { kind: "value", value: one }] as const]);
    return present(dataOf(repeat.each, { ...filling, scope }));
  });
}

function present(data: Data | undefined): readonly Data[] {
  return data === undefined ? [] : [data];
}

/** A text that is one reference alone has the value itself, with its type. */
function filledText(text: string, filling: Filling): Data | undefined {
  const pieces = piecesOf(text) ?? [];
  const [first, second] = pieces;
  if (first?.kind === "reference" && second === undefined) {
    const meaning = filling.scope.get(first.name);
    return meaning?.kind === "mapping" ? meaning.mapping : valueOf(first.name, filling);
  }
  const texts = pieces.map((piece) => {
    if (piece.kind === "text") return piece.text;
    const value = valueOf(piece.name, filling);
    return value === undefined ? undefined : valueText(value);
  });
  return texts.includes(undefined) ? undefined : texts.join("");
}

function valueOf(name: string, { scope, lacking }: Filling): Value | undefined {
  const meaning = scope.get(name);
  if (meaning?.kind === "value") return meaning.value;
  if (meaning?.kind === "missing") {
    const { parameter } = meaning;
    const message = `${name} is missing: say ${name}=<${formText(parameter)}>. ${parameter.help}`;
    lacking.set(name, { ...parameter.place, message });
  }
  return undefined;
}
