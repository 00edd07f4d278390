import { parseAllDocuments } from "yaml";
import { pathsOf, serviceOf } from "../../src/sandbox/fleet.ts";

/** What a cluster is asked to run of a service. */
export type Asked = {
  readonly weight: number;
  /** The canary's pod template, as it is written. */
  readonly pod: string;
  readonly canary: { readonly image: string; readonly replicas: number };
  readonly stable: { readonly image: string; readonly replicas: number };
};

/** What a service's files ask for, read without the product's own code. */
export function manifestsOf(files: ReadonlyMap<string, string>, service: string): Asked {
  const { canary, stable, route } = pathsOf(service);
  return {
    pod: (files.get(canary) ?? "").split("\n  template:")[1] ?? "",
    weight: once(WEIGHTS, files.get(route) ?? "", (text) => weightOf(text, serviceOf(service))),
    canary: once(WORKLOADS, files.get(canary) ?? "", workloadOf),
    stable: once(WORKLOADS, files.get(stable) ?? "", workloadOf),
  };
}

// Thousands of stories hold the same few texts: each is parsed once.
const WEIGHTS = new Map<string, number>();
const WORKLOADS = new Map<string, Asked["canary"]>();

function once<T>(known: Map<string, T>, text: string, read: (text: string) => T): T {
  const found = known.get(text);
  if (found !== undefined) return found;
  const value = read(text);
  known.set(text, value);
  return value;
}

function weightOf(text: string, service: string): number {
  const { spec } = object(text, "HTTPRoute") as {
    spec: { rules: { backendRefs: { name: string; weight: number }[] }[] };
  };
  return spec.rules[0]?.backendRefs.find(({ name }) => name === `${service}-canary`)?.weight ?? Number.NaN;
}

function workloadOf(text: string): Asked["canary"] {
  const { spec } = object(text, "Deployment") as {
    spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
  };
  return { image: spec.template.spec.containers[0]?.image ?? "", replicas: spec.replicas };
}

function object(text: string, kind: string): unknown {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as unknown)
    .find((value) => (value as { kind?: string }).kind === kind);
}
