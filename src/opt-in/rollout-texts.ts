import { isName, name, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import { groupOf, kindOf, nameOf, namespaceOf } from "../manifest/kustomize/object.ts";
import { at, textAt, type Values } from "../manifest/kustomize/value.ts";
import { besideOf, besideText, handoverText } from "../manifest/layouts/handover.ts";
import type { Scaler } from "../manifest/layouts/handover-scaler.ts";
import { withOwnedEntries } from "../manifest/layouts/kustomize.ts";
import { SERVICES } from "../manifest/layouts/rollout-spec.ts";
import { ownedText } from "../manifest/layouts/owned-text.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import type { Instance } from "../template/model.ts";
import { attempt, type TextFile } from "../yaml/refusal.ts";
import { ownedFolder } from "./facts.ts";
import { canaryOf, on, placeIn, type Known } from "./known.ts";
import type { Refused, Wish } from "./model.ts";
import { selectorOf } from "./objects.ts";
import { entered, scalerFor } from "./rollout-scaler.ts";
import { entryOf, instanceOf, placedAs, portsOf } from "./texts.ts";

/** What one of the two steps writes. */
export type MadeRollout = {
  readonly texts: ReadonlyMap<string, string>;
  readonly instance: Instance;
  /** The Rollout's file, and what it is called. */
  readonly rollout: { readonly path: string; readonly name: Name };
  /** Canary and stable have Services of their own. */
  readonly hasServices: boolean;
  /** The Rollout has as many pods as people say of the Deployment. */
  readonly hasReplicas: boolean;
  /** What scales it, from the second step on. */
  readonly scaler: Scaler | undefined;
  /** How many objects are new. */
  readonly added: number;
};

type Object = Instance["objects"][number];

/**
 * The texts of a target whose pods an owned Rollout is to run: first the Rollout beside the Deployment with all that will be steered, at weight 0; then, where that
 * has landed, the Rollout that steers, and the Deployment without pods.
 */
export function rolloutTexts(facts: Known, wish: Wish): Result<MadeRollout, readonly Refused[]> {
  const { which, overlay } = facts;
  const canary = name(canaryOf(facts));
  const scaler = scalerFor(facts);
  const isScaled = scaler !== undefined;
  const instance = instanceOf(facts, { service: canary, workload: canary, selectors: undefined, isScaled }, wish);
  if (instance.kind === "err") return instance;
  const found = rolloutIn(facts, instance.value, wish);
  if (found.kind === "err") return found;
  const { file, called, hasServices } = found.value;
  const joined = joinedRoute(facts, canary, wish);
  if (joined?.kind === "err") return err([on(facts, "route", joined.error)]);
  const isSecond = which.beside !== undefined;
  const keys = entered(isSecond ? "second" : "first", scaler);
  const entries = attempt(() => withOwnedEntries(overlay.kustomization, which.folder, keys));
  if (entries.kind === "err") return err([on(facts, "overlay", entries.error)]);
  const objects = instance.value.objects.filter((one) => isSecond || !isLate(one, wish));
  const late = objects.filter((one) => isLate(one, wish)).length;
  const folder = ownedFolder(overlay, which);
  const own = ownFiles(facts, canary, { objects, hasServices, isSecond, scaler });
  const hasReplicas = hasServices && isNumbered(facts, scaler);
  const last = handoverText({ ...namedIn(facts), rollout: called, hasReplicas, scaler });
  const files = [
    { path: overlay.kustomization.path, text: entries.value },
    ...own.map(({ path, text }) => ({ path: `${folder}${path}`, text })),
    ...armsFile(folder, isSecond ? last : scaler && besideText(scaler)),
    ...(joined === undefined ? [] : [joined.value]),
  ];
  return ok({
    texts: new Map(files.map(({ path, text }) => [path, text])),
    instance: instance.value,
    rollout: { path: `${folder}${file}`, name: called },
    hasServices,
    hasReplicas,
    scaler,
    added: isSecond ? late : own.length - 1 + extra(objects) + Number(isScaled),
  });
}

/** Whether people say how many pods the Deployment has, and nothing else does. */
function isNumbered({ scene: { deployment } }: Known, scaler: Scaler | undefined): boolean {
  return scaler === undefined && typeof at(deployment.value, "spec", "replicas") === "number";
}

function armsFile(folder: string, text: string | undefined): readonly TextFile[] {
  return text === undefined ? [] : [{ path: `${folder}arms.yaml`, text }];
}

type Found = { readonly file: string; readonly called: Name; readonly hasServices: boolean };

/** The Rollout among a template's objects, and whether it steers by Services of both arms. */
function rolloutIn(facts: Known, { objects, drive }: Instance, { template }: Wish): Result<Found, readonly Refused[]> {
  const no = (why: string) => err([on(facts, "template", placeIn(facts.scene.deployment, template.name, why))]);
  const found = objects.find(({ object }) => isRollout(object));
  const called = textAt(found?.object, "metadata", "name");
  if (found === undefined || !isName(called)) return no("it makes no Rollout");
  const services = [SERVICES.canary, SERVICES.blueGreen];
  const hasServices = services.some(({ canary }) => at(found.object, ...canary) !== undefined);
  if (drive.kind === "rollout" && drive.strategy === "blueGreen" && !hasServices)
    return no("its Rollout has no previewService");
  return ok({ file: found.file, called, hasServices });
}

/** Objects beyond the first of each file. */
function extra(objects: readonly Object[]): number {
  return objects.length - new Set(objects.map(({ file }) => file)).size;
}

function isRollout(object: Values): boolean {
  const built = { value: object, before: [], path: "", line: 1 };
  return kindOf(built) === "Rollout" && groupOf(built) === "argoproj.io";
}

/** An Ingress of an ALB names an action that only the Rollout's controller writes: until it does, the load balancer's controller cannot follow. */
function isLate({ object }: Object, { template: { drive } }: Wish): boolean {
  return drive.router === "ALBIngress" && textAt(object, "kind") === "Ingress";
}

function namedIn({ name: own, scene }: Known): { readonly name: Name; readonly namespace: Name | undefined } {
  const written = namespaceOf(scene.deployment);
  return { name: own, namespace: isName(written) ? written : undefined };
}

/** The route of people's with the canary in it; undefined where there is none, where it is in it already, and where the controller makes a route of its own. */
function joinedRoute(facts: Known, canary: Name, wish: Wish): Result<TextFile, Parameters<typeof on>[2]> | undefined {
  const { route, scene, service, namespace } = facts;
  const { router } = wish.template.drive;
  if (route === undefined || router === undefined || ROUTERS[router].entry.kind !== "beside") return undefined;
  const stable = nameOf(service);
  const file = { path: route.path, text: scene.read(route.path) ?? "" };
  const arms = { canary, stable: isName(stable) ? stable : facts.name };
  if (ROUTERS[router].read(file, { namespace, arms, destinations: undefined }).kind === "ok") return undefined;
  const entered = entryOf(facts, canary, wish);
  if (entered.kind === "err") return entered;
  return entered.value?.joined && ok(entered.value.joined);
}

type Own = {
  readonly objects: readonly Object[];
  readonly hasServices: boolean;
  readonly isSecond: boolean;
  readonly scaler: Scaler | undefined;
};

const SERVICE = "service.yaml";

/** The owned folder's files, by their names in it. */
function ownFiles(facts: Known, canary: Name, { objects, hasServices, isSecond, scaler }: Own): readonly TextFile[] {
  const made = [...Map.groupBy(objects, ({ file }) => file)].map(([path, all]) => {
    const placed = all.map(({ object }) => placedAs(facts, object));
    const texts = isSecond
      ? placed
      : placed.flatMap((object) => (isRollout(object) ? besideOf(object, scaler) : [object]));
    return { path, text: ownedText(...texts) };
  });
  const files = hasServices ? [{ path: SERVICE, text: serviceText(facts, canary) }, ...made] : made;
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: files.map(({ path }) => path),
  };
  return [{ path: "kustomization.yaml", text: ownedText(kustomization) }, ...files];
}

/** The canary's Service asks for what stable's does: the controller tells their pods apart by a label that it adds to both. */
function serviceText(facts: Known, canary: Name): string {
  const { namespace } = namedIn(facts);
  return ownedText({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: canary, ...(namespace === undefined ? {} : { namespace }) },
    spec: { selector: selectorOf(facts.service), ports: portsOf(facts.service) },
  });
}
