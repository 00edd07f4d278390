import { isImage, type Image } from "../core/image.ts";
import { isName, isWaveName, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import { nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { textAt } from "../manifest/kustomize/value.ts";
import type { ServiceTarget } from "../manifest/services/model.ts";
import { folderOf, within } from "../manifest/services/paths.ts";
import { renderer, type BumpPlace, type Scene } from "./found.ts";
import { mainContainer, objections } from "./judge.ts";
import { placeIn, type Known, type Which } from "./known.ts";
import type { Refused, Wish } from "./model.ts";
import { servicesOf, titleOf } from "./objects.ts";
import type { Overlay } from "./overlay.ts";
import { refused } from "./refused.ts";
import { routersOf, routesTo } from "./routes.ts";

/** The facts of a target, or all that speaks against splitting it. */
export function known(overlay: Overlay, which: Which, wish: Wish): Result<Known, readonly Refused[]> {
  const { deployment, made, read, root } = overlay;
  const { target } = which;
  const owned = ownedFolder(overlay, which);
  const theirs = made.objects.filter(({ path }) => !path.startsWith(owned));
  const services = servicesOf(theirs, deployment);
  const routed = routesFor(theirs, services, wish);
  const namespace = namespaceFor(deployment, target, wish);
  const against = [
    ...objections({ ...made, objects: theirs }, deployment).map(({ code, refusal }) =>
      refused(code, target.name, refusal),
    ),
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
  const [{ route } = { route: undefined }] = routed;
  return ok({ overlay, which, scene, theirs, service, container: main.name, name: own, namespace, route });
}

/** The folder of a target's owned files, with a slash. */
export function ownedFolder(
  { kustomization }: Pick<Overlay, "kustomization">,
  { folder }: Pick<Which, "folder">,
): string {
  return `${within(folderOf(kustomization.path), folder)}/`;
}

/** Where pods make the share, they do behind any route. */
function routesFor(
  objects: readonly Built[],
  services: readonly Built[],
  { template: { drive } }: Wish,
): readonly Routed[] {
  if (drive.router === undefined) return [];
  return services.flatMap((service) => routesTo(objects, service).map((route) => ({ service, route })));
}

function absent(): never {
  throw new RangeError("What was not objected to is there.");
}

/** A target that no state could name. */
export function targetRefusals(target: string, deployment: Built): readonly Refused[] {
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
export function chosen(services: readonly Built[], routed: Built | undefined, called: string): Built | undefined {
  const byName = services.find((service) => nameOf(service) === called);
  const addressed = services.find((service) => textAt(service.value, "spec", "clusterIP") !== "None");
  return routed ?? byName ?? addressed ?? services[0];
}

/** A route, and the Service that it sends to. */
type Routed = { readonly service: Built; readonly route: Built };

/** Routes that would send to the service past the template's, and those of its kind that the canary cannot be joined to. */
export function routeRefusals(
  { read }: Pick<Overlay, "read">,
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
      const advice = router === undefined ? UNSPLIT : `choose a template of the kind ${router}`;
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

const UNSPLIT =
  "it takes no weights that releases could write: see docs/routers.md for what can be moved, or choose a template whose share is made by pods (canary-argo-rollouts)";

/** Why a version cannot be bumped for all containers that run it at once. */
export function unbumped(
  { scene, which }: { readonly scene: Scene; readonly which: Pick<Which, "target"> },
  found: BumpPlace,
): Refused {
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
