import { isName, type Name } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { evaluate, type Evaluated, type Read } from "../../manifest/kustomize/evaluate.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../../manifest/kustomize/object.ts";
import { ownedText } from "../../manifest/layouts/owned-text.ts";
import type { Service, ServiceTarget } from "../../manifest/services/model.ts";
import { isUnder, within } from "../../manifest/services/paths.ts";
import { placesOfTarget, type Placed } from "../../manifest/services/placed.ts";
import { placeIn } from "../known.ts";
import type { Ground, Refused, Wish } from "../model.ts";
import { titleOf } from "../objects.ts";
import { overrides } from "../overlay.ts";
import { refused } from "../refused.ts";
import { carrierOf } from "./carrier.ts";
import { ENGINES } from "./engines.ts";
import type { Engine, Standing } from "./model.ts";

/** A service in a target. */
export type One = { readonly service: Service; readonly own: Name; readonly target: ServiceTarget };

/** What moves a target's traffic already, if it is of people's; undefined where nothing does, and where that runs in a place that can have no such thing. */
export function standingIn(
  ground: Ground,
  { service, own, target }: One,
  wish: Pick<Wish, "namespace">,
): Result<Standing | undefined, readonly Refused[]> {
  const engines = ENGINES.filter(({ kind }) => target.reads.some((path) => ground.read(path)?.includes(kind) === true));
  const [placed, more] = engines.length === 0 ? [] : placesOfTarget(ground.inventory, service, target);
  if (placed === undefined || more !== undefined || placed.root.kind === "chart") return ok(undefined);
  const stage = { ...rendering(ground.read, placed, target), root: placed.root };
  const made = stage.again(new Map());
  const [found, second] = engines.flatMap((engine) => followedBy(engine, made, target));
  if (found === undefined) return ok(undefined);
  const other = second?.object ?? made.objects.find((one) => isOf(target, one) && !isIn(found, one));
  const against = [
    ...(other === undefined ? [] : [besides(found, other, target)]),
    ...placed.by.flatMap(({ by }) => overrides(ground, by)).map((one) => refused("delivery", target.name, one)),
  ];
  const namespace = namespaceIn(found, target, wish);
  if (against.length > 0) return err(against);
  if (namespace === undefined)
    return err([refused("unknown", target.name, placeIn(found.object, "its namespace", "it is no name"))]);
  const carrier = found.engine.isPatched === true ? carrierOf(ground, { ...found, ...stage, made }, own) : undefined;
  return ok({ ...found, ...stage, which: { service: own, target }, namespace, made, carrier });
}

function besides({ object }: Followed, other: Built, target: ServiceTarget): Refused {
  return refused("arms", target.name, placeIn(other, titleOf(other), `${titleOf(object)} runs the service as well`));
}

function namespaceIn({ object }: Followed, target: ServiceTarget, wish: Pick<Wish, "namespace">): Name | undefined {
  const text = namespaceOf(object) ?? target.namespace ?? wish.namespace ?? USUAL;
  return isName(text) ? text : undefined;
}

type Followed = Pick<Standing, "engine" | "object" | "workload">;

/** The objects of a controller that run a target. */
function followedBy(engine: Engine, { objects }: Evaluated, target: ServiceTarget): readonly Followed[] {
  const own = objects.filter(
    (object) => kindOf(object) === engine.kind && groupOf(object) === engine.group && !isOwned(object),
  );
  return own.flatMap((object) => {
    const workload = engine.workloadOf(object, objects);
    const isThere = workload !== undefined && (isOf(target, workload) || isOf(target, object));
    return isThere ? [{ engine, object, workload }] : [];
  });
}

function isIn({ object, workload }: Followed, one: Built): boolean {
  return one === object || one === workload;
}

const USUAL = "default";

/** What the first step of opting in has set beside a Deployment is no object of people's. */
function isOwned({ path }: Built): boolean {
  return /(?:^|\/)tidegate\//.test(path);
}

function isOf({ workloads }: ServiceTarget, object: Built): boolean {
  return workloads.some(
    ({ kind, name, path }) => kind === kindOf(object) && name === nameOf(object) && path === object.path,
  );
}

/** A kustomization as it is; of files without one, those that have a say in what runs. */
function rendering(read: Read, { root }: Placed, { reads }: ServiceTarget): Pick<Standing, "read" | "again"> {
  if (root.kind === "kustomization") {
    const over: Standing["again"] = (texts) =>
      evaluate((path) => texts.get(path) ?? read(path), root.folder, root.components);
    return { read, again: over };
  }
  const list = within(root.folder, "kustomization.yaml");
  const from = root.folder === "" ? 0 : root.folder.length + 1;
  const resources = reads.filter((path) => isUnder(path, root.folder)).map((path) => path.slice(from));
  const listed: Read = (path) => (path === list ? ownedText({ resources }) : read(path));
  return { read: listed, again: (texts) => evaluate((path) => texts.get(path) ?? listed(path), root.folder) };
}
