import type { Place } from "../../core/state.ts";
import { kindOf } from "../../manifest/kustomize/object.ts";
import { at, entriesOf, isMapping, withAt, type Values } from "../../manifest/kustomize/value.ts";
import { readCountAt, setCountTo } from "../../manifest/layouts/place.ts";
import { documentsIn } from "../listed.ts";
import { scalersOf } from "../objects.ts";
import { counterpart, type ChartScene } from "./scene.ts";

/** The canary's own values at rest: no pods, and nothing that scales them; `at` is the key of the number of pods. */
export type Pods = { readonly values: Values; readonly at: string };

/** Why the canary's release cannot have a number of pods of its own. */
export type Unpodded = "scaled" | "unsaid";

const MOST_TRIALS = 60;
const SOME = 3;

/** The values by which the canary's Deployment gets a number of pods, 0 among them; found by trying each number that the values say. */
export function podsFor(chart: ChartScene): Pods | Unpodded {
  const { made, scene } = chart;
  const isScaled = scalersOf(made.objects, scene.deployment).length > 0;
  const off = isScaled ? withoutScalers(chart) : {};
  if (off === undefined) return "scaled";
  const keys = leavesIn(made.values, [], (value) => typeof value === "number").toSorted((a, b) => rank(b) - rank(a));
  const found = keys
    .slice(0, MOST_TRIALS)
    .find((path) => [0, SOME].every((count) => podsWith(chart, over(off, path, count)) === count));
  return found === undefined ? "unsaid" : { values: over(off, found, 0), at: found.join(".") };
}

function over(values: Values, path: readonly string[], count: number | boolean): Values {
  const next = withAt(values, path, count);
  return isMapping(next) ? next : values;
}

function rank(path: readonly string[]): number {
  return /replica/i.test(path.at(-1) ?? "") ? 1 : 0;
}

/** The number of pods that the canary's Deployment would have. */
function podsWith(chart: ChartScene, values: Values): number | undefined {
  const made = chart.tried(values);
  const deployment = made && counterpart(chart.made, made, chart.scene.deployment);
  if (made === undefined || deployment === undefined || scalersOf(made.objects, deployment).length > 0)
    return undefined;
  const count = at(deployment.value, "spec", "replicas");
  return typeof count === "number" ? count : undefined;
}

/** The switch that leaves the canary without what scales it. */
function withoutScalers(chart: ChartScene): Values | undefined {
  const switches = leavesIn(chart.made.values, [], (value) => value === true).toSorted(
    (a, b) => scaling(b) - scaling(a),
  );
  return switches
    .slice(0, MOST_TRIALS)
    .map((path) => over({}, path, false))
    .find((values) => {
      const made = chart.tried(values);
      return (
        made !== undefined &&
        counterpart(chart.made, made, chart.scene.deployment) !== undefined &&
        !made.objects.some(isScaler)
      );
    });
}

function scaling(path: readonly string[]): number {
  return /scal|hpa|keda/i.test(path.join(".")) ? 1 : 0;
}

function isScaler(object: Parameters<typeof kindOf>[0]): boolean {
  return ["HorizontalPodAutoscaler", "ScaledObject"].includes(kindOf(object));
}

/** The keys to some values, those of lists left out, and those that no place could name. */
function leavesIn(
  data: Values[string] | undefined,
  path: readonly string[],
  isWanted: (value: Values[string]) => boolean,
): readonly (readonly string[])[] {
  return entriesOf(data).flatMap(([key, value]) => {
    if (/[.[\]\s]/.test(key)) return [];
    const own = [...path, key];
    return isWanted(value) ? [own] : leavesIn(value, own, isWanted);
  });
}

const MOST_REPLICAS = 100_000;

/** Where the number of stable's pods is written; undefined where an autoscaler says it, or no single place. */
export function stableReplicas({ made, scene, stable }: ChartScene): Place | undefined {
  const count = at(scene.deployment.value, "spec", "replicas");
  if (typeof count !== "number" || scalersOf(made.objects, scene.deployment).length > 0) return undefined;
  const places = made.reads.flatMap((path) =>
    documentsIn(scene.read, path).flatMap((data) =>
      leavesIn(data, [], (value) => value === count).map((keys) => ({ path, at: keys.join(".") })),
    ),
  );
  return places.slice(0, MOST_TRIALS).find((place) => {
    const file = { path: place.path, text: scene.read(place.path) ?? "" };
    const now = readCountAt(file, place, MOST_REPLICAS);
    const text = now.kind === "ok" ? setCountTo(file, place, count + 1, MOST_REPLICAS) : now;
    const next = text.kind === "ok" ? stable(new Map([[file.path, text.value]])) : undefined;
    const deployment = next && counterpart(made, next, scene.deployment);
    return at(deployment?.value, "spec", "replicas") === count + 1;
  });
}
