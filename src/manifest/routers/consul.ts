import { listDriver, type Driver } from "./driver.ts";
import { PLAIN } from "./name-form.ts";
import { HUNDREDTHS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots } from "./spots.ts";

const GROUPS = ["consul.hashicorp.com"];
const LIST = ["spec", "splits"];

/** Consul's ServiceSplitter: per cent with up to two decimals. */
export const CONSUL: readonly Finder[] = [
  {
    kind: "ServiceSplitter",
    groups: GROUPS,
    spots: (object) => backendSpots(object, LIST, { name: [["serviceSubset"], ["service"]], weight: "weight" }),
  },
];

/** Consul's ServiceSplitter: services, or subsets of one that a ServiceResolver defines; Consul takes nothing but a sum of 100. */
export const SERVICE_SPLITTER: Driver = listDriver({
  groups: GROUPS,
  kinds: ["ServiceSplitter"],
  home: "namespace",
  lists: [LIST],
  namings: [{ at: ["service"], form: PLAIN, namespace: ["namespace"] }],
  subset: ["serviceSubset"],
  isNamedByObject: true,
  behind: ["service", "serviceSubset"],
  scale: HUNDREDTHS,
  missing: 0,
  sum: HUNDREDTHS.whole,
});
