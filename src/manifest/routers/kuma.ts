import { peek, peekText } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { eachAsks, headersByName, namesHeader, oneAsks } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import { PLAIN, TAG, type NameForm } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["kuma.io"];
const TAG_KEY = "kuma.io/service";
const SPLITS = [
  ["spec", "conf", "split"],
  ["spec", "conf", "http", EACH, "split"],
];
const REFERENCES = ["spec", "to", EACH, "rules", EACH, "default", "backendRefs"];
const SPLIT = { name: [["destination", TAG_KEY]], weight: "weight" };
const REFERENCE = { name: [["name"], ["tags", TAG_KEY]], weight: "weight" };

/** Kuma's routes, the older one and those of its policies. */
export const KUMA: readonly Finder[] = [
  {
    kind: "TrafficRoute",
    groups: GROUPS,
    spots: (object) => SPLITS.flatMap((list) => backendSpots(object, list, SPLIT)),
  },
  ...["MeshHTTPRoute", "MeshTCPRoute"].map((kind) => ({
    kind,
    groups: GROUPS,
    spots: (object: Parameters<Finder["spots"]>[0]) => backendSpots(object, REFERENCES, REFERENCE),
  })),
];

/** Kuma's TrafficRoute: by the tag of the service, and by the tag `version` where an arm is a part of one. */
export const TRAFFIC_ROUTE: Driver = listDriver({
  groups: GROUPS,
  kinds: ["TrafficRoute"],
  home: "any",
  lists: SPLITS,
  namings: [{ at: ["destination", TAG_KEY], form: TAG }],
  subset: ["destination", "version"],
  isWhole: (_, split) => hasOnly(peek(split, ["destination"]), [TAG_KEY, "version"]),
  asks: headersByName(["match", "headers"]),
  behind: ["destination"],
  scale: COUNTS,
  missing: 0,
});

// A MeshService is called as its Service, or, where Kuma makes it of tags, by the tag.
const MESH_SERVICE: NameForm = {
  is: (written, of) => (written === of.service ? PLAIN : TAG).is(written, of),
  as: TAG.as,
};

/** Kuma's MeshHTTPRoute, and its MeshTCPRoute, whose rules say the same. */
export const MESH_HTTP_ROUTE: Driver = listDriver({
  groups: GROUPS,
  kinds: ["MeshHTTPRoute", "MeshTCPRoute"],
  home: "any",
  lists: [REFERENCES],
  namings: [{ at: ["name"], form: MESH_SERVICE, namespace: ["namespace"] }],
  subset: ["tags", "version"],
  isWhole: (text, reference) => {
    const tags = peek(reference, ["tags"]);
    return (text("kind") ?? "").startsWith("MeshService") && (tags === undefined || hasOnly(tags, ["version"]));
  },
  asks: eachAsks(["matches"], oneAsks(["headers"], isPresent)),
  behind: ["name", "namespace", "port", "tags"],
  scale: COUNTS,
  missing: 1,
});

function isPresent(header: Tree): boolean {
  return namesHeader()(header) && peekText(header, ["type"]) !== "Absent";
}

// Any other tag narrows what is meant.
function hasOnly(tags: Tree | undefined, keys: readonly string[]): boolean {
  return tags?.kind === "map" && tags.entries.every(({ key }) => keys.includes(key));
}
