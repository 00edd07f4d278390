import { isName, type Name } from "../../core/names.ts";
import { valuesIn } from "../../manifest/chart/values.ts";
import type { Data } from "../../manifest/data.ts";
import { evaluate, type Evaluated, type Read } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, namespaceOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, entriesOf, isMapping, itemsOf, textAt, withAt, type Values } from "../../manifest/kustomize/value.ts";
import { withOwnedEntries } from "../../manifest/layouts/kustomize.ts";
import { ownedText } from "../../manifest/layouts/owned-text.ts";
import { CANARY_VALUES, STABLE_VALUES } from "../../manifest/layouts/values.ts";
import { folderOf, resolvePath, within } from "../../manifest/services/paths.ts";
import { Refused, type TextFile } from "../../yaml/refusal.ts";
import type { Ground } from "../model.ts";
import { listing } from "./berth.ts";
import { withListed, type ListOf } from "./lists.ts";
import { canaryRelease, refuseAt, textFor, type Bringer, type Owned, type Release } from "./release.ts";

/** What renders a HelmRelease: the folder that is delivered, what lies over it, and the namespace that is given where nothing of it says one. */
export type FluxRoot = {
  readonly folder: string;
  readonly components: readonly string[];
  readonly namespace: string | undefined;
};

/** A HelmRelease by its name, in what a folder makes. */
export function helmReleaseIn(read: Read, { folder, components }: FluxRoot, name: string): Built | undefined {
  return madeBy(evaluate(read, folder, components), name);
}

function madeBy({ objects }: Evaluated, name: string): Built | undefined {
  return objects.find((object) => kindOf(object) === "HelmRelease" && nameOf(object) === name);
}

/** How a HelmRelease of Flux brings a chart of the repository. Throws Refused where a second one could not be brought beside it for certain. */
export function broughtByFlux(ground: Ground, root: FluxRoot, object: Built): Bringer {
  const { read } = ground;
  const release = releaseByFlux(read, root, nameOf(object));
  const kustomization = listing(ground, root.folder, object);
  const home = folderOf(kustomization);
  const second = `${nameOf(object)}-canary`;
  const taken = evaluate(read, root.folder, root.components).objects.find((one) =>
    [second, mapOf(object)].includes(nameOf(one)),
  );
  if (!isName(second) || taken !== undefined) refuseAt(object, `the name ${second}`, "it is taken, or none");
  canaryRelease(object, release.name);
  return {
    object,
    release,
    inline: inlineOf(object),
    beside: home,
    namesNamespace: true,
    write: (owned) => {
      const entry = owned.folder.slice(home === "" ? 0 : home.length + 1).replace(/\/$/, "");
      const list = { path: kustomization, text: read(kustomization) ?? "" };
      return {
        texts: new Map([
          [object.path, withListed(textFor(read, object), valuesFromOf(object), valuesItem(object, STABLE_VALUES))],
          [kustomization, withOwnedEntries(list, entry, ["resources"])],
          [`${owned.folder}${RELEASE}`, ownedText(canaryObject(object, release.name))],
          [`${owned.folder}kustomization.yaml`, ownKustomization(object, owned)],
        ]),
        besides: [],
      };
    },
    stable: (after) => releaseByFlux(after, root, nameOf(object)),
    canary: (after) => releaseByFlux(after, root, second),
  };
}

const RELEASE = "release.yaml";

/** The list that the owned values of stable are the last of. */
export function valuesFromOf(object: Built): ListOf {
  return {
    kind: "HelmRelease",
    name: nameOf(object),
    path: ["spec"],
    keys: ["valuesFrom"],
    after: ["interval", "releaseName", "targetNamespace", "chart"],
  };
}

/** The ConfigMap of the owned values. */
function mapOf(object: Built): string {
  return `${nameOf(object)}-tidegate`;
}

/** What a HelmRelease calls an owned file of values. */
export function valuesItem(object: Built, key: string): { readonly [key: string]: Data } {
  return { kind: "ConfigMap", name: mapOf(object), valuesKey: key };
}

// What changes the chart's objects after Helm, runs tests of a release that has no pods, or says other values than are read here.
const UNREAD: readonly (readonly [path: readonly string[], why: string])[] = [
  [["spec", "postRenderers"], "what it makes of the chart's objects is not known here"],
  [
    ["spec", "chartRef"],
    "the chart lies in another place, and nothing here tells whether it can run twice side by side",
  ],
  [["spec", "chart", "spec", "valuesFiles"], "which values these are in the end is not read here"],
  [["spec", "chart", "spec", "valuesFile"], "which values these are in the end is not read here"],
  [["spec", "test", "enable"], "the canary has no pods at rest, and its tests would fail"],
];

/** The release of a HelmRelease as it stands by now. Throws Refused. */
export function releaseByFlux(read: Read, root: FluxRoot, name: string): Release {
  const made = evaluate(read, root.folder, root.components);
  const object = madeBy(made, name);
  if (object === undefined)
    throw new Refused({ path: root.folder, line: 1, found: `no HelmRelease ${name}`, why: "what is rendered has it" });
  const unread = UNREAD.find(([path]) => at(object.value, ...path) !== undefined);
  if (unread !== undefined) refuseAt(object, unread[0].slice(1).join("."), unread[1]);
  const namespace = namespaceFor(object, root);
  return {
    chart: chartOf(read, object),
    name: textAt(object.value, "spec", "releaseName") ?? releaseName(object),
    namespace,
    files: made.reads,
    values: [
      ...itemsOf(at(object.value, "spec", "valuesFrom")).map((item) => valuesBy(made, object, item)),
      inlineOf(object),
    ],
  };
}

function releaseName(object: Built): string {
  const target = textAt(object.value, "spec", "targetNamespace");
  return target === undefined ? nameOf(object) : `${target}-${nameOf(object)}`;
}

/** The folder of its chart. Throws Refused where that lies in another place. */
export function chartOf(read: Read, object: Built): string {
  const spec = at(object.value, "spec", "chart", "spec");
  const name = textAt(spec, "chart") ?? "";
  const chart = textAt(spec, "sourceRef", "kind") === "GitRepository" ? resolvePath("", name) : undefined;
  if (chart !== undefined && read(within(chart, "Chart.yaml")) !== undefined) return chart;
  return refuseAt(
    object,
    `the chart ${name}`,
    "it lies in another place, and nothing here tells whether it can run twice side by side",
  );
}

function namespaceFor(object: Built, { namespace }: FluxRoot): Name {
  const own = namespaceOf(object) ?? namespace;
  const target = textAt(object.value, "spec", "targetNamespace");
  if (target !== undefined && target !== own)
    return refuseAt(
      object,
      `targetNamespace ${target}`,
      "its release is in another namespace than what lies beside it",
    );
  return isName(own) ? own : refuseAt(object, "no namespace", "nothing says where the release is");
}

function inlineOf(object: Built): Values {
  const said = at(object.value, "spec", "values");
  return isMapping(said) ? said : {};
}

/** The values that a ConfigMap of the same folder brings. */
function valuesBy({ objects }: Evaluated, object: Built, item: Data): Values {
  const [kind, name, key = "values.yaml"] = [textAt(item, "kind"), textAt(item, "name"), textAt(item, "valuesKey")];
  if (kind !== "ConfigMap" || at(item, "targetPath") !== undefined)
    return refuseAt(object, `values from ${kind} ${name}`, "what it says is not read here");
  const map = objects.find((one) => kindOf(one) === "ConfigMap" && nameOf(one) === name);
  const text = textAt(map?.value, "data", key);
  if (map === undefined || text === undefined)
    return refuseAt(object, `values from ConfigMap ${name}`, `what is rendered beside it has no ${key} of it`);
  const values = valuesIn({ path: map.path, text });
  if (values.kind === "err") throw new Refused(values.error);
  return values.value;
}

/** The canary's HelmRelease, as stable's but for its names and its last values. */
function canaryObject(object: Built, release: string): Values {
  const spec = at(object.value, "spec");
  const values = [...itemsOf(at(spec, "valuesFrom")), valuesItem(object, CANARY_VALUES)];
  const next = withAt(withAt(spec, ["releaseName"], canaryRelease(object, release)), ["valuesFrom"], values);
  const kept = ["namespace", "labels", "annotations"].flatMap((key) => {
    const said = at(object.value, "metadata", key);
    return said === undefined ? [] : [[key, said] as const];
  });
  const metadata = { name: `${nameOf(object)}-canary`, ...Object.fromEntries(kept) };
  return {
    apiVersion: textAt(object.value, "apiVersion") ?? "",
    kind: "HelmRelease",
    metadata,
    spec: isMapping(next) ? next : {},
  };
}

/** Flux looks at a ConfigMap with this label at once, from 2.7 on; at others, and before, at the release's next interval. */
const WATCHED = { "reconcile.fluxcd.io/watch": "Enabled" };

// Its name has no hash: a HelmRelease beside it would not be told of one.
function ownKustomization(object: Built, { objects, folder }: Owned): string {
  const namespace = namespaceOf(object);
  return ownedText({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: [RELEASE, ...objects.map(({ path }) => path.slice(folder.length))],
    configMapGenerator: [
      {
        name: mapOf(object),
        ...(namespace === undefined ? {} : { namespace }),
        files: [STABLE_VALUES, CANARY_VALUES],
        options: { disableNameSuffixHash: true, labels: WATCHED },
      },
    ],
  });
}

/** The HelmRelease that has the owned values of a folder, and where it says so. */
export type FluxEntry = { readonly object: Built; readonly file: TextFile; readonly item: Data };

/** Undefined where no HelmRelease of a file of the repository has them. */
export function fluxEntryIn({ inventory: { state }, read }: Ground, root: FluxRoot): FluxEntry | undefined {
  const facts = [...state.facts.values()]
    .flatMap(({ objects }) => objects)
    .filter(({ holds }) => holds.kind === "helm-release");
  for (const { path, name } of facts) {
    const text = read(path);
    const object = text?.includes(STABLE_VALUES) === true ? helmReleaseIn(read, root, name) : undefined;
    if (object === undefined || text === undefined || object.path !== path) continue;
    const item = valuesItem(object, STABLE_VALUES);
    const isThere = itemsOf(at(object.value, "spec", "valuesFrom")).some((one) =>
      entriesOf(item).every(([key, value]) => at(one, key) === value),
    );
    if (isThere) return { object, file: { path, text }, item };
  }
  return undefined;
}
