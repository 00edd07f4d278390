import { posix } from "node:path";
import { isImage, type Image } from "../src/core/image.ts";
import { filesOf } from "../src/core/manifests.ts";
import { name, sha } from "../src/core/names.ts";
import type { Result } from "../src/core/result.ts";
import type { ImagePlace, Places, ServiceState, TargetState } from "../src/core/state.ts";
import { NO_WEIGHT, weight } from "../src/core/weight.ts";
import type { Change } from "../src/core/change.ts";
import { applyChange } from "../src/manifest/change.ts";
import type { Data } from "../src/manifest/data.ts";
import { readImages } from "../src/manifest/images/read.ts";
import { setImageAt } from "../src/manifest/images/set.ts";
import type { ImageSite } from "../src/manifest/images/site.ts";
import { canaryLabels, selects } from "../src/manifest/layouts/arm-labels.ts";
import { setImageTo } from "../src/manifest/layouts/place.ts";
import { optInOverlay, type OptedIn } from "../src/manifest/layouts/kustomize.ts";
import { readMember } from "../src/manifest/member.ts";
import type { Refusal } from "../src/yaml/refusal.ts";
import { otherVersion } from "./edit-other.ts";
import {
  at,
  changes,
  deploymentsOf,
  imageIn,
  isList,
  keyOf,
  labelsOf,
  nameOf,
  running,
  selectorsOf,
  whyWithout,
  type RenderedDeployment,
} from "./render-objects.ts";
import { Different, generally, NotOptedIn, proved, reasonOf, type Outcome } from "./render-outcome.ts";
import { render, type Json, type Renderer } from "./render-tools.ts";
import { closureOf, type Files, type Workplace } from "./render-tree.ts";

/** One kustomization of a corpus, and how it is rendered. */
export type OverlayCase = { readonly place: Workplace; readonly kustomize: Renderer; readonly path: string };

/** What became of each Deployment of one kustomization, or why it does not render. */
export async function proveOverlay(the: OverlayCase): Promise<readonly Outcome[]> {
  const before = await rendering(the);
  const { path } = the;
  if (typeof before === "string") return [{ kind: "unrendered", path, reason: before }];
  const found = deploymentsOf(before).filter(
    ({ key }, index, all) => all.findIndex((other) => other.key === key) === index,
  );
  if (found.length === 0) return [{ kind: "without", path, reason: whyWithout(before) }];
  const outcomes: Outcome[] = [];
  for (const deployment of found)
    outcomes.push({ path, service: deployment.name, ...(await proved(() => steps(the, before, deployment))) });
  return outcomes;
}

async function steps(the: OverlayCase, before: readonly Json[], deployment: RenderedDeployment): Promise<void> {
  const { path, place } = the;
  const ours = optedIn(the, before, deployment);
  const bump = await findBump(the, before, deployment);
  const member = memberOf(the, deployment, ours, bump.place);
  await place.withTexts(ours.texts, async () => {
    const opted = await mustRender(the, "after opting in");
    checkOptIn(before, opted, deployment, ours);
    const read = (texts: Files) => textsOf(the, member, texts);
    await bumped(the, { before, opted, deployment, ours, member, bump, read });
    checkFacts(read(new Map()), member, { canary: deployment.image, stable: deployment.image, weight: 0, replicas: 0 });
    expectSame(path, place.read(path) ?? "", ours.texts.get(path) ?? "");
  });
}

/** Everything that the steps after opting in compare with. */
type Scene = {
  readonly before: readonly Json[];
  readonly opted: readonly Json[];
  readonly deployment: RenderedDeployment;
  readonly ours: Ours;
  readonly member: TargetState;
  readonly bump: Bump;
  readonly read: (texts: Files) => Files;
};

/** As a bot would: the image in the people's file. Then a weight, replicas, the promotion, and the image given back. */
async function bumped(the: OverlayCase, scene: Scene): Promise<void> {
  const { opted, deployment, ours, bump, member, read } = scene;
  const [stableKey, canaryKey] = [deployment.key, canaryKeyOf(deployment, ours)];
  const file = { path: bump.place.path, text: the.place.read(bump.place.path) ?? "" };
  const text = valueOf("the bump", setImageTo(file, bump.place, bump.image));
  await the.place.withTexts(new Map([[file.path, text]]), async () => {
    const landed = await mustRender(the, "after the bump");
    const expected = new Set([
      ...bump.changes.filter((change) => !change.startsWith(`${stableKey} `)),
      ...imagePaths(opted, canaryKey, deployment),
    ]);
    expectChanges("the bump", changes(opted, landed), expected);
    expectImage("stable after the bump", objectOf(landed, stableKey), deployment, deployment.image);
    expectImage("the canary after the bump", objectOf(landed, canaryKey), deployment, bump.image);
    const texts = read(new Map());
    checkFacts(texts, member, { canary: bump.image, stable: deployment.image, weight: 0, replicas: 0 });
    await edited(the, scene, landed, { weight: weight(5), expected: weightPaths(ours) });
    await edited(the, scene, landed, {
      canaryReplicas: 2,
      stableTemplate: { kind: "fromCanary" },
      expected: [`${canaryKey} /spec/replicas`, ...imagePaths(opted, stableKey, deployment)],
    });
    const aborted = { image: bump.image, template: "0".repeat(16) };
    const back = changeOf(member, { canaryTemplate: { kind: "asStable", aborted } });
    const given = valueOf("giving back", applyChange({ files: texts, older: {} }, back));
    if (given.size !== 1 || given.get(file.path) !== file.text) throw new Different("giving back leaves other bytes");
  });
}

type Parts = Partial<Pick<Change, "weight" | "canaryReplicas" | "stableTemplate" | "canaryTemplate">>;

type Step = Parts & {
  readonly expected: readonly string[];
};

async function edited(the: OverlayCase, { member, read }: Scene, landed: readonly Json[], step: Step): Promise<void> {
  const { expected, ...parts } = step;
  const what = Object.keys(parts).join(" and ");
  const texts = valueOf(what, applyChange({ files: read(new Map()), older: {} }, changeOf(member, parts)));
  const files = Object.keys(parts).length;
  if (texts.size !== files) throw new Different(`${what}: ${texts.size} files instead of ${files}`);
  await the.place.withTexts(texts, async () => {
    expectChanges(what, changes(landed, await mustRender(the, `after ${what}`)), new Set(expected));
  });
}

/** How the service is opted in, and what its route is called. */
type Ours = OptedIn & { readonly route: string; readonly stableService: string };

const FOLDER = "tidegate";
const ROUTE = "route.yaml";

function optedIn({ path, place }: OverlayCase, before: readonly Json[], deployment: RenderedDeployment): Ours {
  const { name: own, namespace, image, containers, pods, selector } = deployment;
  const labels = canaryLabels(pods, [selector, ...selectorsOf(before)]);
  const service = before.find(
    (object) => at(object, "kind") === "Service" && selects(labelsOf(at(object, "spec", "selector")), pods),
  );
  const called = at(service, "metadata", "name");
  const stableService = typeof called === "string" ? called : own;
  const folder = `${FOLDER}/${own}`;
  const made = optInOverlay(
    { path, text: place.read(path) ?? "" },
    {
      workload: { kind: "Deployment", name: own, namespace, image, containers },
      labels,
      folder,
      ports: portsOf(service),
      objects: [ROUTE],
    },
  );
  if (made.kind === "err") throw new NotOptedIn(reasonOf(made.error));
  const route = posix.join(posix.dirname(path), folder, ROUTE);
  const { canary } = made.value;
  return {
    ...made.value,
    texts: new Map([
      ...made.value.texts,
      [route, routeText(canary.written, stableService, canary.rendered, namespace)],
    ]),
    route,
    stableService,
  };
}

function portsOf(service: Json | undefined): readonly Data[] {
  const ports = at(service, "spec", "ports");
  if (!isList(ports) || ports.length === 0) return [{ port: 80 }];
  return ports.map((port) => {
    const kept = ["name", "port", "targetPort", "protocol"].map((key) => [key, at(port, key)] as const);
    return Object.fromEntries(
      kept.flatMap(([key, value]) => (typeof value === "string" || typeof value === "number" ? [[key, value]] : [])),
    );
  });
}

function routeText(own: string, stable: string, canary: string, namespace: string | undefined): string {
  const backend = (service: string, share: number) =>
    `        - name: ${service}\n          port: 80\n          weight: ${share}\n`;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${own}
${namespace === undefined ? "" : `  namespace: ${namespace}\n`}spec:
  rules:
    - backendRefs:
${backend(stable, 100)}${backend(canary, 0)}`;
}

function canaryKeyOf({ key, name: own }: RenderedDeployment, { canary }: OptedIn): string {
  return `${key.slice(0, key.length - own.length)}${canary.rendered}`;
}

function weightPaths({ canary }: Ours): readonly string[] {
  return ["0", "1"].map((backend) => `HTTPRoute ${canary.rendered} ${backend}`);
}

/** Nothing that was there differs; what is new is the canary, its Service and the route; and the canary is what stable is, without pods and out of every selector's sight. */
function checkOptIn(before: readonly Json[], opted: readonly Json[], deployment: RenderedDeployment, ours: Ours): void {
  const found = changes(before, opted);
  const added = found.filter((change) => change.startsWith("+"));
  const others = found.filter((change) => !change.startsWith("+"));
  if (others.length > 0) throw new Different(`opting in changes ${generally(others)}`);
  if (added.length !== 3) throw new Different(`opting in adds ${added.length} objects instead of three`);
  const stable = objectOf(opted, deployment.key);
  const canary = objectOf(opted, canaryKeyOf(deployment, ours));
  if (canary === undefined) throw new Different("there is no canary after opting in");
  if (at(canary, "spec", "replicas") !== 0) throw new Different("the canary has pods after opting in");
  const apart = changes(
    [{ kind: "template", template: at(stable, "spec", "template") ?? null }],
    [{ kind: "template", template: at(canary, "spec", "template") ?? null }],
  ).filter((change) => !change.includes("/template/metadata/labels/"));
  if (apart.length > 0) throw new Different(`the canary's pod template differs in ${generally(apart)}`);
  checkSelectors(before, opted, canary, ours);
}

function checkSelectors(
  before: readonly Json[],
  opted: readonly Json[],
  canary: Json,
  { canary: { rendered } }: Ours,
): void {
  const pods = labelsOf(at(canary, "spec", "template", "metadata", "labels"));
  if (selectorsOf(before).some((selector) => selects(selector, pods)))
    throw new Different("a Service that was there selects the canary's pods");
  if (!selects(labelsOf(at(canary, "spec", "selector", "matchLabels")), pods))
    throw new Different("the canary does not select its own pods");
  const service = opted.find(
    (object) => at(object, "kind") === "Service" && at(object, "metadata", "name") === rendered,
  );
  if (!selects(labelsOf(at(service, "spec", "selector")), pods))
    throw new Different("the canary's Service does not select its pods");
  const known = new Set(before.map(keyOf));
  const stable = opted.filter((object) => known.has(keyOf(object)) && at(object, "kind") === "Deployment");
  if (stable.some((object) => selects(labelsOf(at(object, "spec", "selector", "matchLabels")), pods)))
    throw new Different("another Deployment selects the canary's pods");
}

/** The bump of a bot: where it is, what the image is then, and what it changes where nothing is opted in. */
type Bump = {
  readonly place: ImagePlace;
  readonly image: Image;
  readonly changes: readonly string[];
};

/** The place in the people's files whose version is the Deployment's: found by changing it and looking what is rendered. */
async function findBump(the: OverlayCase, before: readonly Json[], deployment: RenderedDeployment): Promise<Bump> {
  const { place, path } = the;
  const version = deployment.image.slice(nameOf(deployment.image).length + 1);
  for (const file of closureOf(place.read, path)) {
    const text = place.read(file) ?? "";
    for (const site of readImages({ path: file, text }, { read: place.read, list: () => [] }).sites) {
      if (site.version !== version) continue;
      const bump = await tried(the, before, deployment, { file, text, site });
      if (bump !== undefined) return bump;
    }
  }
  throw new NotOptedIn("no file of the overlay says the image that is rendered");
}

async function tried(
  the: OverlayCase,
  before: readonly Json[],
  deployment: RenderedDeployment,
  { file, text, site }: { readonly file: string; readonly text: string; readonly site: ImageSite },
): Promise<Bump | undefined> {
  const wanted = otherVersion(site.version);
  const next = setImageAt({ path: file, text }, site, wanted);
  if (next.kind === "err") return undefined;
  const texts = new Map([[file, next.value]]);
  const landed = await the.place.withTexts(texts, () => rendering(the));
  if (typeof landed === "string") return undefined;
  const object = objectOf(landed, deployment.key) ?? null;
  const image = imageIn(object, deployment.container);
  if (image === deployment.image || !isImage(image)) return undefined;
  if (running(object, image).length !== deployment.containers.length)
    throw new NotOptedIn("the files say the image of several containers at several places");
  const name = nameOf(image);
  return {
    place: { path: file, at: site.where, image: site.image === name ? undefined : name },
    image,
    changes: changes(before, landed),
  };
}

function memberOf({ path }: OverlayCase, deployment: RenderedDeployment, ours: Ours, canary: ImagePlace): TargetState {
  const manifests: Places = {
    layout: "places",
    canary,
    stable: ours.stable,
    weight: { kind: "route", path: ours.route, router: "HTTPRoute", destinations: undefined },
    canaryReplicas: ours.canaryReplicas,
    stableReplicas: deployment.replicas,
    workloads: { canary: ours.canary.rendered, stable: deployment.name },
    container: deployment.container,
  };
  if (path === ours.route) throw new Error("The route has a file of its own.");
  return {
    namespace: deployment.namespace ?? name("default"),
    manifests,
    arms: { canary: ours.canary.rendered, stable: name(ours.stableService), by: "service" },
    weight: NO_WEIGHT,
    stable: deployment.image,
    release: undefined,
  };
}

function textsOf({ place }: OverlayCase, { manifests }: TargetState, texts: Files): Files {
  if (manifests.layout !== "places") throw new Error("The member is made of places.");
  const paths = filesOf(manifests);
  return new Map(
    paths.flatMap((path) => {
      const text = texts.get(path) ?? place.read(path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
}

const SERVICE = name("service");
const TARGET = name("target");
const COMMIT = sha("0".repeat(40));

function changeOf(member: TargetState, parts: Parts): Change {
  const state: ServiceState = {
    service: SERVICE,
    template: { name: "bench", revision: COMMIT },
    owned: [],
    claims: [],
    targets: new Map([[TARGET, member]]),
    blocked: [],
    holds: [],
    heard: 0,
  };
  return {
    service: SERVICE,
    target: TARGET,
    base: COMMIT,
    weight: undefined,
    canaryReplicas: undefined,
    stableTemplate: undefined,
    canaryTemplate: undefined,
    ...parts,
    state,
  };
}

type Facts = { readonly canary: Image; readonly stable: Image; readonly weight: number; readonly replicas: number };

/** What is read in the places is what is rendered. */
function checkFacts(texts: Files, member: TargetState, wanted: Facts): void {
  const manifest = valueOf("reading", readMember(texts, member, SERVICE));
  const { canary, stable } = manifest;
  const read = { canary: canary.image, stable: stable.image, weight: manifest.weight, replicas: canary.replicas };
  for (const key of ["canary", "stable", "weight", "replicas"] as const)
    if (read[key] !== wanted[key]) throw new Different(`what is read of ${key} is not what is rendered`);
}

function valueOf<T>(what: string, result: Result<T, Refusal>): T {
  if (result.kind === "ok") return result.value;
  throw new Different(`${what} is refused: ${reasonOf(result.error)}`);
}

function expectChanges(what: string, found: readonly string[], expected: ReadonlySet<string>): void {
  const route = [...expected].filter((change) => change.startsWith("HTTPRoute "));
  const isExpected = (change: string) =>
    expected.has(change) || (route.length > 0 && /\/HTTPRoute\/.*\/backendRefs\/[01]\/weight$/.test(change));
  const stray = found.filter((change) => !isExpected(change));
  if (stray.length > 0) throw new Different(`${what} changes ${generally(stray)}`);
  const wanted = route.length > 0 ? route.length : expected.size;
  if (found.length !== wanted) throw new Different(`${what} changes ${found.length} values instead of ${wanted}`);
}

function expectImage(what: string, object: Json | undefined, { container }: RenderedDeployment, image: Image): void {
  if (imageIn(object, container) !== image) throw new Different(`${what} runs another image`);
}

function expectSame(path: string, before: string, after: string): void {
  if (before !== after) throw new Error(`${path} was not put back.`);
}

/** The paths of the images that a workload's containers of the version have. */
function imagePaths(objects: readonly Json[], key: string, { containers }: RenderedDeployment): readonly string[] {
  const object = objectOf(objects, key);
  return containers.map(({ list, name: own }) => {
    const items = at(object, "spec", "template", "spec", list);
    const index = isList(items) ? items.findIndex((item) => at(item, "name") === own) : -1;
    return `${key} /spec/template/spec/${list}/${index}/image`;
  });
}

function objectOf(objects: readonly Json[], key: string): Json | undefined {
  return objects.find((object) => keyOf(object) === key);
}

async function rendering({ place, kustomize, path }: OverlayCase): Promise<readonly Json[] | string> {
  const done = await render(kustomize, place.folder, [
    posix.dirname(path),
    "--load-restrictor",
    "LoadRestrictionsNone",
  ]);
  return done.kind === "rendered" ? done.objects : done.said;
}

async function mustRender(the: OverlayCase, when: string): Promise<readonly Json[]> {
  const objects = await rendering(the);
  if (typeof objects !== "string") return objects;
  throw new Different(`it does not render ${when}: ${generally([objects.slice(-200)])}`);
}
