import type { Name } from "../../core/names.ts";
import { isWeight, NO_WEIGHT, type Weight } from "../../core/weight.ts";
import { look, lookList, lookMapping, lookScalar, lookText, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertKey } from "../insert.ts";
import { checkNamespace, resourcesOf, type Resource } from "../resource.ts";
import { set } from "../scalar.ts";
import { canaryIngressOf } from "./canary-ingress.ts";
import type { Driver } from "./driver.ts";
import { switched, testedBy, type Tested } from "./ingress-testers.ts";
import { servicesOf, type ByArm, type RouteOf } from "./router.ts";

const GROUP = "networking.k8s.io";
const ANNOTATIONS: YamlPath = ["metadata", "annotations"];
const WHOLE = 100;
const MOST = 1_000_000;

/**
 * The canary Ingress of NGINX and its kin: an Ingress of its own for the canary's Service, with the share in an annotation. The annotations' prefix is
 * the one written. Requests that ask for an arm by a header or a cookie get it whatever the share is, but for testers, whose pattern has a switch; a share that is not
 * written is none.
 */
export const INGRESS: Driver = {
  read: (file, of) => attempt(() => canariesOf(readSource(file), of)[0].share),
  set: (file, of, weight) =>
    attempt(() => {
      const source = readSource(file);
      return setAll(source, canariesOf(source, of), { share: weight, isOn: false });
    }),
  testers: {
    read: (file, of) =>
      attempt(() => {
        const known = canariesOf(readSource(file), of).flatMap(({ tested }) => tested ?? []);
        return known.length === 0 ? undefined : known.some(({ isOn }) => isOn);
      }),
    set: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const canaries = canariesOf(source, of);
        if (canaries.every(({ tested }) => tested === undefined))
          refuse(source, canaries[0].ingress.tree, "no rule for testers", LACKING);
        return setAll(source, canaries, { share: NO_WEIGHT, isOn: true });
      }),
  },
  entry: { kind: "object", canaryOf: canaryIngressOf },
};

const LACKING =
  'testers have a canary-by-header, and a canary-by-header-pattern that begins with .^ and has no | outside of .^(…)$: ".^yes$" becomes "^^yes$" for them';

/** A canary Ingress of the member; `prefix` is that of its annotations, `weight` undefined where it is not written. */
type Canary = {
  readonly ingress: Resource;
  readonly prefix: string;
  readonly total: number;
  readonly weight: number | undefined;
  readonly share: Weight;
  readonly tested: Tested | undefined;
};

function canariesOf(source: Source, of: RouteOf): readonly [Canary, ...Canary[]] {
  const services = servicesOf(source, of, "Ingress");
  const all = resourcesOf(source, GROUP, "Ingress");
  const here = all.filter(({ tree }) => (peekText(tree, ["metadata", "namespace"]) ?? of.namespace) === of.namespace);
  const [first, ...others] = here.flatMap((ingress) => canaryOf(source, ingress, services) ?? []);
  if (first === undefined) return refuseNone(source, all, of, services.canary);
  here.forEach((ingress) => checkAffinity(source, ingress, [first, ...others], services));
  const other = others.find(({ share }) => share !== first.share);
  if (other === undefined) return checkTesters(source, [first, ...others]);
  const found = `${other.share}% in ${nameOf(other.ingress)} and ${first.share}% in ${nameOf(first.ingress)}`;
  const at = nodeAt(source, other.ingress, `${other.prefix}/canary-weight`);
  return refuse(source, at, found, `every canary Ingress of ${services.canary} has the same share`);
}

// Testers alone are sent to the canary, and all of them are.
function checkTesters(source: Source, canaries: readonly [Canary, ...Canary[]]): readonly [Canary, ...Canary[]] {
  const on = canaries.find(({ tested }) => tested?.isOn === true);
  const isMixed = on !== undefined && canaries.some(({ share, tested }) => share > 0 || tested?.isOn === false);
  if (!isMixed) return canaries;
  const { ingress, share, tested } = on;
  const found = `testers of ${quote(tested?.pattern ?? "")} at ${share}% in ${nameOf(ingress)}`;
  const why = "while they have the canary alone its weight is 0, in every canary Ingress that knows them";
  return refuse(source, nodeAt(source, ingress, tested?.key ?? ""), found, why);
}

function refuseNone(source: Source, all: readonly Resource[], of: RouteOf, service: Name): never {
  all.forEach((ingress) => checkNamespace(source, ingress, of.namespace));
  const found = all.length === 0 ? "no Ingress" : `no canary Ingress of ${service}`;
  const why = `the share stands in an Ingress of its own, whose backend is ${service}, annotated nginx.ingress.kubernetes.io/canary: "true"`;
  return refuse(source, all[0]?.tree ?? 0, found, why);
}

function canaryOf(source: Source, ingress: Resource, services: ByArm<Name>): Canary | undefined {
  const prefix = prefixOf(source, ingress);
  const backends = prefix === undefined ? [] : backendsOf(source, ingress);
  if (prefix === undefined || !backends.some(({ service }) => service === services.canary)) return undefined;
  const other = backends.find(({ service }) => service !== services.canary);
  if (other !== undefined) {
    const found = `the backend ${quote(other.service)} beside ${services.canary} in ${nameOf(ingress)}`;
    refuse(source, other.at, found, "its weight is that of all its backends, so it has one");
  }
  const total = numberAt(source, ingress, `${prefix}/canary-weight-total`) ?? WHOLE;
  const weight = numberAt(source, ingress, `${prefix}/canary-weight`);
  const share = ((weight ?? 0) * WHOLE) / total;
  if (isWeight(share)) return { ingress, prefix, total, weight, share, tested: testedBy(source, ingress, prefix) };
  const found = `a weight of ${weight ?? 0} of ${total} in ${nameOf(ingress)}`;
  const at = nodeAt(source, ingress, `${prefix}/canary-weight`);
  return refuse(source, at, found, "the canary's share is a whole per cent of the total");
}

// What stands before `/canary` in the annotation that makes an Ingress one for a canary.
function prefixOf(source: Source, ingress: Resource): string | undefined {
  const annotations = lookMapping(source, ingress.tree, ANNOTATIONS)?.entries ?? [];
  const keys = annotations
    .filter(({ key }) => /^[a-z\d](?:[-.a-z\d]*[a-z\d])?\/canary$/.test(key))
    .map(({ key }) => key);
  const [key, second] = keys.filter((each) => isTrue(source, ingress, each));
  if (second !== undefined) {
    refuse(
      source,
      nodeAt(source, ingress, second),
      `${key} and ${second}`,
      "a canary Ingress is read by one controller",
    );
  }
  return key?.slice(0, key.indexOf("/"));
}

function isTrue(source: Source, ingress: Resource, key: string): boolean {
  const text = annotation(source, ingress, key);
  if (text === "true" || text === "false") return text === "true";
  return refuse(source, nodeAt(source, ingress, key), quote(text ?? ""), `${key} is "true" or "false"`);
}

type Backend = { readonly at: number; readonly service: string };

function backendsOf(source: Source, { tree }: Resource): readonly Backend[] {
  const rules = lookList(source, tree, ["spec", "rules"])?.items ?? [];
  const paths = rules.flatMap((_, rule) => {
    const list: YamlPath = ["spec", "rules", rule, "http", "paths"];
    const items = lookList(source, tree, list)?.items ?? [];
    return items.map((__, index): YamlPath => [...list, index, "backend"]);
  });
  return [["spec", "defaultBackend"], ...paths].flatMap((path) => {
    const node = look(source, tree, path);
    const service = lookText(source, tree, [...path, "service", "name"]) ?? "something that is no Service";
    return node === undefined ? [] : [{ at: node.start, service }];
  });
}

function numberAt(source: Source, ingress: Resource, key: string): number | undefined {
  const text = annotation(source, ingress, key);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (String(value) === text && Number.isInteger(value) && value >= 0 && value <= MOST) return value;
  return refuse(
    source,
    nodeAt(source, ingress, key),
    quote(text),
    `${key} is a whole number from 0 to ${MOST}, as text`,
  );
}

function annotation(source: Source, { tree }: Resource, key: string): string | undefined {
  const node = lookScalar(source, tree, [...ANNOTATIONS, key]);
  if (node === undefined || typeof node.value === "string") return node?.value?.toString();
  return refuse(source, node, quote(node.source), `${key} is text: it stands in quotes`);
}

function nodeAt(source: Source, { tree }: Resource, key: string): number {
  return look(source, tree, [...ANNOTATIONS, key])?.start ?? tree.start;
}

// The controller keeps a session with the arm that first served it, whatever the weights are later: an abort would not reach it.
function checkAffinity(source: Source, ingress: Resource, canaries: readonly Canary[], services: ByArm<Name>): void {
  const sticky = canaries.filter(
    (canary) => annotation(source, canary.ingress, `${canary.prefix}/affinity-canary-behavior`) !== "legacy",
  );
  const backends = sticky.length === 0 ? [] : backendsOf(source, ingress);
  if (!backends.some(({ service }) => service === services.canary || service === services.stable)) return;
  const kept = sticky.find(({ prefix }) => annotation(source, ingress, `${prefix}/affinity`) !== undefined);
  if (kept === undefined) return;
  const at = nodeAt(source, ingress, `${kept.prefix}/affinity`);
  const why = `sessions stay with the canary at weight 0; ${nameOf(kept.ingress)} needs ${kept.prefix}/affinity-canary-behavior: legacy`;
  refuse(source, at, `${kept.prefix}/affinity`, why);
}

type Wanted = { readonly share: Weight; readonly isOn: boolean };

function setAll(source: Source, canaries: readonly Canary[], { share, isOn }: Wanted): string {
  const draft = canaries.reduce((before, canary) => {
    const weighed = canary.share === share ? before : setShare(source, before, canary, share);
    const { ingress, tested } = canary;
    if (tested === undefined || tested.isOn === isOn) return weighed;
    return switched(source, weighed, ingress, { ...tested, isOn });
  }, NO_EDIT);
  return edited(source, draft);
}

function setShare(source: Source, draft: Draft, { ingress, prefix, total, weight }: Canary, share: Weight): Draft {
  const value = (total * share) / WHOLE;
  if (!Number.isInteger(value)) {
    const found = `a total of ${total} in ${nameOf(ingress)}`;
    refuse(
      source,
      nodeAt(source, ingress, `${prefix}/canary-weight-total`),
      found,
      `${share}% cannot be written in it`,
    );
  }
  const key = `${prefix}/canary-weight`;
  const at = { document: ingress.document, path: ANNOTATIONS };
  if (weight !== undefined) return set(source, draft, { ...at, path: [...ANNOTATIONS, key], value: String(value) });
  return insertKey(source, draft, at, {
    key,
    value: String(value),
    slot: { kind: "after", keys: [`${prefix}/canary`] },
  });
}

function nameOf({ tree }: Resource): string {
  return `Ingress ${quote(peekText(tree, ["metadata", "name"]) ?? "")}`;
}
