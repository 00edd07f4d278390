import { peekText } from "../../yaml/look.ts";
import { listDriver, type Driver } from "./driver.ts";
import { PLAIN } from "./name-form.ts";
import { COUNTS, quantities } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots } from "./spots.ts";

const GROUP = "split.smi-spec.io";
const LIST = ["spec", "backends"];

/** The TrafficSplit of the Service Mesh Interface; its first version writes thousandths, such as `500m`. */
export const SMI: readonly Finder[] = [
  {
    kind: "TrafficSplit",
    groups: [GROUP],
    spots: (object) => backendSpots(object, LIST, { name: [["service"]], weight: "weight" }),
  },
];

/** The TrafficSplit; `v1alpha1` has quantities for weights, the later versions numbers. */
export const TRAFFIC_SPLIT: Driver = listDriver({
  groups: [GROUP],
  kinds: ["TrafficSplit"],
  home: "namespace",
  lists: [LIST],
  namings: [{ at: ["service"], form: PLAIN }],
  behind: ["service"],
  scale: (object, weights) =>
    peekText(object, ["apiVersion"]) === `${GROUP}/v1alpha1` ? quantities(object, weights) : COUNTS,
  missing: 0,
});
