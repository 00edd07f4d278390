import { isName, name } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { ImagePlace, Places, TargetState } from "../../core/state.ts";
import { NO_WEIGHT } from "../../core/weight.ts";
import type { Charted as Made } from "../../manifest/chart/render.ts";
import { kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { within } from "../../manifest/services/paths.ts";
import type { Converted } from "../convert.ts";
import { chosen, routeRefusals, targetRefusals } from "../facts.ts";
import { bumpPlace } from "../found.ts";
import { on, placeIn } from "../known.ts";
import type { Ground, Refused, Wish } from "../model.ts";
import { selectorOf, servicesOf, textsBelow } from "../objects.ts";
import { refused } from "../refused.ts";
import { routesTo } from "../routes.ts";
import { mostReplicas } from "../texts.ts";
import { clashes } from "./judge.ts";
import { podsFor, stableReplicas, type Pods, type Unpodded } from "./pods.ts";
import { chartDoubts } from "./prove.ts";
import { renders, type Bringer } from "./release.ts";
import { chartRemarks } from "./remarks.ts";
import { routesOutside } from "./routes.ts";
import { counterpart, sceneOf, type ChartScene } from "./scene.ts";
import { chartTexts, ownedFolderOf, type MadeChart, type Split } from "./texts.ts";
import type { Which } from "../known.ts";

/** A release of a chart that is to become two. */
export type Charted = {
  readonly ground: Ground;
  readonly bringer: Bringer;
  readonly which: Omit<Which, "folder" | "beside">;
};

const KNATIVE_BY_HAND =
  "of a Knative Service write its places by hand, as docs/knative.md says; for a Deployment choose another kind of route";

/** Runs a target's chart as two releases, and proves it by reading the chart: stable's objects stay, and none of the canary's is in their way. */
export function convertChart(charted: Charted, wish: Wish): Result<Converted, readonly Refused[]> {
  const { ground, bringer, which } = charted;
  const target = which.target.name;
  const { kind, router } = wish.template.drive;
  if (kind !== "route" || router === "KnativeRoute") {
    const why =
      kind === "route"
        ? "no chart is split behind Knative's Route"
        : kind === "canary"
          ? "it drives a Canary that is a file of the repository"
          : "the chart's Deployment cannot be handed over to a Rollout";
    return err([
      refused(
        "helm",
        target,
        placeIn(bringer.object, wish.template.name, why),
        kind === "route" ? KNATIVE_BY_HAND : "choose a template whose weight Tidegate writes into the route",
      ),
    ]);
  }
  const scene = sceneOf(ground, bringer, target);
  if (scene.kind === "err") return scene;
  const found = splitOf(charted, scene.value, wish);
  if (found.kind === "err") return found;
  const split = found.value;
  const made = chartTexts(split, wish);
  if (made.kind === "err") return made;
  const state = stateOf(scene.value, split, made.value);
  const wrong = chartDoubts(scene.value, split, { made: made.value, state });
  if (wrong !== undefined) return err([on(split, wrong.code, wrong.refusal)]);
  return ok({
    target: name(target),
    texts: made.value.texts,
    isChart: true,
    owned: made.value.owned,
    claims: made.value.claim === undefined ? [] : [made.value.claim],
    at: state,
    remarks: chartRemarks(scene.value, split),
    instance: made.value.instance,
  });
}

/** All that speaks against running a target's chart as two releases, whichever template were asked for. */
export function chartRefusals(charted: Charted): readonly Refused[] {
  const scene = sceneOf(charted.ground, charted.bringer, charted.which.target.name);
  const found = scene.kind === "ok" ? splitOf(charted, scene.value, undefined) : scene;
  return found.kind === "err" ? found.error : [];
}

/** The routes that send to a chart's Services, from within it and outside. */
export function chartRoutes(ground: Ground, bringer: Bringer, target: string): readonly Built[] {
  const now = renders(ground, ground.read, bringer.release);
  if (now.kind === "err") return [];
  const { objects } = now.value;
  const services = objects.filter((object) => kindOf(object) === "Service");
  const own = services.flatMap((service) => routesTo(objects, service));
  const outside = routesOutside(ground, services, bringer.release.namespace, target);
  return [...own, ...outside.routes.map(({ route }) => route)];
}

/** What is found out of a chart before anything is made. */
type Found = {
  readonly services: readonly Built[];
  readonly routed: { readonly route: Built; readonly service: Built } | undefined;
  readonly second: Made;
  readonly pods: Pods;
  readonly bump: ImagePlace;
};

/** All of that, or all that speaks against running the chart twice; without a wish but for what a template cannot do. */
function findings(
  { ground, bringer, which }: Charted,
  chart: ChartScene,
  wish: Wish | undefined,
): Result<Found, readonly Refused[]> {
  const { made, scene } = chart;
  const target = which.target.name;
  const { deployment } = scene;
  const second = chart.tried({});
  const services = servicesOf(made.objects, deployment);
  const outside = routesOutside(ground, services, bringer.release.namespace, target);
  const pods = podsFor(chart);
  const bump = bumpPlace(scene);
  const against = [
    ...targetRefusals(target, deployment),
    ...(second === undefined
      ? [unrepeatable(deployment, target, "it does not render under another name")]
      : clashes(made, second, target)),
    ...outside.problems,
    ...(wish === undefined ? [] : routeRefusals(ground, target, outside.routes, wish)),
    ...(typeof pods === "string" ? [unpodded(pods, deployment, target)] : []),
    ...(bump.kind === "place" ? [] : [unbumped(chart, target)]),
  ];
  if (against.length > 0 || second === undefined || typeof pods === "string" || bump.kind !== "place")
    return err(against);
  return ok({ services, routed: outside.routes[0], second, pods, bump: bump.place });
}

/** All that is known of both releases, or all that speaks against them. */
function splitOf(charted: Charted, chart: ChartScene, wish: Wish | undefined): Result<Split, readonly Refused[]> {
  const found = findings(charted, chart, wish);
  if (found.kind === "err") return found;
  const { bringer, which } = charted;
  const { made, scene } = chart;
  const { services, routed, second, pods, bump } = found.value;
  const service = chosen(services, routed?.service, which.service);
  const own = nameOf(scene.deployment);
  const workload = counterpart(made, second, scene.deployment);
  const canary = {
    service: service && nameOfIt(counterpart(made, second, service)),
    workload: nameOfIt(workload),
  };
  if (
    service === undefined ||
    workload === undefined ||
    !isName(own) ||
    !isName(scene.container) ||
    !isName(canary.service) ||
    !isName(canary.workload)
  )
    return err([
      unrepeatable(scene.deployment, which.target.name, "its Deployment and its Service are not found again in it"),
    ]);
  return ok({
    which: { ...which, folder: "", beside: undefined },
    scene,
    service,
    container: scene.container,
    name: own,
    namespace: bringer.release.namespace,
    route: routed?.route,
    bringer,
    folder: ownedFolderOf(bringer, valuesBeside(charted), `${which.service}-${which.target.name}`),
    bump,
    pods,
    canary: {
      service: canary.service,
      workload: canary.workload,
      selectors: { stable: selectorOf(scene.deployment), canary: selectorOf(workload) },
    },
  });
}

function unrepeatable(deployment: Built, target: string, why: string): Refused {
  return refused("helm", target, placeIn(deployment, "a second release", why));
}

/** Values of other releases, and owned files that are there. */
function valuesBeside({ ground: { inventory }, bringer: { release } }: Charted): readonly string[] {
  const others = [...inventory.state.made.values()].flatMap(({ rendering: { root } }) => {
    const isOwn =
      root.kind === "chart" &&
      root.folder === release.chart &&
      release.files.every((file) => root.values.includes(file));
    return root.kind === "chart" && !isOwn ? root.values : [];
  });
  return [...others, ...[...inventory.listing.keys()].filter((path) => /(?:^|\/)tidegate\//.test(path))];
}

function nameOfIt(object: Built | undefined): string | undefined {
  return object && nameOf(object);
}

function unpodded(why: Unpodded, deployment: Built, target: string): Refused {
  return why === "scaled"
    ? refused(
        "autoscaler",
        target,
        placeIn(deployment, "an autoscaler", "no value switches it off, and at rest the canary has no pods"),
        "let a value of the chart switch it off (autoscaling.enabled)",
      )
    : refused(
        "helm",
        target,
        placeIn(deployment, "the number of pods", "no value says it, 0 among them, and at rest the canary has none"),
        "let the chart take it from a value (replicas: {{ .Values.replicaCount }}) that the Application itself does not set",
      );
}

/** Why a version cannot be bumped in a file. */
function unbumped({ scene: { deployment, image }, bringer, made }: ChartScene, target: string): Refused {
  const version = image.slice(image.lastIndexOf(":") + 1);
  const { object, inline, release } = bringer;
  if (textsBelow(inline).some((text) => text.includes(version)))
    return refused(
      "image-places",
      target,
      placeIn(
        object,
        `${image} among the values of the ${kindOf(object)} itself`,
        "they are stronger than every values file",
      ),
      "move the image into a values file first",
    );
  const chart = within(release.chart, "Chart.yaml");
  const why = `no file of values says that version by itself: it may be the appVersion of ${chart}, which both releases have`;
  return refused(
    "image-places",
    target,
    placeIn(made.objects[0] ?? deployment, image, why),
    "write the tag into a file of values",
  );
}

function stateOf(chart: ChartScene, split: Split, { stable, canaryReplicas, weight }: MadeChart): TargetState {
  const { scene, service, namespace, container, bump, canary, name: own } = split;
  const manifests: Places = {
    layout: "places",
    canary: bump,
    stable,
    weight,
    canaryReplicas,
    stableReplicas: stableReplicas(chart) ?? mostReplicas(scene),
    workloads: { canary: canary.workload, stable: own },
    container,
  };
  return {
    namespace,
    manifests,
    arms: { canary: canary.service, stable: name(nameOf(service)), by: "service" },
    weight: NO_WEIGHT,
    stable: scene.image,
    release: undefined,
  };
}
