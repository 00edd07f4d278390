import type { Finder } from "./site.ts";
import { backendSpots } from "./spots.ts";

const TARGET = { name: [["revisionName"], ["tag"], ["configurationName"]], weight: "percent" };

/** Knative's Service and Route: per cent to revisions. */
export const KNATIVE: readonly Finder[] = ["Service", "Route"].map((kind) => ({
  kind,
  groups: ["serving.knative.dev"],
  spots: (object) => backendSpots(object, ["spec", "traffic"], TARGET),
}));
