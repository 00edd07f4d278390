import { peek } from "../../yaml/look.ts";
import type { Finder } from "./site.ts";
import { spotsOf, textAt } from "./spots.ts";

/** Ambassador's Mapping: the weight of the canary's, where the stable one has none. */
export const AMBASSADOR: readonly Finder[] = ["Mapping", "TCPMapping"].map((kind) => ({
  kind,
  groups: ["getambassador.io"],
  spots: (object) =>
    spotsOf(peek(object, ["spec", "weight"]), {
      path: ["spec", "weight"],
      split: ["spec"],
      backend: textAt(object, ["spec", "service"]),
    }),
}));
