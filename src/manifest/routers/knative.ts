import { lookList, lookText } from "../../yaml/look.ts";
import { quote, refuse } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import type { Driver } from "./driver.ts";
import { joining } from "./join.ts";
import { listRules, type ListKind } from "./list-kind.ts";
import { PLAIN } from "./name-form.ts";
import type { RouteOf } from "./router.ts";
import { ownRoutes } from "./routes-in.ts";
import { counts } from "./scale.ts";
import type { Finder } from "./site.ts";
import { ruleRouter, type RuleKind } from "./split.ts";
import { backendSpots, textAt } from "./spots.ts";

const GROUPS = ["serving.knative.dev"];
const TRAFFIC = ["spec", "traffic"];
const TARGET = { name: [["revisionName"], ["tag"], ["configurationName"]], weight: "percent" };

/** Knative's Service and Route: per cent to revisions. */
export const KNATIVE: readonly Finder[] = ["Service", "Route"].map((kind) => ({
  kind,
  groups: GROUPS,
  spots: (object) => backendSpots(object, TRAFFIC, TARGET),
}));

const WHOLE = 100;

const LIST: ListKind = {
  groups: GROUPS,
  kinds: ["Route"],
  home: "namespace",
  lists: [TRAFFIC],
  namings: [{ at: ["configurationName"], form: PLAIN }],
  weight: "percent",
  behind: ["configurationName"],
  scale: counts(WHOLE),
  missing: 0,
  sum: WHOLE,
};

const LISTED = listRules(LIST);
const RULES: RuleKind = {
  ...LISTED,
  rules: (source, of) => {
    checkEntries(source, of);
    return LISTED.rules(source, of);
  },
};

/**
 * Knative's Route: per cent to Configurations, of each the latest revision that is ready (serving 98e5ef90, pkg/reconciler/route/traffic, addConfigurationTarget).
 * Its arms are called as the Configurations are, which a Knative Service calls as itself; Knative takes nothing but a sum of 100.
 */
export const KNATIVE_ROUTE: Driver = { ...ruleRouter(RULES), entry: { kind: "beside", ...joining(RULES, LIST) } };

// A revision is one arm's or the other's by labels that git does not have, and a tag has an address of its own, which leads there at every weight.
function checkEntries(source: Source, of: RouteOf): void {
  for (const { tree } of ownRoutes(source, of, LIST)) {
    const names = LISTED.names(source, of);
    (lookList(source, tree, TRAFFIC)?.items ?? []).forEach((item, index) => {
      const text = (key: string) => lookText(source, tree, [...TRAFFIC, index, key]);
      const [revision, tag, configuration] = [text("revisionName"), text("tag"), text("configurationName")];
      if (revision !== undefined)
        refuse(source, item, `the revision ${quote(revision)}`, "what is sent to has a configurationName");
      if (tag !== undefined && (configuration === names.canary || configuration === names.stable))
        refuse(
          source,
          item,
          `the tag ${quote(tag)} of ${configuration}`,
          "its own address would lead there at weight 0",
        );
      if ((textAt(item, ["latestRevision"]) ?? "true") !== "true")
        refuse(source, item, "latestRevision that is not true", "a configurationName means the latest revision");
    });
  }
}
