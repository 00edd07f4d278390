import type { Finder } from "./site.ts";
import { backendSpots } from "./spots.ts";

/** Consul's ServiceSplitter: per cent with up to two decimals. */
export const CONSUL: readonly Finder[] = [
  {
    kind: "ServiceSplitter",
    groups: ["consul.hashicorp.com"],
    spots: (object) =>
      backendSpots(object, ["spec", "splits"], { name: [["serviceSubset"], ["service"]], weight: "weight" }),
  },
];
