import { filesOf } from "../core/manifests.ts";
import { isName, name } from "../core/names.ts";
import { owns } from "../core/ownership.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { RolloutFiles, RouterKind } from "../core/state.ts";
import { evaluate, textsIn } from "../manifest/kustomize/evaluate.ts";
import { nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, isMapping, textAt, withAt, type Values } from "../manifest/kustomize/value.ts";
import { besideOf, besideText, steeringIn } from "../manifest/layouts/handover.ts";
import type { Scaler } from "../manifest/layouts/handover-scaler.ts";
import { ownedText } from "../manifest/layouts/owned-text.ts";
import { readMember } from "../manifest/member.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import type { RouteOf } from "../manifest/routers/router.ts";
import type { ServiceTarget } from "../manifest/services/model.ts";
import { folderOf, within } from "../manifest/services/paths.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { rolloutBeside, type Beside } from "./beside.ts";
import { withoutEntries } from "./entries.ts";
import { entryFor, filesWithout, leavingDoubt, remarksOnLeft, underWay } from "./leaving.ts";
import type { Leaving, Left, Return } from "./leaving.ts";
import { documentsIn, isAsListed, isListed } from "./listed.ts";
import type { Code, Ground, Refused, Texts } from "./model.ts";
import { servicesOf, titleOf } from "./objects.ts";
import { overlayOf, type Overlay } from "./overlay.ts";
import { refused } from "./refused.ts";
import { entered, isSame, scalerDone } from "./rollout-scaler.ts";
import { routersOf, routesTo } from "./routes.ts";

const REPLICAS = ["spec", "replicas"];

/** The first step out: the Deployment has its pods again, and the Rollout runs beside it and steers nothing; what the first step in had written. */
export function podsBack(ground: Ground, leaving: Leaving, manifests: RolloutFiles): Result<Left, readonly Refused[]> {
  const { target, state } = leaving;
  const no = (code: Code, refusal: Refusal) => err([refused(code, target, refusal)]);
  const moving = underWay(leaving) ?? waitingFor(ground, leaving, manifests);
  if (moving !== undefined) return no("release", moving);
  const path = manifests.rollout;
  const lost = (found: string, why: string) => no("edited", { path, line: 1, found, why });
  if (!owns(state, path)) return lost("steps of a Rollout of people's", "opting in has not written it");
  const owned = `${folderOf(path)}/`;
  const entry = entryFor(ground, owned);
  if (entry === undefined) return lost(`no kustomization with ${owned}`, "its entries are gone");
  const made = evaluate(ground.read, folderOf(entry.file.path));
  const rollout = made.objects.find((object) => isRollout(object.value) && object.path === path);
  if (rollout === undefined) return lost("no Rollout that is rendered", "opting in has written one");
  const { object: scaling, scaler } = scalerDone(ground, owned, made.objects);
  const text = withoutEntries(entry.file, entry.folder, entered("second", scaler));
  if (text.kind === "err") return no("edited", text.error);
  const files = new Map<string, string | undefined>([
    [entry.file.path, text.value],
    [path, rolloutBesideText(ground, path, { replicas: at(rollout.value, ...REPLICAS), scaler })],
    [`${owned}arms.yaml`, scaler && besideText(scaler)],
    ...lateFiles(ground, owned, rollout),
  ]);
  const mayChange = (object: Built) =>
    object.path === path || object.path === manifests.workload || isSame(object, scaling);
  const mayCome = (object: Built) => scaler !== undefined && object.path === path;
  const wrong = leavingDoubt(ground, entry.file, { files, mayChange, mayCome });
  if (wrong !== undefined) return no("proof", wrong);
  const says = `this is the first of two steps: the Deployment has its pods again, beside those of the Rollout ${nameOf(rollout)}; when all of them are ready, opt out again: the second step takes the Rollout's`;
  return ok({ files, remarks: [{ target, path, line: 1, says }], owned: [owned] });
}

/** What came with the second step alone: the Ingress of an ALB. */
function lateFiles({ read }: Ground, owned: string, { value }: Built): Texts {
  if (at(value, "spec", "strategy", "canary", "trafficRouting", "alb") === undefined) return new Map();
  const path = `${owned}kustomization.yaml`;
  const [said] = documentsIn(read, path);
  const names = isMapping(said) ? textsIn(said, "resources") : [];
  const late = names.filter((name) =>
    documentsIn(read, `${owned}${name}`).some((object) => textAt(object, "kind") === "Ingress"),
  );
  if (!isMapping(said) || late.length === 0) return new Map();
  const rest = { ...said, resources: names.filter((name) => !late.includes(name)) };
  return new Map<string, string | undefined>([
    ...late.map((name) => [`${owned}${name}`, undefined] as const),
    [path, ownedText(rest)],
  ]);
}

/** A version that is not stable's would get all requests at once. */
export function waitingFor(
  { read }: Ground,
  { state, at: target }: Leaving,
  manifests: RolloutFiles,
): Refusal | undefined {
  const files = new Map(filesOf(manifests).map((path) => [path, read(path) ?? ""]));
  const member = readMember(files, target, state.service);
  if (member.kind === "err") return member.error;
  const { canary, stable } = member.value;
  if (canary.template === stable.template) return undefined;
  const found = canary.image === stable.image ? "another pod template" : canary.image;
  return {
    path: manifests.workload,
    line: 1,
    found,
    why: `stable runs ${stable.image}, and would be replaced at once`,
  };
}

function isRollout(object: Values): boolean {
  return textAt(object, "kind") === "Rollout" && (textAt(object, "apiVersion") ?? "").startsWith("argoproj.io/");
}

type Sized = { readonly replicas: ReturnType<typeof at>; readonly scaler: Scaler | undefined };

/** The Rollout's file as the first step in wrote it, with the number of pods that it has, or what scales it. */
function rolloutBesideText({ read }: Ground, path: string, { replicas, scaler }: Sized): string {
  const objects = documentsIn(read, path).flatMap((data) => (isMapping(data) ? [data] : []));
  return ownedText(
    ...objects.flatMap((object) => {
      const sized = isRollout(object) ? withAt(object, REPLICAS, replicas) : object;
      return isRollout(object) && isMapping(sized) ? besideOf(sized, scaler) : [object];
    }),
  );
}

type Asked = { readonly service: string; readonly targets: readonly string[] | undefined };

/** The second step out, in targets where the Rollout runs beside its Deployment and no state speaks of it: it goes, with all that opting in has written. Undefined where there is none. */
export function rolloutsGone(
  ground: Ground,
  { service, targets }: Asked,
): Result<Return, readonly Refused[]> | undefined {
  const found = ground.inventory.fleet.services.filter((one) => one.name === service);
  const [own] = found;
  if (own === undefined || found.length > 1 || !isName(own.name)) return undefined;
  const parts = own.targets
    .filter(({ name: target }) => targets?.includes(target) ?? true)
    .flatMap((target) => {
      const overlay = overlayOf(ground, own, target);
      const beside = overlay.kind === "ok" ? rolloutBeside(overlay.value) : undefined;
      return overlay.kind === "ok" && beside !== undefined && isName(target.name)
        ? [{ target: name(target.name), left: rolloutGone(ground, overlay.value, { target, beside }) }]
        : [];
    });
  if (parts.length === 0) return undefined;
  const problems = parts.flatMap(({ left }) => (left.kind === "err" ? left.error : []));
  if (problems.length > 0) return err(problems);
  const done = parts.flatMap(({ left }) => (left.kind === "ok" ? [left.value] : []));
  return ok({
    service: own.name,
    targets: parts.map(({ target }) => target),
    files: new Map(done.flatMap(({ files }) => [...files])),
    state: undefined,
    first: [],
    standing: [],
    remarks: done.flatMap(({ remarks }) => remarks),
  });
}

type Going = { readonly target: ServiceTarget; readonly beside: Beside };

function rolloutGone(ground: Ground, overlay: Overlay, { target, beside }: Going): Result<Left, readonly Refused[]> {
  const { kustomization, deployment, made } = overlay;
  const no = (code: Code, refusal: Refusal) => err([refused(code, target.name, refusal)]);
  const serving = servingStill(deployment, beside);
  if (serving !== undefined) return no("release", serving);
  const owned = `${within(folderOf(kustomization.path), beside.folder)}/`;
  const { object: scaling, scaler } = scalerDone(ground, owned, made.objects);
  const text = withoutEntries(kustomization, beside.folder, entered("first", scaler));
  if (text.kind === "err") return no("edited", text.error);
  const routes = routesWithout(ground, overlay, { owned, namespace: target.namespace });
  if (routes.kind === "err") return no("edited", routes.error);
  const files = filesWithout(ground, owned);
  const rest = { ...kustomization, text: text.value };
  files.set(rest.path, isListed(rest) && isAsListed(ground, rest, owned) ? undefined : rest.text);
  for (const route of routes.value) files.set(route.path, route.text);
  const mayChange = (object: Built) =>
    routes.value.some((route) => route.path === object.path) || isSame(object, scaling);
  const wrong = leavingDoubt(ground, kustomization, { files, mayChange });
  if (wrong !== undefined) return no("proof", wrong);
  const pods = scaler?.most ?? at(made.objects.find((object) => isSame(object, deployment))?.value, ...REPLICAS);
  const says = `merge it when all pods of the Deployment (${typeof pods === "number" ? pods : 1}) are ready: those of the Rollout ${nameOf(beside.rollout)} go with it`;
  const { path, line } = deployment;
  const own = { target: name(target.name), path, line, says };
  return ok({ files, remarks: [own, ...remarksOnLeft(ground, own.target, { files, owned, rest })], owned: [owned] });
}

/** Why the Rollout cannot go yet: its pods are what serves. */
function servingStill(deployment: Built, { rollout }: Beside): Refusal | undefined {
  const { path, line } = rollout;
  const steers = steeringIn(rollout.value);
  if (steers !== undefined)
    return {
      path,
      line,
      found: `${steers} of ${titleOf(rollout)}`,
      why: "it steers, and no state says which version is stable",
    };
  if (at(deployment.value, ...REPLICAS) !== 0) return undefined;
  return { path, line, found: titleOf(rollout), why: "the Deployment has no pods that would take over" };
}

type Home = { readonly owned: string; readonly namespace: string | undefined };

/** Routes of people's without the canary. */
function routesWithout(
  { read }: Ground,
  { made, deployment }: Overlay,
  { owned, namespace }: Home,
): Result<readonly TextFile[], Refusal> {
  const isOwned = ({ path }: Built) => path.startsWith(owned);
  const all = servicesOf(made.objects, deployment);
  const canary = nameOf(all.find(isOwned) ?? deployment);
  const home = namespaceOf(deployment) ?? namespace ?? "default";
  const texts = new Map<string, string>();
  if (!isName(canary) || !isName(home)) return ok([]);
  const routing = routingTo(all, made.objects).filter(({ stable, route }) => !isOwned(route) && stable !== canary);
  for (const { stable, route, router } of routing) {
    const file = { path: route.path, text: texts.get(route.path) ?? read(route.path) ?? "" };
    const text = withoutCanary(file, router, { namespace: home, arms: { canary, stable }, destinations: undefined });
    if (text?.kind === "err") return text;
    if (text !== undefined) texts.set(route.path, text.value);
  }
  return ok([...texts].map(([path, text]) => ({ path, text })));
}

/** The routes that send to some Services, and what each of them may be driven by. */
function routingTo(services: readonly Built[], objects: readonly Built[]) {
  return services.flatMap((service) => {
    const stable = nameOf(service);
    const routes = isName(stable) ? routesTo(objects, service).map((route) => ({ stable, route })) : [];
    return routes.flatMap((one) => routersOf(one.route).map((router) => ({ ...one, router })));
  });
}

/** Undefined where the canary is not in it. */
function withoutCanary(file: TextFile, router: RouterKind, of: RouteOf): Result<string, Refusal> | undefined {
  const { entry, read } = ROUTERS[router];
  return entry.kind === "beside" && read(file, of).kind === "ok" ? entry.leave(file, of) : undefined;
}
