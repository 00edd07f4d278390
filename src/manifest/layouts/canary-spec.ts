import { isName, type Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { TargetState } from "../../core/state.ts";
import { look, lookScalar, lookText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { resourcesOf } from "../resource.ts";
import { findCanary, type CanaryOf } from "../routers/canary-gates.ts";
import { nameAt } from "./name-at.ts";

/** What a Canary says besides its gates. */
export type CanarySpec = {
  /** The Deployment that people write, whose pods are the canary's. */
  readonly target: Name;
  /** The one that Flagger makes of it, whose pods are stable's. */
  readonly primary: Name;
  /** The Services that Flagger makes for the two. */
  readonly services: { readonly canary: Name; readonly stable: Name };
  /** What its autoscalerRef names, by kind and name; undefined where it has none. */
  readonly autoscaler: string | undefined;
};

type Forbidden = {
  readonly path: YamlPath;
  readonly why: string;
  /** A value that is as if the key were not there. */
  readonly off?: boolean | number;
};

const ANALYSIS: YamlPath = ["spec", "analysis"];
const BY_ITSELF = "Flagger would move traffic by itself, and git would not say so";
const OTHERWISE = "a release goes by weights alone";

/** What would have Flagger do by itself what git does not say, or keep it from what git says. */
const FORBIDDEN: readonly Forbidden[] = [
  { path: ["spec", "skipAnalysis"], why: "whatever lands would be promoted at once", off: false },
  { path: ["spec", "suspend"], why: "Flagger would follow no step and no way back", off: false },
  { path: ["spec", "canaryAnalysis"], why: "it is called analysis since v1beta1" },
  { path: [...ANALYSIS, "stepWeight"], why: BY_ITSELF, off: 0 },
  { path: [...ANALYSIS, "maxWeight"], why: BY_ITSELF, off: 0 },
  { path: [...ANALYSIS, "stepWeightPromotion"], why: BY_ITSELF, off: 0 },
  { path: [...ANALYSIS, "iterations"], why: OTHERWISE, off: 0 },
  { path: [...ANALYSIS, "match"], why: OTHERWISE },
  { path: [...ANALYSIS, "mirror"], why: OTHERWISE, off: false },
  {
    path: [...ANALYSIS, "sessionAffinity"],
    why: "who has met the canary would stay with it, and the share would not be the weight",
  },
];

/** What the only Canary of a file says; refused where Flagger could not be driven by its gates alone. */
export function readCanary(
  file: TextFile,
  of: CanaryOf & Partial<Pick<TargetState, "arms">>,
): Result<CanarySpec, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const { tree } = findCanary(source, of);
    checkForbidden(source, tree);
    checkJudgement(source, tree);
    const target = targetOf(source, tree);
    const apex =
      look(source, tree, ["spec", "service", "name"]) === undefined
        ? target
        : nameAt(source, tree, ["spec", "service", "name"]);
    const made = (name: Name, end: string) => madeOf(source, tree, `${name}-${end}`);
    const services = { canary: made(apex, "canary"), stable: made(apex, "primary") };
    checkServices(source, tree, services, of.arms);
    return { target, primary: made(target, "primary"), services, autoscaler: autoscalerOf(source, tree) };
  });
}

function checkForbidden(source: Source, tree: Tree): void {
  for (const { path, why, off } of FORBIDDEN) {
    const found = look(source, tree, path);
    const isOff = found?.kind === "scalar" && (found.value === null || (off !== undefined && found.value === off));
    if (found !== undefined && !isOff) refuse(source, found, `a Canary with ${String(path.at(-1))}`, why);
  }
}

/** Checks in the cluster decide nothing; those that fail on a way back count at once, and soon. */
function checkJudgement(source: Source, tree: Tree): void {
  const metrics = look(source, tree, [...ANALYSIS, "metrics"]);
  if (metrics !== undefined && !(metrics.kind === "list" && metrics.items.length === 0))
    refuse(source, metrics, "a Canary with metrics", "no analysis runs in the cluster behind git's back");
  for (const { key, isFit, why } of PACE) {
    const found = lookScalar(source, tree, [...ANALYSIS, key]);
    if (found === undefined) refuse(source, look(source, tree, ANALYSIS) ?? tree, `no ${key}`, why);
    else if (!isFit.test(found.source)) refuse(source, found, `the ${key} ${found.source}`, why);
  }
  const provider = lookScalar(source, tree, ["spec", "provider"]);
  if (provider?.value === "kubernetes")
    refuse(source, provider, "the provider kubernetes", "nothing would split the traffic");
}

const PACE = [
  { key: "threshold", isFit: /^1$/, why: "it is 1: a way back counts failed checks, and nothing else fails any" },
  { key: "interval", isFit: /^(?:[1-5]?\d|60)s$|^1m$/, why: "it is at most 60s: a way back takes three of them" },
] as const;

function targetOf(source: Source, tree: Tree): Name {
  const path: YamlPath = ["spec", "targetRef"];
  const kind = lookText(source, tree, [...path, "kind"]);
  if (kind === "Deployment") return nameAt(source, tree, [...path, "name"]);
  return refuse(
    source,
    look(source, tree, path) ?? tree,
    `a targetRef of the kind ${quote(kind ?? "")}`,
    "it is a Deployment",
  );
}

function autoscalerOf(source: Source, tree: Tree): string | undefined {
  const [kind, named] = ["kind", "name"].map((key) => lookText(source, tree, ["spec", "autoscalerRef", key]));
  return kind === undefined || named === undefined ? undefined : `${kind} ${named}`;
}

function checkServices(
  source: Source,
  tree: Tree,
  services: CanarySpec["services"],
  arms: TargetState["arms"] | undefined,
): void {
  if (arms === undefined || arms.by === "workload") return;
  for (const arm of ["canary", "stable"] as const) {
    if (services[arm] === arms[arm]) continue;
    const at = look(source, tree, ["spec", "service"]) ?? tree;
    refuse(source, at, `the Service ${quote(services[arm])}`, `the service's state tells the arm by ${arms[arm]}`);
  }
}

/** Refuses a Deployment that says how many pods it has: a sync would start pods that Flagger has taken away, or take those of a canary away. */
export function checkUnscaled(file: TextFile, name: Name): Result<undefined, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const target = resourcesOf(source, "apps", "Deployment").find(
      ({ tree }) => lookText(source, tree, ["metadata", "name"]) === name,
    );
    const replicas = target && lookScalar(source, target.tree, ["spec", "replicas"]);
    if (replicas === undefined) return undefined;
    return refuse(
      source,
      replicas,
      `replicas: ${replicas.source}`,
      "Flagger scales this Deployment, and a sync would write over that: leave them out",
    );
  });
}

const SCALERS = [
  ["autoscaling", "HorizontalPodAutoscaler"],
  ["keda.sh", "ScaledObject"],
] as const;

/** Refuses an autoscaler of either Deployment that the Canary does not name: what is promoted would have the number of pods that a canary has. */
export function checkAutoscalers(
  file: TextFile,
  { target, primary, autoscaler }: CanarySpec,
): Result<undefined, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const all = SCALERS.flatMap(([group, kind]) =>
      resourcesOf(source, group, kind).map(({ tree }) => ({ kind, tree })),
    );
    for (const { kind, tree } of all) {
      const who = `${kind} ${lookText(source, tree, ["metadata", "name"]) ?? ""}`;
      const [of = "Deployment", scaled] = ["kind", "name"].map((key) =>
        lookText(source, tree, ["spec", "scaleTargetRef", key]),
      );
      if (of !== "Deployment") continue;
      const isIts = scaled === primary || (scaled === target && who !== autoscaler);
      if (isIts) refuse(source, tree, `the ${who} of ${scaled}`, unnamedScaler({ target, primary }));
    }
    return undefined;
  });
}

/** Why no other autoscaler may scale the Deployments of a Canary, a clause (flagger 15bd6ad5, pkg/canary/deployment_controller.go, Promote). */
export function unnamedScaler({ target, primary }: Pick<CanarySpec, "target" | "primary">): string {
  return `promotion gives ${primary} as many pods as ${target} has under its few requests: let the Canary's autoscalerRef name the autoscaler of ${target}, from which Flagger makes that of ${primary}, and take any other away`;
}

function madeOf(source: Source, tree: Tree, name: string): Name {
  return isName(name)
    ? name
    : refuse(source, tree, `the name ${quote(name)}`, "what Flagger makes of it has a name that fits");
}
