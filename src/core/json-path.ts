import { err, ok, type Result } from "./result.ts";

/** One step of a path: into a field of a mapping, or to a place of a list (from 0, or from the end where negative). */
type Step = { readonly field: string } | { readonly place: number };

/** A path to one value: the part of Kubernetes' JSONPath that says `{$.a.b[0]['c d']}`. */
export type JsonPath = readonly Step[];

const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\['([^'\\]{1,200})'\]|\["([^"\\]{1,200})"\]|\[(-?\d{1,9})\]/y;
const LONGEST = 1_000;

/** What Kubernetes' dialect knows beyond one value, by what it begins with; the first that fits is named. */
const BEYOND: readonly (readonly [RegExp, string])[] = [
  [/^\.\./, "the recursive .."],
  [/^\.?\[?\*/, "the wildcard *"],
  [/^\[\?/, "a filter ?()"],
  [/^\[[^\]]*:/, "a slice of a list"],
  [/^\[[^\]]*,/, "a union"],
  [/^\\/, "a backslash"],
  [/^\s*(?:range|end)\b/, "range"],
  [/^\}./s, "text or a second path after }"],
];

/** The path, or by name what is not supported of it, a sentence's end. */
export function jsonPath(text: string): Result<JsonPath, string> {
  if (text.length > LONGEST) return err(`is a path of more than ${LONGEST} characters`);
  if (!text.startsWith("{")) return err("is no path: it begins with {, as in {$.value}");
  const steps: Step[] = [];
  STEP.lastIndex = text.startsWith("$", 1) ? 2 : 1;
  for (;;) {
    const at = STEP.lastIndex;
    if (at === text.length - 1 && text.endsWith("}")) return ok(steps);
    const [, bare, single, double, place] = STEP.exec(text) ?? [];
    const field = bare ?? single ?? double;
    if (field !== undefined) steps.push({ field });
    else if (place !== undefined) steps.push({ place: Number(place) });
    else return err(beyond(text.slice(at)));
  }
}

/** The value at a path of parsed JSON; undefined where there is none. `null` is a value. */
export function valueAt(path: JsonPath, json: unknown): unknown {
  return path.reduce((value, step) => ("field" in step ? field(value, step.field) : place(value, step.place)), json);
}

function beyond(rest: string): string {
  const known = BEYOND.find(([begins]) => begins.test(rest));
  const only = "only names and places such as {$.a.b[0]['c d']} are";
  return known === undefined
    ? `is no path that can be read: ${only}`
    : `uses ${known[1]}, which is not supported: ${only}`;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined;
  return Reflect.get(value, name);
}

function place(value: unknown, index: number): unknown {
  return Array.isArray(value) ? value.at(index) : undefined;
}
