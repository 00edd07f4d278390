import { sha } from "../../src/core/names.ts";
import { isWanted, takeInventory } from "../../src/manifest/services/inventory.ts";
import type { Ground, Texts, Wish } from "../../src/opt-in/model.ts";
import { libraryOf } from "../../src/template/library.ts";

export type Files = ReadonlyMap<string, string>;

export const REVISION = sha("4f1c".padEnd(40, "0"));

/** A repository of some files. */
export function groundOf(files: Files, links: Ground["links"] = new Map()): Ground {
  const listing = new Map([...files.keys()].map((path) => [path, path]));
  const read = (path: string) => files.get(path);
  const inventory = takeInventory(listing, (path) => (isWanted(path, []) ? read(path) : undefined));
  return { inventory, read, links, revision: REVISION };
}

/** The files after what opting in or out writes. */
export function applied(files: Files, texts: Texts): Files {
  const next = new Map(files);
  for (const [path, text] of texts) {
    if (text === undefined) next.delete(path);
    else next.set(path, text);
  }
  return next;
}

const GATEWAY = `version: 1
title: Canary behind a route
summary: For tests of opting in.
parameters:
  gateway: { type: name, help: The Gateway. }
  hostnames: { type: hostnames, help: The host names., default: [] }
drive: { route: HTTPRoute }
objects:
  route.yaml:
    unless: routed
    object:
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: { name: "\${route}", namespace: "\${namespace}" }
      spec:
        parentRefs: [{ name: "\${gateway}" }]
        hostnames: [{ for: hostname, in: hostnames, each: "\${hostname}" }]
        rules:
          - backendRefs:
              - { name: "\${services.stable}", port: "\${port.number}", weight: 100 }
              - { name: "\${services.canary}", port: "\${port.number}", weight: 0 }
plan: { steps: [5, 25, 50], bake: 10m }
`;
const ISTIO = `version: 1
title: Canary behind a VirtualService
summary: For tests of opting in.
drive: { route: VirtualService }
objects:
  route.yaml:
    unless: routed
    object:
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: { name: "\${route}" }
      spec:
        hosts: ["\${services.stable}"]
        http:
          - route:
              - { destination: { host: "\${services.stable}" }, weight: 100 }
              - { destination: { host: "\${services.canary}" }, weight: 0 }
plan: {}
`;
const NGINX = `version: 1
title: Canary beside an Ingress
summary: For tests of opting in.
drive: { route: Ingress }
objects:
  route.yaml:
    unless: routed
    object:
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: { name: "\${route}" }
      spec: { defaultBackend: { service: { name: "\${services.stable}", port: { number: "\${port.number}" } } } }
plan: {}
`;

const TEMPLATES = libraryOf(
  Object.entries({ "canary-gateway-api": GATEWAY, "canary-istio": ISTIO, "canary-nginx": NGINX }).map(
    ([name, text]) => {
      return { path: `templates/${name}/template.yaml`, text };
    },
  ),
  [],
);

/** A wish as it is written: a service, a template (those that Tidegate ships are told by their own examples), and parameters. */
export function wishOf(words: string): Wish {
  const [service = "", name = "", ...rest] = words.trim().split(" ");
  const template = TEMPLATES.templates.get(name);
  if (template === undefined) throw new Error(`There is no template ${name}: ${JSON.stringify(TEMPLATES.problems)}`);
  const parameters = new Map(rest.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]));
  return { service, targets: undefined, template, parameters, namespace: undefined };
}
