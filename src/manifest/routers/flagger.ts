import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Finder, Spot } from "./site.ts";
import { EACH, nodesAt, spotsOf } from "./spots.ts";

const BOUNDS = ["stepWeight", "maxWeight", "stepWeightPromotion", "mirrorWeight"];

/** Flagger's Canary: the bounds within which it moves the weight itself. */
export const FLAGGER: readonly Finder[] = [
  {
    kind: "Canary",
    groups: ["flagger.app"],
    // `canaryAnalysis` is what `analysis` was called once.
    spots: (object) =>
      ["analysis", "canaryAnalysis"].flatMap((key) => {
        const analysis = peek(object, ["spec", key]);
        return analysis === undefined ? [] : analysisSpots(analysis).map((spot) => below(["spec", key], spot));
      }),
  },
];

/** The bounds of an analysis, wherever it is written. */
export function analysisSpots(analysis: Tree): readonly Spot[] {
  return [
    ...BOUNDS.flatMap((key) => spotsOf(peek(analysis, [key]), { path: [key], split: [], backend: undefined })),
    ...nodesAt(analysis, ["stepWeights", EACH]).flatMap(({ path, node }) =>
      spotsOf(node, { path, split: ["stepWeights"], backend: undefined }),
    ),
  ];
}

function below(root: readonly string[], spot: Spot): Spot {
  return { ...spot, path: [...root, ...spot.path], split: [...root, ...spot.split] };
}
