import { parseAllDocuments } from "yaml";
import { copiesIn, shareIn, testersIn } from "../../src/sandbox/fleet-shares.ts";
import { serviceOf } from "../../src/sandbox/fleet.ts";
import { isRendered, isRollout, pathsOf } from "./places.ts";

/** What a cluster is asked to run of a service. */
export type Asked = {
  readonly weight: number;
  /** Testers go to the canary, and nobody else. */
  readonly testers: boolean;
  /** Of how many per cent of the requests copies go to the canary. */
  readonly mirror: number;
  /** The canary's pod template, as it is written. */
  readonly pod: string;
  readonly canary: { readonly image: string; readonly replicas: number };
  readonly stable: { readonly image: string; readonly replicas: number };
  /** Of an Argo Rollout. */
  readonly steps?: Steps;
};

/** Two weights, and whether what comes after them is to be stable. */
export type Steps = { readonly from: number; readonly to: number; readonly runsOut: boolean };

/** What a service's files ask for, read without the product's own code. */
export function manifestsOf(files: ReadonlyMap<string, string>, service: string): Asked {
  const { canary, stable, route, state } = pathsOf(service);
  if (isRollout(service)) {
    const said = /^ {4}stable: "(.*)"$/m.exec(files.get(state) ?? "")?.[1];
    return rolloutOf(files.get(canary) ?? "", files.get(route) ?? "", said);
  }
  if (isRendered(service)) return renderedOf(files.get(canary) ?? "", files.get(stable) ?? "");
  return {
    pod: (files.get(canary) ?? "").split("\n  template:")[1] ?? "",
    weight: once(WEIGHTS, files.get(route) ?? "", (text) => weightOf(text, serviceOf(service))),
    testers: once(TESTERS, files.get(route) ?? "", (text) => testersOf(text, serviceOf(service))),
    mirror: once(MIRRORS, files.get(route) ?? "", (text) => mirrorOf(text, serviceOf(service))),
    canary: once(WORKLOADS, files.get(canary) ?? "", workloadOf),
    stable: once(WORKLOADS, files.get(stable) ?? "", workloadOf),
  };
}

/** Two versions, a weight and a number of pods as values; whatever else is in a chart's values reaches both arms alike. */
function renderedOf(values: string, owned: string): Asked {
  const repository = /repository: (.*)/.exec(values)?.[1] ?? "";
  const tagged = (text: string) => `${repository}:${/tag: "(.*)"/.exec(text)?.[1]}`;
  const number = (key: string) => Number(new RegExp(`${key}: (\\d+)`).exec(owned)?.[1] ?? Number.NaN);
  const canary = tagged(values);
  return {
    pod: canary,
    weight: number("weight"),
    testers: false,
    mirror: 0,
    canary: { image: canary, replicas: number("replicas") },
    stable: { image: tagged(owned), replicas: STABLE_REPLICAS },
  };
}

const STABLE_REPLICAS = 4;

/** What stable runs is what the state has on record; where nobody can read that, it is taken for what it was. */
function rolloutOf(workload: string, rollout: string, stable: string | undefined): Asked {
  const steps = once(STEPS, rollout, stepsOf);
  const { image } = once(WORKLOADS, workload, workloadOf);
  const weight = Math.max(steps.from, steps.to);
  const replicas = STABLE_REPLICAS;
  return {
    pod: podTemplateIn(workload) ?? "",
    weight,
    testers: false,
    mirror: 0,
    canary: { image, replicas: weight > 0 ? Math.ceil((weight * replicas) / 100) : 0 },
    stable: { image: stable ?? image, replicas },
    steps,
  };
}

/** The lines of a Rollout's or Deployment's pod template; what comes after them in a Rollout is its strategy. */
const POD_TEMPLATE = /(?<=\n {2}template:)[^]*?(?=\n {2}strategy:|$)/;

function podTemplateIn(text: string): string | undefined {
  return POD_TEMPLATE.exec(text)?.[0];
}

/** A file with another's pod template, and all else as it is. */
export function withPodTemplateOf(text: string, other: string): string {
  return text.replace(POD_TEMPLATE, () => podTemplateIn(other) ?? "");
}

const STEPS = new Map<string, Steps>();

function stepsOf(text: string): Steps {
  const found = /setWeight: (\d+)\n.*setWeight: (\d+)\n.*pause: (\{.*\})/.exec(text);
  const [from, to] = [Number(found?.[1] ?? Number.NaN), Number(found?.[2] ?? Number.NaN)];
  return { from, to, runsOut: found?.[3] !== "{}" };
}

// Thousands of stories hold the same few texts: each is parsed once.
const WEIGHTS = new Map<string, number>();
const TESTERS = new Map<string, boolean>();
const MIRRORS = new Map<string, number>();
const WORKLOADS = new Map<string, Asked["canary"]>();

function once<T>(known: Map<string, T>, text: string, read: (text: string) => T): T {
  const found = known.get(text);
  if (found !== undefined) return found;
  const value = read(text);
  known.set(text, value);
  return value;
}

function weightOf(text: string, service: string): number {
  const shares = parseAllDocuments(text).map((document) => shareIn(document.toJS(), service));
  return shares.find((share) => share !== undefined) ?? Number.NaN;
}

function testersOf(text: string, service: string): boolean {
  const shares = parseAllDocuments(text).map((document) => testersIn(document.toJS(), service));
  const share = shares.find((one) => one !== undefined);
  return share !== undefined && share !== weightOf(text, service);
}

function mirrorOf(text: string, service: string): number {
  const copies = parseAllDocuments(text).map((document) => copiesIn(document.toJS(), service));
  return copies.find((one) => one !== undefined) ?? 0;
}

function workloadOf(text: string): Asked["canary"] {
  const { spec } = (object(text, "Deployment") ?? object(text, "Rollout")) as {
    spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
  };
  return { image: spec.template.spec.containers[0]?.image ?? "", replicas: spec.replicas };
}

function object(text: string, kind: string): unknown {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as unknown)
    .find((value) => (value as { kind?: string }).kind === kind);
}
