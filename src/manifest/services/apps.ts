import type { ImageInUse, RouteAt, WorkloadAt } from "./model.ts";
import { imagesOf, isRunning, type RenderedObject } from "./rendered.ts";

/** One thing that runs, as one rendering of it has it. */
export type App = {
  /** Undefined where only images are known, of objects that lie on other machines. */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly workloads: readonly WorkloadAt[];
  readonly images: readonly ImageInUse[];
  /** Images that wait for a variable of Flux. */
  readonly waiting: readonly { readonly of: string; readonly raw: string }[];
  readonly routes: readonly RouteAt[];
  readonly reads: readonly string[];
};

/** What runs among some objects: workloads that belong together by their names, each with the routes and the other files that are about it. */
export function appsOf(objects: readonly RenderedObject[]): readonly App[] {
  const running = objects.filter(isRunning);
  const groups = [...Map.groupBy(running, nameIn(running))];
  const owners = Map.groupBy(groups, ([, [first]]) => first?.owner ?? "");
  const names = groups.map(([name]) => name);
  const rest = objects.filter((object) => !isRunning(object));
  return groups.map(([name, own]) => {
    const owner = own[0]?.owner ?? "";
    const isAlone = owners.get(owner)?.length === 1;
    const near = rest.filter((object) =>
      belongs(object, { name, own, owner, isAlone, isOnly: groups.length === 1, all: names }),
    );
    return appOf(name, own, near);
  });
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
const ARMS = /-(?:canary|stable|primary|preview|active|baseline|blue|green)$/;

/** The service that a workload belongs to: a canary and a stable one are the same, and so is a job of a service. */
function nameIn(running: readonly RenderedObject[]): (object: RenderedObject) => string {
  const names = new Set(running.filter(({ fact }) => LONG_RUNNING.has(fact.kind)).map(({ name }) => name));
  const plain = new Set([...names].map((name) => name.replace(ARMS, "")));
  const sorted = [...plain].toSorted((a, b) => b.length - a.length);
  const [only] = sorted;
  return ({ fact, name }) => {
    if (LONG_RUNNING.has(fact.kind)) return armOf(name, names);
    if (fact.holds.kind !== "workload") return name;
    return (
      sorted.find((one) => name === one || name.startsWith(`${one}-`)) ??
      (sorted.length === 1 && only !== undefined ? only : name)
    );
  };
}

// An ending such as -primary is an arm's only where there is another one, or the name without it.
function armOf(name: string, names: ReadonlySet<string>): string {
  const base = name.replace(ARMS, "");
  if (base === name) return name;
  const others = [...names].filter((one) => one !== name && one.replace(ARMS, "") === base);
  return others.length > 0 ? base : name;
}

type About = {
  readonly name: string;
  readonly own: readonly RenderedObject[];
  readonly owner: string;
  readonly isAlone: boolean;
  readonly isOnly: boolean;
  readonly all: readonly string[];
};

/** Whether an object that runs nothing is about a service: a route by what it names, others by lying with it. */
function belongs(
  { fact, name: called, owner: at }: RenderedObject,
  { name, own, owner, isAlone, isOnly, all }: About,
): boolean {
  if (fact.holds.kind === "route") {
    const names = new Set([name, ...own.map((one) => one.name)]);
    const isNamed = [called, ...fact.holds.names].some(
      (word) => names.has(word) || names.has(word.split(".")[0] ?? "") || names.has(word.replace(ARMS, "")),
    );
    return isNamed || isOnly || (isAlone && at === owner);
  }
  // Of several that lie together, what bears the name of one is its own.
  if (isOnly || (isAlone && at === owner)) return true;
  return at === owner && (isNamedAs(called, name) || !all.some((one) => isNamedAs(called, one)));
}

function isNamedAs(called: string, name: string): boolean {
  return called === name || called.startsWith(`${name}-`);
}

function appOf(name: string, own: readonly RenderedObject[], near: readonly RenderedObject[]): App {
  const routes = near.filter(({ fact }) => fact.holds.kind === "route");
  return {
    name,
    namespace: own.map(namespaceOf).find((found) => found !== undefined),
    workloads: own.map(placed),
    images: own.flatMap(imagesOf),
    waiting: own.flatMap(({ containers }) =>
      containers.flatMap(({ raw, use, fact }) =>
        raw?.includes("${") === true && use === undefined ? [{ of: fact.name, raw }] : [],
      ),
    ),
    routes: routes.map(placed),
    reads: [...own, ...near].flatMap(({ reads }) => reads),
  };
}

function namespaceOf({ namespace, fact: { holds } }: RenderedObject): string | undefined {
  return holds.kind === "helm-release" ? (holds.targetNamespace ?? namespace) : namespace;
}

function placed({ fact: { kind, path, line }, name }: RenderedObject): WorkloadAt {
  return { kind, name, path, line };
}
