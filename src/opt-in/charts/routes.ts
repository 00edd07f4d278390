import { canonicalData } from "../../manifest/data.ts";
import { evaluate, objectsOf } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, namespaceOf, type Built } from "../../manifest/kustomize/object.ts";
import { withAt, isMapping } from "../../manifest/kustomize/value.ts";
import type { Name } from "../../core/names.ts";
import type { Ground, Refused } from "../model.ts";
import { titleOf } from "../objects.ts";
import { refused } from "../refused.ts";
import { routesTo } from "../routes.ts";

/** A route of the repository's own files that sends to a Service of a chart. */
export type Outside = { readonly route: Built; readonly service: Built };

type Found = { readonly routes: readonly Outside[]; readonly problems: readonly Refused[] };

/** The routes outside of a chart that send to its Services; refused where nothing tells whether one does, or what is rendered of it is not what is written. */
export function routesOutside(ground: Ground, services: readonly Built[], namespace: Name, target: string): Found {
  const placed = services.map((service) => inNamespace(service, namespace));
  const facts = [...ground.inventory.state.facts.values()].flatMap(({ objects }) => objects);
  const paths = new Set(facts.filter(({ holds }) => holds.kind === "route").map(({ path }) => path));
  const all = [...paths].filter((path) =>
    placed.some((service) => ground.read(path)?.includes(nameOf(service)) === true),
  );
  const routes: Outside[] = [];
  const problems: Refused[] = [];
  for (const path of all)
    for (const written of objectsOf(ground.read, path).objects) {
      const near = placed.filter((service) => routesTo([written], service).length > 0);
      if (near.length === 0) continue;
      const home = homeOf(ground, written);
      const no = (why: string, advice: string) =>
        problems.push(refused("route", target, { path, line: written.line, found: titleOf(written), why }, advice));
      if (home === "other")
        no(
          "a kustomization changes it, and a weight that is written there might not be rendered",
          "let it stand as it is rendered",
        );
      else if (home === undefined)
        no(
          "nothing says whether it is in the namespace of the release",
          "write its namespace into it, or let its kustomization say one",
        );
      else if (home === namespace)
        routes.push(
          ...near.map((service) => ({ route: written, service: services[placed.indexOf(service)] ?? service })),
        );
    }
  return { routes, problems };
}

function inNamespace(object: Built, namespace: Name): Built {
  const value = withAt(object.value, ["metadata", "namespace"], namespaceOf(object) ?? namespace);
  return isMapping(value) ? { ...object, value } : object;
}

/** The namespace that a route of a file is delivered to; `other` where it is rendered otherwise than it is written, undefined where nothing says it. */
function homeOf({ inventory: { state }, read }: Ground, written: Built): string | undefined {
  const own = namespaceOf(written);
  const homes = [...state.made.values()].flatMap(({ rendering: { root, reads }, by }) => {
    if (!reads.includes(written.path)) return [];
    const [given] = by.flatMap(({ namespace }) => namespace ?? []);
    if (root.kind !== "kustomization") return [own ?? given];
    const made = evaluate(read, root.folder, root.components).objects.find(
      (object) =>
        object.path === written.path && kindOf(object) === kindOf(written) && nameOf(object) === nameOf(written),
    );
    if (made === undefined) return [];
    return bare(made) === bare(written) ? [namespaceOf(made) ?? given] : ["other"];
  });
  return homes.includes("other") ? "other" : (own ?? homes.find((home) => home !== undefined));
}

function bare({ value }: Built): string {
  return canonicalData(withAt(value, ["metadata", "namespace"], undefined));
}
