import type { Name } from "../../core/names.ts";
import type { ArmLabel } from "../../core/requests.ts";
import { anyOf, podsPattern, PORT, quotedPattern, selector, workloadsOf } from "./promql.ts";
import type { Matcher } from "./promql.ts";

/** What one label of a series must be: a text, a text around any port, or a pod of a workload. */
export type Part =
  | { readonly kind: "exact"; readonly label: string; readonly value: string }
  | { readonly kind: "port"; readonly label: string; readonly before: string; readonly after: string }
  | { readonly kind: "pods"; readonly label: string; readonly workload: Name };

/** A series is of a clause when every part holds. */
export type Clause = readonly Part[];

/** What is somebody's: the series of any of the clauses. */
export type Claim = readonly Clause[];

type Labelled = { readonly labels: ReadonlyMap<string, string> };

/** An arm as forms speak of it. */
export type Called = { readonly namespace: Name; readonly arm: Name };

/** What a label must be for an arm, by each of its forms. */
export function partsFor({ label, forms }: ArmLabel, { namespace, arm }: Called): readonly Part[] {
  return forms.map((form): Part => {
    if (form === "{pod}") return { kind: "pods", label, workload: arm };
    const text = form.replaceAll("{namespace}", namespace).replaceAll("{arm}", arm);
    const [before = "", after] = text.split("{port}");
    return after === undefined ? exact(label, text) : { kind: "port", label, before, after };
  });
}

/** A label that must be a text. */
export function exact(label: string, value: string): Part {
  return { kind: "exact", label, value };
}

/**
 * Selectors of a metric that together find every series of the claims: one for each set of labels that clauses speak of. Several claims in one
 * may find more than is theirs (a name of one namespace in another): `shared` is exact.
 */
export function selectorsFor(metric: string, fixed: readonly Matcher[], claims: readonly Claim[]): readonly string[] {
  const bySet = Map.groupBy(claims.flat(), (clause) => JSON.stringify(clause.map(({ label }) => label)));
  return [...bySet.values()].map((clauses) => {
    const byLabel = Map.groupBy(clauses.flat(), ({ label }) => label);
    return selector(metric, [...fixed, ...[...byLabel].map(([label, parts]) => matcherOf(label, parts))]);
  });
}

function matcherOf(label: string, parts: readonly Part[]): Matcher {
  const texts = new Set(parts.flatMap((part) => (part.kind === "exact" ? [part.value] : [])));
  const [only, second] = texts;
  if (only !== undefined && second === undefined && parts.every(({ kind }) => kind === "exact"))
    return { label, op: "=", value: only };
  const workloads = new Set(parts.flatMap((part) => (part.kind === "pods" ? [part.workload] : [])));
  const ports = Map.groupBy(
    parts.flatMap((part) => (part.kind === "port" ? [part] : [])),
    ({ after }) => after,
  );
  const around = [...ports].map(([after, of]) => {
    const before = anyOf([...new Set(of.map((part) => quotedPattern(part.before)))]);
    return `${before}${PORT}${quotedPattern(after)}`;
  });
  const pods = workloads.size === 0 ? [] : [podsPattern([...workloads])];
  return { label, op: "=~", value: [...pods, ...around, ...[...texts].map(quotedPattern)].join("|") };
}

/** Clauses that are looked up alike, and whose each text is. */
type Shape = { readonly parts: Clause; readonly owners: Map<string, Set<number>> };

/** For each claim, in order, what of the found is its own. One series may be of several claims; of how many it takes no longer to tell. */
export function shared<Found extends Labelled>(
  claims: readonly Claim[],
  found: readonly Found[],
): readonly (readonly Found[])[] {
  const shapes = shapesOf(claims);
  const shares = claims.map((): Found[] => []);
  for (const one of found) {
    const owners = new Set(shapes.flatMap((shape) => ownersOf(shape, one.labels)));
    for (const owner of owners) shares[owner]?.push(one);
  }
  return shares;
}

function shapesOf(claims: readonly Claim[]): readonly Shape[] {
  const shapes = new Map<string, Shape>();
  claims.forEach((claim, index) => {
    for (const clause of claim) {
      const called = JSON.stringify(clause.map(shapeOf));
      const shape = shapes.get(called) ?? { parts: clause, owners: new Map<string, Set<number>>() };
      shapes.set(called, shape);
      const key = JSON.stringify(clause.map(keyOf));
      shape.owners.set(key, (shape.owners.get(key) ?? new Set()).add(index));
    }
  });
  return [...shapes.values()];
}

function ownersOf({ parts, owners }: Shape, labels: Labelled["labels"]): readonly number[] {
  let keys: readonly (readonly string[])[] = [[]];
  for (const part of parts) {
    const ends = keysIn(part, labels.get(part.label) ?? "");
    keys = keys.flatMap((key) => ends.map((end) => [...key, end]));
  }
  return keys.flatMap((key) => [...(owners.get(JSON.stringify(key)) ?? [])]);
}

function shapeOf(part: Part): readonly string[] {
  return part.kind === "port" ? [part.kind, part.label, part.after] : [part.kind, part.label];
}

function keyOf(part: Part): string {
  if (part.kind === "exact") return part.value;
  return part.kind === "port" ? part.before : part.workload;
}

const BEFORE_PORT = new RegExp(`^(.*?)${PORT}$`);

/** The keys of all parts of this shape that the value is right for. */
function keysIn(part: Part, value: string): readonly string[] {
  if (part.kind === "exact") return [value];
  if (part.kind === "pods") return workloadsOf(value);
  if (!value.endsWith(part.after)) return [];
  const before = BEFORE_PORT.exec(value.slice(0, value.length - part.after.length))?.[1];
  return before === undefined ? [] : [before];
}
