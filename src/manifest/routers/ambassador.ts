import { isWeight, type Weight } from "../../core/weight.ts";
import { lookCount, lookText, pathText, peek, type YamlPath } from "../../yaml/look.ts";
import { attempt, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { ownedText } from "../layouts/owned-text.ts";
import type { Resource } from "../resource.ts";
import { set } from "../scalar.ts";
import type { Driver } from "./driver.ts";
import { isHostOf } from "./host.ts";
import { textIn, withKey, type Keyed } from "./item.ts";
import { plainItem } from "./join.ts";
import { servicesOf, type Arm, type RouteOf } from "./router.ts";
import { checkRoutes, ownRoutes, type RouteKinds } from "./routes-in.ts";
import type { Finder } from "./site.ts";
import { ruleName } from "./split.ts";
import { spotsOf, textAt } from "./spots.ts";

const GROUP = "getambassador.io";
const WEIGHT: YamlPath = ["spec", "weight"];
const SERVICE = ["spec", "service"];
const WHOLE = 100;

/** Ambassador's Mapping: the weight of the canary's, where the stable one has none. */
export const AMBASSADOR: readonly Finder[] = ["Mapping", "TCPMapping"].map((kind) => ({
  kind,
  groups: [GROUP],
  spots: (object) => spotsOf(peek(object, WEIGHT), { path: WEIGHT, split: ["spec"], backend: textAt(object, SERVICE) }),
}));

const MAPPINGS: RouteKinds = { groups: [GROUP], kinds: ["Mapping"], home: "any" };

/** The Mapping of Ambassador and Emissary: the canary's own has its per cent of the requests for its prefix, and stable's, without a weight, the rest. */
export const MAPPING: Driver = {
  read: (file, of) => attempt(() => canariesOf(readSource(file), of)[0].share),
  set: (file, of, weight) =>
    attempt(() => {
      const source = readSource(file);
      const draft = canariesOf(source, of).reduce(
        (before, { mapping }) => set(source, before, { document: mapping.document, path: WEIGHT, value: weight }),
        NO_EDIT,
      );
      return edited(source, draft);
    }),
  entry: {
    kind: "object",
    canaryOf: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const stables = mappingsOf(source, of, "stable");
        if (stables.length === 0) refuse(source, 0, `no Mapping of ${of.arms.stable}`, "the canary's is made from it");
        return ownedText(...stables.map((mapping) => canaryFrom(source, mapping, of)));
      }),
  },
};

type Canary = { readonly mapping: Resource; readonly share: Weight };

function canariesOf(source: Source, of: RouteOf): readonly [Canary, ...Canary[]] {
  const { canary } = servicesOf(source, of, "Mapping");
  const stable = mappingsOf(source, of, "stable").find(({ tree }) => peek(tree, WEIGHT) !== undefined);
  const [first, ...others] = mappingsOf(source, of, "canary").map((mapping) => canaryIn(source, mapping));
  if (first === undefined) {
    checkRoutes(source, of, MAPPINGS);
    const why = `the share stands in a Mapping of its own, whose service is ${canary}: write it with weight: 0`;
    return refuse(source, 0, `no Mapping of ${canary}`, why);
  }
  if (stable !== undefined)
    refuse(source, peek(stable.tree, WEIGHT) ?? 0, "a weight of stable's Mapping", "without one, it gets the rest");
  const other = others.find(({ share }) => share !== first.share);
  if (other === undefined) return [first, ...others];
  const found = `${other.share}% in ${called(other.mapping)} and ${first.share}% in ${called(first.mapping)}`;
  return refuse(source, other.mapping.tree, found, `every Mapping of ${canary} has the same share`);
}

function canaryIn(source: Source, mapping: Resource): Canary {
  const share = lookCount(source, mapping.tree, WEIGHT, WHOLE);
  if (isWeight(share)) return { mapping, share };
  const why = "without one it shares evenly with stable's: write weight: 0";
  return refuse(source, mapping.tree, `no ${called(mapping)}`, why);
}

function called(mapping: Resource): string {
  return ruleName(pathText(WEIGHT), mapping);
}

// A short name means a Service beside the Mapping.
function mappingsOf(source: Source, of: RouteOf, arm: Arm): readonly Resource[] {
  const service = servicesOf(source, of, "Mapping")[arm];
  return ownRoutes(source, of, MAPPINGS).filter(({ tree }) => {
    const home = lookText(source, tree, ["metadata", "namespace"]) ?? of.namespace;
    const { host } = partsOf(lookText(source, tree, SERVICE) ?? "");
    return isHostOf(host, home, service, of.namespace);
  });
}

/** `https://checkout.shop:8080` by its parts. */
function partsOf(service: string): { readonly before: string; readonly host: string; readonly after: string } {
  const [, before = "", host = "", after = ""] = /^([a-z\d+.-]+:\/\/)?([^:/]*)(.*)$/.exec(service) ?? [];
  return { before, host, after };
}

function canaryFrom(source: Source, mapping: Resource, of: RouteOf): Keyed {
  const { document, tree } = mapping;
  const weight = peek(tree, WEIGHT);
  if (weight !== undefined) refuse(source, weight, `a ${called(mapping)}`, "without one, it gets the rest");
  const stable = plainItem(source, { document, path: [] });
  const { stable: from, canary: to } = servicesOf(source, of, "Mapping");
  const { before, host, after } = partsOf(textIn(stable, SERVICE) ?? "");
  const named = withKey(stable, SERVICE, `${before}${to}${host.slice(from.length)}${after}`);
  const name = `${textIn(stable, ["metadata", "name"]) ?? from}-canary`;
  const namespace = textIn(stable, ["metadata", "namespace"]);
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return withKey(withKey(named, "metadata", metadata), WEIGHT.map(String), 0, ["service"]);
}
