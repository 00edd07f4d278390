import { peek } from "../../yaml/look.ts";
import type { List } from "../../yaml/tree.ts";
import type { Finder, Spot } from "./site.ts";
import { backendSpots, EACH, nodesAt, spotsOf } from "./spots.ts";

const STEPS = ["spec", "strategy", "canary", "steps"];

/** Argo's Rollout: the weights of its steps, of the experiments and scalings in them, and the weight of all. */
export const ROLLOUT: readonly Finder[] = [
  {
    kind: "Rollout",
    groups: ["argoproj.io"],
    spots: (object) => {
      const steps = peek(object, STEPS);
      const most = ["spec", "strategy", "canary", "trafficRouting", "maxTrafficWeight"];
      return [
        ...(steps?.kind === "list" ? stepSpots(steps) : []).map((spot) => below(STEPS, spot)),
        ...spotsOf(peek(object, most), { path: most, split: most, backend: undefined }),
      ];
    },
  },
];

/** Whether a list is one of steps with weights, wherever it is written. */
export function isSteps({ items }: List): boolean {
  return items.some((item) => peek(item, ["setWeight"]) !== undefined);
}

/** The weights of a list of steps. */
export function stepSpots(steps: List): readonly Spot[] {
  const each = (keys: readonly string[]) =>
    nodesAt(steps, [EACH, ...keys]).flatMap(({ path, node }) =>
      spotsOf(node, { path, split: path, backend: undefined }),
    );
  const experiments = backendSpots(steps, [EACH, "experiment", "templates"], { name: [["name"]], weight: "weight" });
  return [...each(["setWeight"]), ...each(["setCanaryScale", "weight"]), ...experiments];
}

function below(root: readonly string[], spot: Spot): Spot {
  return { ...spot, path: [...root, ...spot.path], split: [...root, ...spot.split] };
}
