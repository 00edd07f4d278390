import { err, ok, type Result } from "../core/result.ts";
import { groupOf, type Built } from "../manifest/kustomize/object.ts";
import { at, itemsOf, textAt } from "../manifest/kustomize/value.ts";
import type { Node, Template } from "../template/model.ts";
import type { Ground, Refused, Wish } from "./model.ts";
import { suits } from "./knative.ts";
import { placeIn } from "./known.ts";
import { titleOf } from "./objects.ts";
import { standingFound, waysFound } from "./opt-in.ts";
import { refused } from "./refused.ts";
import { routersOf } from "./routes.ts";
import type { Standing } from "./standing/model.ts";

/**
 * Templates that a service may be opted in on: those that drive what moves its traffic already; those for a kind of route that it has; where it has one that takes no weights, those whose share is made by pods,
 * behind any route (they want a controller in the cluster); where it has none, all that make a route of their own.
 */
export type Choice = { readonly kind: "fitting" | "byPods" | "unrouted"; readonly templates: readonly Template[] };

/** Why several are to choose from, a clause. */
export const WHY_CHOOSE: { readonly [kind in Choice["kind"]]: string } = {
  fitting: "several fit the route that it has",
  byPods: "the route that it has takes no weights, and pods can make the share",
  unrouted: "it has no route that says which",
};

/** The templates to choose from for a service: those by which traffic goes to a new version little by little first, each kind in the order of the library. */
export function templatesFor(
  ground: Ground,
  wish: Omit<Wish, "template">,
  templates: Iterable<Template>,
): Result<Choice, readonly Refused[]> {
  const standing = standingFound(ground, wish);
  if (standing.kind === "err") return standing;
  if (standing.value.length > 0) return drivingAll(standing.value, [...templates]);
  const ways = waysFound(ground, wish);
  if (ways.kind === "err") return ways;
  const { workloads, routes } = ways.value;
  const routers = new Set(routes.flatMap(routersOf));
  const library = [...templates].filter((template) => workloads.every((workload) => suits(template, workload)));
  const all = library.filter(({ drive }) => drive.kind === "route");
  const driving = [...all.filter(isGradual), ...all.filter((template) => !isGradual(template))];
  const fitting = driving.filter(
    (template) =>
      template.drive.router !== undefined && routers.has(template.drive.router) && isAttachedAs(template, routes),
  );
  if (fitting.length > 0) return ok({ kind: "fitting", templates: fitting });
  const byPods = library.filter(isByPods);
  const isFixed = routes.some((route) => routersOf(route).length === 0);
  return ok(isFixed ? { kind: "byPods", templates: byPods } : { kind: "unrouted", templates: driving });
}

/** What moves the traffic already leaves no choice but of templates that drive just that. */
function drivingAll(standing: readonly Standing[], templates: readonly Template[]): Result<Choice, readonly Refused[]> {
  const fitting = templates.filter((template) => standing.every(({ engine, object }) => engine.fits(object, template)));
  const [first] = standing;
  if (fitting.length > 0 || first === undefined) return ok({ kind: "fitting", templates: fitting });
  const { object, which } = first;
  const found = placeIn(object, titleOf(object), "no template drives what its controller moves");
  return err([refused("template", which.target.name, found, "put one into .tidegate/templates (docs/templates.md)")]);
}

function isGradual({ plan: { steps = [] } }: Template): boolean {
  return steps.every((step) => typeof step === "number" && step > 0 && step < 100);
}

function isByPods({ drive }: Template): boolean {
  return drive.kind === "rollout" && drive.strategy === "canary" && drive.router === undefined;
}

/** Whether the routes of a service have parents as the template's own route has: a mesh's are Services, all others Gateways. Where either does not say, they may. */
function isAttachedAs({ objects }: Template, routes: readonly Built[]): boolean {
  const own = objects.flatMap(({ object }) => itemsIn(nodeAt(object, "spec", "parentRefs")).map(parentOf));
  const found = routes
    .filter((route) => groupOf(route) === "gateway.networking.k8s.io")
    .flatMap(({ value }) => itemsOf(at(value, "spec", "parentRefs")))
    .map((parent) => textAt(parent, "kind") === "Service");
  return own.length === 0 || found.length === 0 || found.some((isService) => own.includes(isService));
}

function parentOf(parent: Node): boolean {
  const kind = nodeAt(parent, "kind");
  return kind?.kind === "scalar" && kind.value === "Service";
}

function itemsIn(node: Node | undefined): readonly Node[] {
  return node?.kind === "list" ? node.items : [];
}

function nodeAt(node: Node, ...path: readonly string[]): Node | undefined {
  return path.reduce<Node | undefined>(
    (here, key) => (here?.kind === "map" ? here.entries.find((entry) => entry.key === key)?.value : undefined),
    node,
  );
}
