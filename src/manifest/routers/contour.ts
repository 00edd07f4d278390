import { peek, peekText } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { namesHeader, oneAsks } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import { PLAIN } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["projectcontour.io"];
const LISTS = [
  ["spec", "routes", EACH, "services"],
  ["spec", "tcpproxy", "services"],
];

/** Contour's HTTPProxy. */
export const CONTOUR: readonly Finder[] = [
  {
    kind: "HTTPProxy",
    groups: GROUPS,
    spots: (object) => LISTS.flatMap((list) => backendSpots(object, list, { name: [["name"]], weight: "weight" })),
  },
];

/** Contour's HTTPProxy. A mirror stands among the services and takes no share: its weight says how much is mirrored. */
export const HTTP_PROXY: Driver = listDriver({
  groups: GROUPS,
  kinds: ["HTTPProxy"],
  home: "namespace",
  lists: LISTS,
  namings: [{ at: ["name"], form: PLAIN }],
  isShare: (item) => {
    const mirror = peek(item, ["mirror"]);
    return mirror === undefined || (mirror.kind === "scalar" && mirror.value === false);
  },
  asks: oneAsks(["conditions"], asksFor),
  behind: ["name", "port"],
  scale: COUNTS,
  // Without any weight, services share evenly; beside weights, what one without counts for has changed between versions.
  missing: "even",
});

const isNamed = namesHeader("treatMissingAsEmpty");

// What a header must not be is met by requests without it.
function asksFor(condition: Tree): boolean {
  const header = peek(condition, ["header"]);
  if (header === undefined || !isNamed(header)) return false;
  const present = peek(header, ["present"]);
  const isPresent = present?.kind === "scalar" && present.value === true;
  return isPresent || ["exact", "contains", "regex"].some((key) => peekText(header, [key]) !== undefined);
}
