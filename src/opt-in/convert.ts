import { isImage, type Image } from "../core/image.ts";
import { isName, isWaveName, name, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Claim, Places, TargetState, WeightPlace } from "../core/state.ts";
import { NO_WEIGHT } from "../core/weight.ts";
import { kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { textAt } from "../manifest/kustomize/value.ts";
import { canaryLabels, type Labels } from "../manifest/layouts/arm-labels.ts";
import type { OptedIn } from "../manifest/layouts/kustomize.ts";
import type { ServiceTarget } from "../manifest/services/model.ts";
import { folderOf, within } from "../manifest/services/paths.ts";
import type { Instance } from "../template/model.ts";
import { bumpPlace, renderer, replicasPlace, type BumpPlace, type Scene } from "./found.ts";
import { mainContainer, objections } from "./judge.ts";
import { on, placeIn, type Known, type Which } from "./known.ts";
import type { Refused, Remark, Wish } from "./model.ts";
import { isWorkload, podLabels, scalersOf, selectorOf, servicesOf, titleOf } from "./objects.ts";
import type { Overlay } from "./overlay.ts";
import { doubts } from "./prove.ts";
import { refused } from "./refused.ts";
import { remarksOn } from "./remarks.ts";
import { routersOf, routesTo } from "./routes.ts";
import { mostReplicas, ownedTexts } from "./texts.ts";

/** One target of a service, converted. */
export type Converted = {
  readonly target: Name;
  readonly texts: ReadonlyMap<string, string>;
  readonly owned: string;
  /** What releases write in a route of people's. */
  readonly claims: readonly Claim[];
  readonly at: TargetState;
  readonly remarks: readonly Remark[];
  readonly instance: Instance;
};

/** Splits the Deployment of a target, and proves by rendering that nothing else differs. */
export function convert(overlay: Overlay, which: Which, wish: Wish): Result<Converted, readonly Refused[]> {
  const found = known(overlay, which, wish);
  if (found.kind === "err") return found;
  const canary = bumpPlace(found.value.scene);
  if (canary.kind !== "place") return err([unbumped(found.value, canary)]);
  const labels = labelsFor(found.value);
  const made = ownedTexts(found.value, labels, wish);
  if (made.kind === "err") return made;
  const { texts, opted, instance, weight, claim } = made.value;
  const state = stateOf(found.value, { opted, canary: canary.place, weight });
  const wrong = doubts(found.value, made.value, state);
  if (wrong !== undefined) return err([on(found.value, wrong.code, wrong.refusal)]);
  return ok({
    target: name(which.target.name),
    texts,
    owned: `${within(folderOf(overlay.kustomization.path), which.folder)}/`,
    claims: claim === undefined ? [] : [claim],
    at: state,
    remarks: remarksOn(found.value, labels),
    instance,
  });
}

/** The facts of a target, or all that speaks against splitting it. */
function known(overlay: Overlay, which: Which, wish: Wish): Result<Known, readonly Refused[]> {
  const { deployment, made, read, root } = overlay;
  const { target } = which;
  const services = servicesOf(made.objects, deployment);
  const routed = services.flatMap((service) => routesTo(made.objects, service).map((route) => ({ service, route })));
  const namespace = namespaceFor(deployment, target, wish);
  const against = [
    ...objections(made, deployment).map(({ code, refusal }) => refused(code, target.name, refusal)),
    ...targetRefusals(target.name, deployment),
    ...(namespace === undefined
      ? [refused("unknown", target.name, placeIn(deployment, "its namespace", "it is no name"))]
      : []),
    ...routeRefusals(overlay, target.name, routed, wish),
  ];
  if (against.length > 0) return err(against);
  const service = chosen(services, routed[0]?.service, which.service);
  const own = nameOf(deployment);
  const main = mainContainer(deployment);
  if (service === undefined || main === undefined || !isName(own) || namespace === undefined) return absent();
  if (!isName(main.name) || !isImage(main.image)) return absent();
  const again = renderer(read, root);
  const scene = { deployment, container: main.name, image: main.image, made, read, again };
  return ok({ overlay, which, scene, service, container: main.name, name: own, namespace, route: routed[0]?.route });
}

function absent(): never {
  throw new RangeError("What was not objected to is there.");
}

function targetRefusals(target: string, deployment: Built): readonly Refused[] {
  if (isName(target) && !isWaveName(target)) return [];
  const advice = "name it by a line of targets (docs/services.md)";
  return [
    refused("no-target", target, placeIn(deployment, `the target ${target}`, "no target can be called so"), advice),
  ];
}

const USUAL = "default";

function namespaceFor(deployment: Built, target: ServiceTarget, wish: Wish): Name | undefined {
  const text = namespaceOf(deployment) ?? target.namespace ?? wish.namespace ?? USUAL;
  return isName(text) ? text : undefined;
}

/** Of several Services that of the route, else the one that is called as the service, else the first that has an address. */
function chosen(services: readonly Built[], routed: Built | undefined, called: string): Built | undefined {
  const byName = services.find((service) => nameOf(service) === called);
  const addressed = services.find((service) => textAt(service.value, "spec", "clusterIP") !== "None");
  return routed ?? byName ?? addressed ?? services[0];
}

type Routed = { readonly service: Built; readonly route: Built };

/** Routes that would send to the service past the template's, and those of its kind that the canary cannot be joined to. */
function routeRefusals(
  { read }: Overlay,
  target: string,
  routed: readonly Routed[],
  { template }: Wish,
): readonly Refused[] {
  const routes = [...new Set(routed.map(({ route }) => route))];
  const wanted = template.drive.router;
  const others = routes.filter((route) => wanted === undefined || !routersOf(route).includes(wanted));
  const own = routes.filter((route) => !others.includes(route));
  const files = new Set(own.map(({ path }) => path));
  const [, second] = own;
  return [
    ...others.map((route) => {
      const [router] = routersOf(route);
      const why = `it sends to the service past the ${wanted ?? "pods"} of the template ${template.name}`;
      const advice =
        router === undefined ? "see docs/routers.md for what can be moved" : `choose a template of the kind ${router}`;
      return refused("route", target, placeIn(route, titleOf(route), why), advice);
    }),
    ...(second !== undefined && files.size > 1
      ? [
          refused(
            "route",
            target,
            placeIn(second, titleOf(second), "another file has a route to the service too"),
            "put them into one file: it is what a step changes",
          ),
        ]
      : []),
    ...own
      .filter(({ path }) => read(path) === undefined)
      .map((route) => refused("route", target, placeIn(route, titleOf(route), "its file cannot be edited"))),
  ];
}

function unbumped({ scene, which }: Known, found: BumpPlace): Refused {
  const { deployment, image } = scene;
  if (found.kind === "some") {
    const line = lineOf(scene, found.place.path, image);
    const why = "a bump there would reach some of its containers alone";
    return refused("image-places", which.target.name, {
      path: found.place.path,
      line,
      found: `${image} at ${found.place.at}`,
      why,
    });
  }
  const why = "no file of the repository says that version by itself";
  return refused("image-places", which.target.name, placeIn(deployment, image, why));
}

function lineOf({ read }: Scene, path: string, image: Image): number {
  const version = image.slice(image.lastIndexOf(":") + 1);
  const lines = (read(path) ?? "").split("\n");
  return lines.findIndex((line) => line.includes(version)) + 1 || 1;
}

function labelsFor({ scene }: Known): Labels {
  const { deployment, made } = scene;
  const selectors = made.objects.filter((object) => kindOf(object) === "Service" || isWorkload(object)).map(selectorOf);
  return canaryLabels(podLabels(deployment), selectors);
}

type Placing = { readonly opted: OptedIn; readonly canary: Places["canary"]; readonly weight: WeightPlace };

function stateOf({ scene, service, container, ...facts }: Known, { opted, canary, weight }: Placing): TargetState {
  const isScaled = scalersOf(scene.made.objects, scene.deployment).length > 0;
  const manifests: Places = {
    layout: "places",
    canary,
    stable: opted.stable,
    weight,
    canaryReplicas: opted.canaryReplicas,
    stableReplicas: (isScaled ? undefined : replicasPlace(scene)) ?? mostReplicas(scene),
    workloads: { canary: opted.canary.rendered, stable: facts.name },
    container,
  };
  return {
    namespace: facts.namespace,
    manifests,
    arms: { canary: opted.canary.rendered, stable: name(nameOf(service)), by: "service" },
    weight: NO_WEIGHT,
    stable: scene.image,
    release: undefined,
  };
}
