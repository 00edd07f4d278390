import type { Name } from "../../core/names.ts";
import { attempt, quote, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Data } from "../data.ts";
import { ownedText } from "../layouts/owned-text.ts";
import type { Resource } from "../resource.ts";
import type { Driver } from "./driver.ts";
import { keyed, textIn, withKey, type Keyed } from "./item.ts";
import { plainItem } from "./join.ts";
import { servicesOf, type ByArm } from "./router.ts";
import { INGRESSES, ownRoutes } from "./routes-in.ts";

const SERVICE = ["backend", "service", "name"];
const CLASS = "kubernetes.io/ingress.class";
const NGINX = "nginx.ingress.kubernetes.io";

/**
 * The canary Ingress of NGINX made from stable's: the paths that send to stable, with the canary's Service, at weight 0. The controller takes everything else of stable's,
 * but for sessions: those it would keep with the canary at weight 0, so that where stable's has them the canary's says `legacy`.
 */
export const canaryIngressOf: Extract<Driver["entry"], { readonly kind: "object" }>["canaryOf"] = (file, of) =>
  attempt(() => {
    const source = readSource(file);
    const names = servicesOf(source, of, "Ingress");
    const all = ownRoutes(source, of, INGRESSES).map((ingress) => canaryFrom(source, ingress, names));
    const canaries = all.filter((canary) => canary !== undefined);
    if (canaries.length > 0) return ownedText(...canaries);
    return refuse(source, 0, `no Ingress with a path to ${names.stable}`, "the canary's is made from it");
  });

function canaryFrom(source: Source, ingress: Resource, names: ByArm<Name>): Keyed | undefined {
  const stable = plainItem(source, { document: ingress.document, path: [] });
  const spec = keyed(stable["spec"]);
  const rules = listOf(spec["rules"])
    .map((rule) => ruleFrom(keyed(rule), names))
    .filter((rule) => rule !== undefined);
  if (textIn(spec, ["defaultBackend", "service", "name"]) === names.stable)
    refuse(
      source,
      ingress.tree,
      `${names.stable} as defaultBackend`,
      "NGINX takes a canary's share of a path: write the path /",
    );
  if (rules.length === 0) return undefined;
  const metadata = keyed(stable["metadata"]);
  const annotations = keyed(metadata["annotations"]);
  const marked = Object.keys(annotations).find((key) => key.endsWith("/canary"));
  if (marked !== undefined)
    refuse(source, ingress.tree, `${quote(marked)} on stable's Ingress`, "a canary is made from one that is none");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: metadataFrom(metadata, annotations),
    spec: { ...only(spec, "ingressClassName"), rules },
  };
}

function metadataFrom(metadata: Keyed, annotations: Keyed): Keyed {
  const hasSessions = Object.hasOwn(annotations, `${NGINX}/affinity`);
  return {
    name: `${textIn(metadata, ["name"]) ?? ""}-canary`,
    ...only(metadata, "namespace"),
    annotations: {
      ...only(annotations, CLASS),
      [`${NGINX}/canary`]: "true",
      [`${NGINX}/canary-weight`]: "0",
      ...(hasSessions ? { [`${NGINX}/affinity-canary-behavior`]: "legacy" } : {}),
    },
  };
}

function ruleFrom(rule: Keyed, { stable, canary }: ByArm<Name>): Keyed | undefined {
  const all = listOf(keyed(rule["http"])["paths"]).map((path) => keyed(path));
  const paths = all.filter((path) => textIn(path, SERVICE) === stable).map((path) => withKey(path, SERVICE, canary));
  return paths.length === 0 ? undefined : { ...only(rule, "host"), http: { paths } };
}

function only(mapping: Keyed, key: string): Keyed {
  const value = mapping[key];
  return value === undefined ? {} : { [key]: value };
}

function listOf(data: Data | undefined): readonly Data[] {
  return isList(data) ? data : [];
}

function isList(data: Data | undefined): data is readonly Data[] {
  return Array.isArray(data);
}
