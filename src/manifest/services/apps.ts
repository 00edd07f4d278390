import type { ImageInUse, RouteAt, WorkloadAt } from "./model.ts";
import { beginnings, nearTo, withoutArm } from "./near.ts";
import { imagesOf, isRunning, type RenderedObject } from "./rendered.ts";
import { asksForVariable, type Waiting } from "./variables.ts";

/** One thing that runs, as one rendering of it has it. */
export type App = {
  /** Undefined where only images are known, of objects that lie on other machines. */
  readonly name: string | undefined;
  /** Undefined where it is called as it is written. */
  readonly affixes?: Affixes | undefined;
  readonly namespace: string | undefined;
  readonly workloads: readonly WorkloadAt[];
  readonly images: readonly ImageInUse[];
  /** Images that wait for a variable. */
  readonly waiting: readonly Waiting[];
  readonly routes: readonly RouteAt[];
  readonly reads: readonly string[];
};

/** What kustomizations put before a name and behind it, and the file that has it without. */
export type Affixes = { readonly before: string; readonly after: string; readonly path: string };

/** What runs among some objects: workloads that belong together by their names, each with the routes and the other files that are about it. */
export function appsOf(objects: readonly RenderedObject[]): readonly App[] {
  const running = objects.filter(isRunning);
  const groups = [...Map.groupBy(running, nameIn(running))].map(([name, own]) => ({ name, own }));
  const near = nearTo(
    groups,
    objects.filter((object) => !isRunning(object)),
  );
  return groups.map((group) => appOf(group.name, group.own, near.get(group) ?? []));
}

const LONG_RUNNING: ReadonlySet<string> = new Set([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "Rollout",
  "ReplicaSet",
  "DeploymentConfig",
  "Service",
  "HelmRelease",
  "Application",
]);

/** The service that a workload belongs to: a canary and a stable one are the same, and so is a job of a service. */
function nameIn(running: readonly RenderedObject[]): (object: RenderedObject) => string {
  const names = new Set(running.filter(({ fact }) => LONG_RUNNING.has(fact.kind)).map(({ name }) => name));
  const arms = Map.groupBy(names, withoutArm);
  const [only, ...others] = arms.keys();
  return ({ fact, name }) => {
    if (LONG_RUNNING.has(fact.kind)) return armOf(name, arms);
    if (fact.holds.kind !== "workload") return name;
    return beginnings(name).find((one) => arms.has(one)) ?? (others.length === 0 ? (only ?? name) : name);
  };
}

// An ending such as -primary is an arm's only where there is another one, or the name without it.
function armOf(name: string, arms: ReadonlyMap<string, readonly string[]>): string {
  const base = withoutArm(name);
  return (arms.get(base)?.length ?? 0) > 1 ? base : name;
}

function appOf(name: string, own: readonly RenderedObject[], near: readonly RenderedObject[]): App {
  const routes = near.filter(({ fact }) => fact.holds.kind === "route");
  return {
    name,
    affixes: own.map(affixesOf).find((found) => found !== undefined),
    namespace: own.map(namespaceOf).find((found) => found !== undefined),
    workloads: own.map(placed),
    images: own.flatMap(imagesOf),
    waiting: own.flatMap(waitingIn),
    routes: routes.map(placed),
    reads: [...own, ...near].flatMap(({ reads }) => reads),
  };
}

function affixesOf({ fact, name }: RenderedObject): Affixes | undefined {
  const at = name === fact.name ? -1 : name.indexOf(fact.name);
  if (at === -1) return undefined;
  return { before: name.slice(0, at), after: name.slice(at + fact.name.length), path: fact.path };
}

function waitingIn({ containers, fact: { path } }: RenderedObject): readonly Waiting[] {
  return containers.flatMap(({ raw, use, fact }) =>
    raw !== undefined && use === undefined && asksForVariable(raw)
      ? [{ of: fact.name, raw, set: { path, line: fact.line } }]
      : [],
  );
}

function namespaceOf({ namespace, fact: { holds } }: RenderedObject): string | undefined {
  return holds.kind === "helm-release" ? (holds.targetNamespace ?? namespace) : namespace;
}

function placed({ fact: { kind, path, line }, name }: RenderedObject): WorkloadAt {
  return { kind, name, path, line };
}
