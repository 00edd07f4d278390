import { peekText } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { eachAsks, isOwn } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import { PLAIN } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["apisix.apache.org"];
const listOf = (protocol: string) => ["spec", protocol, EACH, "backends"];

/** APISIX' routes. */
export const APISIX: readonly Finder[] = [
  {
    kind: "ApisixRoute",
    groups: GROUPS,
    spots: (object) =>
      ["http", "stream"].flatMap((protocol) =>
        backendSpots(object, listOf(protocol), { name: [["serviceName"]], weight: "weight" }),
      ),
  },
];

/** APISIX' route, whose backends are Services beside it, or subsets of one that an ApisixUpstream defines. */
export const APISIX_ROUTE: Driver = listDriver({
  groups: GROUPS,
  kinds: ["ApisixRoute"],
  home: "namespace",
  lists: [listOf("http")],
  namings: [{ at: ["serviceName"], form: PLAIN }],
  subset: ["subset"],
  // What is outside of the cluster shares the traffic with the backends.
  beside: "upstreams",
  // Its documentation says that one expression is enough, its gateway demands all of them: each of them asks, so that both mean the same.
  asks: eachAsks(["match", "exprs"], asksFor),
  behind: ["serviceName", "servicePort"],
  scale: COUNTS,
  // What the controller takes it for.
  missing: 100,
});

// The other operators may hold of a header that is not there.
const POSITIVE: ReadonlySet<string> = new Set(["Equal", "In", "RegexMatch", "RegexMatchCaseInsensitive"]);

function asksFor(expression: Tree): boolean {
  const [scope, name, op] = [["subject", "scope"], ["subject", "name"], ["op"]].map((keys) =>
    peekText(expression, keys),
  );
  if (op === undefined || !POSITIVE.has(op)) return false;
  return scope === "Cookie" ? name !== undefined : scope === "Header" && isOwn(name);
}
