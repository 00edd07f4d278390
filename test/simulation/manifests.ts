import { parseAllDocuments } from "yaml";
import { pathsOf } from "../../src/sandbox/fleet.ts";

/** What a service's files ask a cluster to run, read without the product's own code. */
export type Asked = {
  readonly weight: number;
  readonly canary: { readonly image: string; readonly replicas: number };
  readonly stable: { readonly image: string; readonly replicas: number };
};

export function manifestsOf(files: ReadonlyMap<string, string>, service: string): Asked {
  const { canary, stable, route } = pathsOf(service);
  return { weight: weightOf(files.get(route) ?? "", service), canary: workloadOf(files.get(canary) ?? ""), stable: workloadOf(files.get(stable) ?? "") };
}

function weightOf(text: string, service: string): number {
  const { spec } = object(text, "HTTPRoute") as { spec: { rules: { backendRefs: { name: string; weight: number }[] }[] } };
  return spec.rules[0]?.backendRefs.find(({ name }) => name === `${service}-canary`)?.weight ?? Number.NaN;
}

function workloadOf(text: string): Asked["canary"] {
  const { spec } = object(text, "Deployment") as { spec: { replicas: number; template: { spec: { containers: { image: string }[] } } } };
  return { image: spec.template.spec.containers[0]?.image ?? "", replicas: spec.replicas };
}

function object(text: string, kind: string): unknown {
  return parseAllDocuments(text).map((document): unknown => document.toJS()).find((value) => (value as { kind?: string }).kind === kind);
}
