import { eachAsks, headersByName } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import type { MirrorKind } from "./mirrors.ts";
import { HOST } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["networking.istio.io"];
const LISTS = ["http", "tls", "tcp"].map((protocol) => ["spec", protocol, EACH, "route"]);
const DESTINATION = {
  name: [
    ["destination", "subset"],
    ["destination", "host"],
  ],
  weight: "weight",
};

/** A mirror names its destination itself. */
const MIRRORED: Pick<MirrorKind, "namings" | "subset"> = {
  namings: [{ at: ["host"], form: HOST }],
  subset: ["subset"],
};

/** Istio's VirtualService, whose routes name a subset or a host, and the weighted endpoints of a ServiceEntry. */
export const ISTIO: readonly Finder[] = [
  {
    kind: "VirtualService",
    groups: GROUPS,
    spots: (object) => LISTS.flatMap((list) => backendSpots(object, list, DESTINATION)),
  },
  {
    kind: "ServiceEntry",
    groups: GROUPS,
    spots: (object) => backendSpots(object, ["spec", "endpoints"], { name: [["address"]], weight: "weight" }),
  },
];

/** Istio's VirtualService: the routes of `http`, `tls` and `tcp`, by host or by subset. Mirrors, matches, delegates and redirects have no part in it. */
export const VIRTUAL_SERVICE: Driver = listDriver({
  groups: GROUPS,
  kinds: ["VirtualService"],
  home: "any",
  lists: LISTS,
  namings: [{ at: ["destination", "host"], form: HOST }],
  subset: ["destination", "subset"],
  behind: ["destination"],
  scale: COUNTS,
  asks: eachAsks(["match"], headersByName(["headers"])),
  // What 0 says is "none", what is not written "all" (istio 86c9f01f, pilot/pkg/networking/core/route/route.go, MirrorPercent).
  mirrors: [
    {
      ...MIRRORED,
      to: ["mirror"],
      percent: ["mirrorPercentage", "value"],
      instead: [["mirrorPercent"], ["mirror_percent"], ["mirror_percentage"]],
    },
    { ...MIRRORED, each: "mirrors", to: ["destination"], percent: ["percentage", "value"], instead: [] },
  ],
  // Beside others, a destination without a weight gets nothing; alone, it gets all, and is no split.
  missing: 0,
});
