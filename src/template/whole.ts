import { byLine, parsePlaced, type Problem } from "../config/document.ts";
import { err, ok, type Result } from "../core/result.ts";
import { objectProblems } from "./check.ts";
import type { Drive, Node, Parameter, Template, TemplateObject } from "./model.ts";
import { childOf, dataOf, nodeAt, placeIn } from "./node.ts";
import { writtenValue } from "./parameters.ts";
import { FACTS } from "./reference.ts";
import { TemplateFile } from "./schema.ts";

/** The template that a file says, laid over what it extends; or every problem, where it is written. `files`: its own, then those of what it extends. */
export function templateOf(name: string, whole: Node, files: readonly string[]): Result<Template, readonly Problem[]> {
  const parsed = parsePlaced(dataOf(whole), TemplateFile, (path) => placeIn(whole, path));
  if (parsed.kind === "err") return err(byLine(parsed.error));
  const { title, summary, drive, plan } = parsed.value;
  const read = Object.entries(parsed.value.parameters).map(([key, one]) => parameterOf(key, one, whole));
  const parameters = read.flatMap((one) => (one.kind === "ok" ? [one.value] : []));
  const template: Template = {
    name,
    title,
    summary,
    parameters,
    drive: driveOf(drive),
    objects: objectsOf(parsed.value, whole),
    plan: { steps: plan?.steps, bake: plan?.bake, gates: gatesOf(whole) },
    files,
  };
  const problems = [
    ...read.flatMap((one) => (one.kind === "err" ? one.error : [])),
    ...(read.every((one) => one.kind === "ok") ? objectProblems(template, whole) : []),
  ];
  return problems.length > 0 ? err(byLine(problems)) : ok(template);
}

type Written = TemplateFile["parameters"][string];

function parameterOf(name: string, written: Written, whole: Node): Result<Parameter, readonly Problem[]> {
  const { type, help, choices } = written;
  const place = placeIn(whole, ["parameters", name]);
  const usual = usualOf(written);
  const [key, message] = oddityOf(name, written) ?? (usual.kind === "err" ? ["default", usual.error] : []);
  if (usual.kind === "ok" && key === undefined)
    return ok({ name, type, help, default: usual.value, choices, range: rangeOf(written), place });
  const where = placeIn(whole, ["parameters", name, key ?? "type"]);
  return err([{ ...where, message: `parameters.${name} ${message}.` }]);
}

/** What does not go together in a parameter: the key, and what is said of it. */
function oddityOf(name: string, { type, choices, least, most }: Written): readonly [string, string] | undefined {
  if (FACTS.some((fact) => fact === name)) return ["type", "is called like a fact of the service"];
  if (choices !== undefined && type !== "text") return ["choices", "has choices, which only text has"];
  const bound = least !== undefined ? "least" : most !== undefined ? "most" : undefined;
  return bound !== undefined && type !== "integer" ? [bound, "has bounds, which only an integer has"] : undefined;
}

function rangeOf({ least = -Infinity, most = Infinity }: Written): Parameter["range"] {
  return least === -Infinity && most === Infinity ? undefined : { least, most };
}

function usualOf(written: Written): Result<Parameter["default"], string> {
  if (written.default === undefined) return ok({ kind: "required" });
  if (written.default === null) return ok({ kind: "absent" });
  const { type, choices } = written;
  const value = writtenValue({ type, choices, range: rangeOf(written) }, written.default);
  return value.kind === "ok"
    ? ok({ kind: "value", value: value.value })
    : err(`has a default that does not fit: it ${value.error}`);
}

function driveOf(written: TemplateFile["drive"]): Drive {
  if ("route" in written) return { kind: "route", router: written.route };
  if ("canary" in written) return { kind: "canary", router: undefined };
  const { rollout } = written;
  if (rollout === "blue-green") return { kind: "rollout", router: undefined, strategy: "blueGreen" };
  return { kind: "rollout", router: rollout === "pods" ? undefined : rollout, strategy: "canary" };
}

function objectsOf({ objects }: TemplateFile, whole: Node): readonly TemplateObject[] {
  return Object.entries(objects).flatMap(([file, { unless, when = [] }]) => {
    const object = nodeAt(whole, ["objects", file, "object"]);
    return object === undefined ? [] : [{ file, unless, when, object }];
  });
}

function gatesOf(whole: Node): Template["plan"]["gates"] {
  const gates = childOf(childOf(whole, "plan"), "gates");
  if (gates?.kind !== "map") return undefined;
  return Object.fromEntries(gates.entries.map(({ key, value }) => [key, dataOf(value)]));
}
