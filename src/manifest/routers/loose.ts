import { peek } from "../../yaml/look.ts";
import type { List, Mapping } from "../../yaml/tree.ts";
import { analysisSpots } from "./flagger.ts";
import { isSteps, stepSpots } from "./rollout.ts";
import type { Spot } from "./site.ts";
import { spotsOf, textAt } from "./spots.ts";

const NAMES = [
  "name",
  "service",
  "serviceName",
  "host",
  "backend",
  "subset",
  "identifier",
  "stackName",
  "revisionName",
];
const ARM = /^(?:canary|stable|primary|baseline)$/i;
const OWN_KEY = /^(?:canary|stable|primary)Weight$/;

/** The weights of a mapping that is of no known kind, such as a chart's values, a patch, a part of a manifest: what is unmistakable by its own keys. */
export function looseSpots(mapping: Mapping): readonly Spot[] {
  return mapping.entries.flatMap(({ key, value }) => {
    const below = ({ path, split, ...spot }: Spot): Spot => ({ ...spot, path: [key, ...path], split: [key, ...split] });
    if (value.kind === "list") return (isSteps(value) ? stepSpots(value) : weightedSpots(value)).map(below);
    if (value.kind === "map" && /^(?:analysis|canaryAnalysis)$/.test(key)) return analysisSpots(value).map(below);
    if (value.kind === "map" && ARM.test(key)) return armSpots(key, value).map(below);
    return OWN_KEY.test(key) ? spotsOf(value, { path: [key], split: [], backend: key.replace("Weight", "") }) : [];
  });
}

/** An operation of a JSON patch that sets a weight. */
export function patchSpots(operation: Mapping): readonly Spot[] {
  const path = textAt(operation, ["path"]) ?? "";
  if (textAt(operation, ["op"]) === undefined || !/\/(?:weight|setWeight)$/.test(path)) return [];
  return spotsOf(peek(operation, ["value"]), { path: ["value"], split: [], backend: undefined });
}

function weightedSpots({ items }: List): readonly Spot[] {
  return items.flatMap((item, index) => {
    const backend = NAMES.map((key) => textAt(item, [key])).find((name) => name !== undefined);
    if (backend === undefined) return [];
    return spotsOf(peek(item, ["weight"]), { path: [index, "weight"], split: [], backend });
  });
}

function armSpots(key: string, arm: Mapping): readonly Spot[] {
  return spotsOf(peek(arm, ["weight"]), { path: ["weight"], split: [], backend: key });
}
