import { isName, name, type Name } from "../core/names.ts";
import { weightClaim } from "../core/ownership.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Claim, WeightPlace } from "../core/state.ts";
import type { Data } from "../manifest/data.ts";
import { nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, entriesOf, isMapping, itemsOf, textAt, withAt, type Values } from "../manifest/kustomize/value.ts";
import type { Labels } from "../manifest/layouts/arm-labels.ts";
import { optInOverlay, writtenName, type OptedIn } from "../manifest/layouts/kustomize.ts";
import { ownedText } from "../manifest/layouts/owned-text.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import { folderOf, within } from "../manifest/services/paths.ts";
import { instantiate } from "../template/instantiate.ts";
import type { Instance, TemplateFacts } from "../template/model.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { running, type Scene } from "./found.ts";
import { on, placeIn, type Arms, type Known } from "./known.ts";
import type { Refused, Wish } from "./model.ts";
import { routeOf } from "./knative.ts";
import { containersOf, isKnative, scalersOf, selectorOf, titleOf } from "./objects.ts";

/** What a target gets. */
export type Made = {
  readonly texts: ReadonlyMap<string, string>;
  readonly opted: OptedIn;
  readonly instance: Instance;
  /** How many objects are new. */
  readonly added: number;
  readonly weight: RoutePlace;
  /** What releases write in a route of people's. */
  readonly claim: Claim | undefined;
};

type RoutePlace = Extract<WeightPlace, { readonly kind: "route" }>;

/** The texts of a target: the overlay's owned files, the template's objects among them, and the route that is there. */
export function ownedTexts(facts: Known, labels: Labels, wish: Wish): Result<Made, readonly Refused[]> {
  const { overlay, which } = facts;
  const optIn = { ...splitOf(facts), labels, folder: which.folder };
  // What the canary is called is known before its route is.
  const first = optInOverlay(overlay.kustomization, { ...optIn, objects: [] });
  if (first.kind === "err") return err([on(facts, "overlay", first.error)]);
  const canary = first.value.canary.rendered;
  const instance = instanceOf(
    facts,
    { service: canary, workload: canary, selectors: selectorsOf(facts, canary, labels) },
    wish,
  );
  if (instance.kind === "err") return err(instance.error);
  const entered = entryOf(facts, canary, wish);
  if (entered.kind === "err") return err([on(facts, "route", entered.error)]);
  const named = (object: Values) => namedAs(facts, object);
  const own = filesOf(facts, instance.value, { entered: entered.value, named });
  const opted = optInOverlay(overlay.kustomization, { ...optIn, objects: own.map(({ path }) => path) });
  if (opted.kind === "err") return err([on(facts, "overlay", opted.error)]);
  const folder = within(folderOf(overlay.kustomization.path), which.folder);
  const joined = [entered.value?.joined].filter((file) => file !== undefined);
  const files = [...joined, ...own.map(({ path, text }) => ({ path: within(folder, path), text }))];
  const weight = weightIn(facts, files, opted.value.canary.rendered, wish);
  if (weight === undefined) return err([on(facts, "template", unmoved(facts, wish))]);
  return ok({
    texts: new Map([...opted.value.texts, ...files.map(({ path, text }) => [path, text] as const)]),
    opted: opted.value,
    instance: instance.value,
    added: instance.value.objects.length + (entered.value?.own?.split("\n---\n").length ?? 0) + armObjects(facts),
    weight,
    claim: joined[0] && claimOf(facts, joined[0]),
  });
}

/** How many objects the canary is: a Deployment with its Service, or a Configuration. */
function armObjects({ scene }: Known): number {
  return isKnative(scene.deployment) ? 1 : 2;
}

function selectorsOf({ scene, name: own }: Known, canary: Name, labels: Labels): CanaryArm["selectors"] {
  if (!isKnative(scene.deployment)) return { stable: selectorOf(scene.deployment), canary: labels };
  return { stable: { [CONFIGURATION]: own }, canary: { [CONFIGURATION]: canary } };
}

// Knative labels pods by whose they are.
const CONFIGURATION = "serving.knative.dev/configuration";

/** What the canary's own route is, and what an object is called in its file. */
type Filing = { readonly entered: Entered | undefined; readonly named: (object: Values) => Values };

/** The files of the owned folder that hold the template's objects, and the route's where the canary has one of its own. */
export function filesOf(facts: Arms, { objects }: Instance, { entered, named }: Filing): readonly TextFile[] {
  const made = [...Map.groupBy(objects, ({ file }) => file)].map(([path, all]) => {
    return { path, text: ownedText(...all.map(({ object }) => named(placedAs(facts, object)))) };
  });
  return entered?.own === undefined ? made : [...made, { path: ROUTE, text: entered.own }];
}

const ROUTE = "route.yaml";

function splitOf({ name: own, scene, service }: Known) {
  const { deployment, image } = scene;
  const written = namespaceOf(deployment);
  const namespace = isName(written) ? written : undefined;
  const rest = { name: own, namespace, image };
  const containers = running(deployment, image);
  if (!isKnative(deployment))
    return { workload: { ...rest, kind: "Deployment" as const, containers }, ports: portsOf(service) };
  const named = containers.map(({ list, name: one }) => ({ list, name: isWritten(deployment, one) ? one : undefined }));
  return { workload: { ...rest, kind: "Knative" as const, containers: named }, ports: undefined };
}

function isWritten(workload: Built, container: string): boolean {
  return containersOf(workload).some(({ data }) => textAt(data, "name") === container);
}

function unmoved({ scene }: Known, { template }: Wish): Refusal {
  return placeIn(scene.deployment, template.name, "it makes no route whose weight could be moved");
}

// Where the Deployment says no namespace, what delivers it gives one, to all of them alike.
export function placedAs({ scene, namespace }: Arms, object: Values): Values {
  const isSame = textAt(object, "metadata", "namespace") === namespace;
  const bare = withAt(object, ["metadata", "namespace"], undefined);
  return namespaceOf(scene.deployment) === undefined && isSame && isMapping(bare) ? bare : object;
}

// The kustomization that lists it gives it its prefix and suffix.
function namedAs({ overlay }: Known, object: Values): Values {
  const called = textAt(object, "metadata", "name");
  if (called === undefined) return object;
  const named = withAt(object, ["metadata", "name"], writtenName(overlay.kustomization, called));
  return isMapping(named) ? named : object;
}

/** How the canary comes into a route that is there: the route's file with it, or an object of its own for it; undefined where there is no route. */
type Entered = { readonly joined: TextFile | undefined; readonly own: string | undefined };

/** How the canary comes to the route that the service has. */
export function entryOf(facts: Arms, canary: Name, { template }: Wish): Result<Entered | undefined, Refusal> {
  const { route, scene, service, namespace } = facts;
  const { router } = template.drive;
  if (route === undefined || router === undefined) return ok(undefined);
  const stable = nameOf(service);
  const file = { path: route.path, text: scene.read(route.path) ?? "" };
  const arms = { canary, stable: isName(stable) ? stable : facts.name };
  const { entry } = ROUTERS[router];
  const text =
    entry.kind === "beside"
      ? entry.join(file, { namespace, arms, destinations: undefined })
      : entry.canaryOf(file, { namespace, arms, destinations: undefined });
  if (text.kind === "err") return text;
  return ok(
    entry.kind === "beside"
      ? { joined: { path: file.path, text: text.value }, own: undefined }
      : { joined: undefined, own: text.value },
  );
}

/** What releases write in a route of people's. */
export function claimOf({ route }: Arms, { path }: TextFile): Claim | undefined {
  return route && weightClaim(path, titleOf(route));
}

/** The file that holds the weight: the first that its router can read. */
export function weightIn(
  { namespace, service, name: own }: Arms,
  files: readonly TextFile[],
  canary: Name,
  wish: Wish,
): RoutePlace | undefined {
  const { router, kind } = wish.template.drive;
  if (kind !== "route" || router === undefined) return undefined;
  const stable = nameOf(service);
  const arms = { canary, stable: isName(stable) ? stable : own };
  const route = files.find(
    (file) => ROUTERS[router].read(file, { namespace, arms, destinations: undefined }).kind === "ok",
  );
  return route && { kind: "route", path: route.path, router, destinations: undefined };
}

/** The canary's own: what its Service and its Deployment are called, and what tells the pods of both arms, where something does. */
export type CanaryArm = {
  readonly service: Name;
  readonly workload: Name;
  readonly selectors: TemplateFacts["selectors"];
  /** An autoscaler says how many pods there are, and the template's objects say nothing of it. */
  readonly isScaled?: boolean;
};

/** What the template makes of a target. */
export function instanceOf(facts: Arms, canary: CanaryArm, wish: Wish): Result<Instance, readonly Refused[]> {
  const { which, service, namespace, scene } = facts;
  const stable = nameOf(service);
  const port = isKnative(service) ? KNATIVE_PORT : itemsOf(at(service.value, "spec", "ports"))[0];
  const number = at(port, "port");
  if (!isName(stable) || typeof number !== "number")
    return err([on(facts, "no-service-object", placeIn(service, `Service ${stable}`, "it has no port by a number"))]);
  const instance = instantiate(wish.template, wish.parameters, {
    service: which.service,
    namespace,
    target: name(which.target.name),
    port: { name: textAt(port, "name"), number },
    services: { stable, canary: canary.service },
    workloads: { stable: facts.name, canary: canary.workload },
    selectors: canary.selectors,
    replicas: canary.isScaled === true ? undefined : mostReplicas(scene),
    route: routeName(facts),
    isRouted: facts.route !== undefined,
  });
  if (instance.kind === "ok") return instance;
  return err(
    instance.error.map(({ path, line, message }) =>
      on(facts, "template", {
        path,
        line,
        found: `the template ${wish.template.name}`,
        why: message.replace(/\.$/, ""),
      }),
    ),
  );
}

/** What a Route of Knative's listens to. */
const KNATIVE_PORT = { name: "http", port: 80 };

/** The most pods that stable has, by its autoscalers or its own number. */
export function mostReplicas({ deployment, made }: Scene): number {
  const most = scalersOf(made.objects, deployment).flatMap((one) => one.most ?? []);
  const count = at(deployment.value, "spec", "replicas");
  return most.length > 0 ? Math.max(...most) : typeof count === "number" ? count : 1;
}

const PORT_KEYS: ReadonlySet<string> = new Set(["name", "port", "targetPort", "protocol", "appProtocol"]);

/** The ports of stable's Service, without what a cluster gives out once. */
export function portsOf(service: Built): readonly Data[] {
  return itemsOf(at(service.value, "spec", "ports")).map((port): Values =>
    Object.fromEntries(entriesOf(port).filter(([key]) => PORT_KEYS.has(key))),
  );
}

function routeName({ route, which, service }: Arms): Name {
  const called = route === undefined ? (isKnative(service) ? routeOf(which.service) : undefined) : nameOf(route);
  return isName(called) ? called : which.service;
}
