import { parseState, statePath } from "../config/state-file.ts";
import { printState } from "../config/state-text.ts";
import { isName, isOptName, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ServiceState } from "../core/state.ts";
import { groupOf, kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import type { Service, ServiceTarget } from "../manifest/services/model.ts";
import { rolloutBeside } from "./beside.ts";
import { botsTold, NOTHING_TOLD } from "./bump-bots.ts";
import { bringerOf } from "./charts/bringer.ts";
import { chartRoutes, convertChart } from "./charts/convert.ts";
import { convert, type Converted } from "./convert.ts";
import { suits, unsuited } from "./knative.ts";
import { placeIn } from "./known.ts";
import type { Conversion, Ground, Refused, Wish } from "./model.ts";
import { servicesOf, titleOf } from "./objects.ts";
import { overlayOf, type Overlay } from "./overlay.ts";
import { refused } from "./refused.ts";
import { handOver } from "./rollouts.ts";
import { routesTo } from "./routes.ts";
import { canaryless } from "./standing/canaryless.ts";
import { standingIn, type One } from "./standing/find.ts";
import type { Standing } from "./standing/model.ts";
import { steer } from "./standing/steer.ts";

/**
 * What to write so that a service goes by a template: owned files, a line or two in kustomizations, and the service's state. All of its targets or those that
 * are asked for, or nothing: every reason that there is against it comes back at once. Nothing that is rendered now differs afterwards.
 */
export function optIn(ground: Ground, wish: Wish): Result<Conversion, readonly Refused[]> {
  const found = wanted(ground, wish);
  if (found.kind === "err") return found;
  const { service, own, targets } = found.value;
  const before = stateOf(ground, own, targets, wish);
  if (before.kind === "err") return before;
  const parts = allTargets(ground, { service, own, targets }, wish);
  const problems = parts.flatMap((part) => (part.kind === "err" ? part.error : []));
  const converted = parts.flatMap((part) => (part.kind === "ok" ? [part.value] : []));
  const [first] = converted;
  if (problems.length > 0 || first === undefined) return err(problems);
  const clash = sharedFile(converted.filter(({ isChart }) => !isChart));
  if (clash !== undefined) return err([clash]);
  const state = stateWith(before.value, converted, { ground, wish, own });
  const files = new Map(
    converted.flatMap(({ texts }) => [...texts].filter(([path, text]) => ground.read(path) !== text)),
  );
  const bots = converted.some(({ owned }) => owned.length > 0) ? botsTold(ground) : NOTHING_TOLD;
  return ok({
    service: own,
    files: new Map([...files, ...bots.files, ...(state === undefined ? [] : stateFile(state))]),
    state,
    template: wish.template.name,
    targets: converted.map(({ target }) => target),
    first: converted.flatMap(({ target, at }) => (at === undefined ? [target] : [])),
    standing: converted.flatMap(({ target, isStanding }) => (isStanding === true ? [target] : [])),
    remarks: [...converted.flatMap(({ remarks }) => remarks), ...bots.remarks],
    plan: first.instance.plan,
  });
}

function stateFile(state: ServiceState): readonly (readonly [path: string, text: string])[] {
  return [[statePath(state.service), printState(state)]];
}

/** What moves the traffic of a service already, in those of its targets that are asked for where something does. */
export function standingFound(
  ground: Ground,
  wish: Omit<Wish, "template">,
): Result<readonly Standing[], readonly Refused[]> {
  const found = wanted(ground, wish);
  if (found.kind === "err") return found;
  const { service, own, targets } = found.value;
  const all = targets.map((target) => standingIn(ground, { service, own, target }, wish));
  return ok(all.flatMap((one) => (one.kind === "ok" && one.value !== undefined ? [one.value] : [])));
}

/** What kustomizations make of a service, and the routes that send to it. */
type Ways = { readonly workloads: readonly Built[]; readonly routes: readonly Built[] };

/** The same in all of the targets that are asked for. */
export function waysFound(ground: Ground, wish: Omit<Wish, "template">): Result<Ways, readonly Refused[]> {
  const found = wanted(ground, wish);
  if (found.kind === "err") return found;
  const { service, targets } = found.value;
  const ways = targets.map((target): Ways => {
    const bringer = bringerOf(ground, service, target);
    if (bringer?.kind === "ok") return { workloads: [], routes: chartRoutes(ground, bringer.value, target.name) };
    const overlay = bringer === undefined ? overlayOf(ground, service, target) : bringer;
    if (overlay.kind === "err") return { workloads: [], routes: [] };
    const { deployment, made } = overlay.value;
    const routes = servicesOf(made.objects, deployment).flatMap((one) => routesTo(made.objects, one));
    return { workloads: [deployment], routes };
  });
  return ok({
    workloads: ways.flatMap(({ workloads }) => workloads),
    routes: [...new Set(ways.flatMap(({ routes }) => routes))],
  });
}

type Wanted = { readonly service: Service; readonly own: Name; readonly targets: readonly ServiceTarget[] };

function wanted(
  { inventory: { fleet } }: Ground,
  wish: Pick<Wish, "service" | "targets">,
): Result<Wanted, readonly Refused[]> {
  const [called, home] = wish.service.split("@");
  const all = fleet.services.filter(
    (service) => service.name === called && (home === undefined || service.home === home),
  );
  const [service, second] = all;
  const no = (code: Refused["code"], found: string, why: string, advice?: string) =>
    err([refused(code, undefined, { path: "", line: 1, found, why }, advice)]);
  if (service === undefined)
    return no("no-service", `no service ${wish.service}`, "none is called so in this repository");
  if (second !== undefined) {
    const homes = all.map((one) => `${called}@${one.home}`).join(", ");
    return no("no-service", `several services ${called}`, "they lie in different folders", `say which one: ${homes}`);
  }
  if (!isName(service.name))
    return no("no-service", `the service ${service.name}`, "its name is none of Kubernetes'", "rename its workload");
  if (isOptName(service.name))
    return no(
      "no-service",
      `the service ${service.name}`,
      "branches of what opts services in and out are called so",
      "rename its workload",
    );
  const missing = wish.targets?.find((target) => !service.targets.some((one) => one.name === target));
  if (missing !== undefined) {
    const names = service.targets.map((one) => one.name).join(", ");
    return no("no-target", `no target ${missing}`, `${service.name} runs in ${names}`);
  }
  const targets = service.targets.filter((one) => wish.targets?.includes(one.name) ?? true);
  return ok({ service, own: service.name, targets });
}

/** The state that is there already; refused where it is of another template, or has one of the targets. */
function stateOf(
  { read }: Ground,
  service: Name,
  targets: readonly ServiceTarget[],
  { template }: Wish,
): Result<ServiceState | undefined, readonly Refused[]> {
  const path = statePath(service);
  const text = read(path);
  if (text === undefined) return ok(undefined);
  const no = (found: string, why: string, line = 1) =>
    err([refused("opted-in", undefined, { path, line, found, why })]);
  const state = parseState({ path, text });
  if (state.kind === "err")
    return no("a state that cannot be read", state.error[0]?.message.replace(/\.$/, "") ?? "", state.error[0]?.line);
  const again = targets.find((target) => [...state.value.targets.keys()].some((one) => one === target.name));
  if (again !== undefined) return no(`the target ${again.name}`, `it goes by ${state.value.template.name} already`);
  return state.value.template.name === template.name
    ? ok(state.value)
    : no(`the template ${state.value.template.name}`, "a service has one template");
}

/** The targets one after the other: the files that bring charts may be those of several, and each adds to what those before it have written. */
function allTargets(
  ground: Ground,
  { service, own, targets }: Wanted,
  wish: Wish,
): readonly Result<Converted, readonly Refused[]>[] {
  const parts: Result<Converted, readonly Refused[]>[] = [];
  const written = new Map<string, string>();
  for (const target of targets) {
    const read: Ground["read"] = (path) => written.get(path) ?? ground.read(path);
    const bringer = bringerOf({ ...ground, read }, service, target);
    const part =
      bringer === undefined
        ? oneTarget(ground, { service, own, target }, wish)
        : bringer.kind === "err"
          ? bringer
          : convertChart(
              { ground: { ...ground, read }, bringer: bringer.value, which: { service: own, target } },
              wish,
            );
    if (part.kind === "ok" && part.value.isChart) for (const [path, text] of part.value.texts) written.set(path, text);
    parts.push(part);
  }
  return parts;
}

function oneTarget(ground: Ground, { service, own, target }: One, wish: Wish): Result<Converted, readonly Refused[]> {
  const standing = standingIn(ground, { service, own, target }, wish);
  if (standing.kind === "err") return standing;
  if (standing.value !== undefined) return steer(ground, standing.value, wish);
  if (wish.template.drive.kind === "canary") return err([canaryless(target)]);
  const overlay = overlayOf(ground, service, target);
  if (overlay.kind === "err") return overlay;
  const { deployment } = overlay.value;
  if (!suits(wish.template, deployment)) return err([unsuited(wish.template, deployment, target.name)]);
  const beside = rolloutBeside(overlay.value);
  const folder = beside?.folder ?? folderFor(ground, overlay.value, own);
  const which = { service: own, target, folder, beside: beside?.rollout };
  if (wish.template.drive.kind === "rollout") return handOver(ground, { overlay: overlay.value, which }, wish);
  if (beside === undefined) return convert(overlay.value, which, wish);
  const { rollout } = beside;
  const found = placeIn(rollout, titleOf(rollout), `it runs beside ${nameOf(deployment)} already`);
  return err([
    refused("controller", target.name, found, "opt the service out first, or go on with a Rollout's template"),
  ]);
}

const FOLDER = "tidegate";

/** `tidegate`, or a folder of the service in it where the kustomization has several. */
function folderFor(
  { inventory: { listing } }: Ground,
  { kustomization, made, deployment }: Overlay,
  service: Name,
): string {
  const folder = kustomization.path.slice(0, kustomization.path.lastIndexOf("/") + 1);
  const isTaken = [...listing.keys()].some((path) => path.startsWith(`${folder}${FOLDER}/`));
  const alike = made.objects.filter(
    (object) => kindOf(object) === kindOf(deployment) && groupOf(object) === groupOf(deployment),
  );
  return isTaken || alike.length > 1 ? `${FOLDER}/${service}` : FOLDER;
}

/** Two targets that get their entries in one kustomization would undo each other. */
function sharedFile(converted: readonly Converted[]): Refused | undefined {
  const seen = new Map<string, Converted>();
  for (const one of converted)
    for (const path of one.texts.keys()) {
      const other = seen.get(path);
      if (other !== undefined) {
        const found = `${path} of ${other.target} and ${one.target}`;
        return refused("several-roots", one.target, {
          path,
          line: 1,
          found,
          why: "each target is to have a kustomization of its own",
        });
      }
      seen.set(path, one);
    }
  return undefined;
}

type Stated = { readonly ground: Ground; readonly wish: Wish; readonly own: Name };

function stateWith(
  before: ServiceState | undefined,
  converted: readonly Converted[],
  { ground, wish, own }: Stated,
): ServiceState | undefined {
  const added = new Map(converted.flatMap(({ target, at }) => (at === undefined ? [] : [[target, at] as const])));
  if (added.size === 0) return before;
  const owned = [...new Set(converted.flatMap((one) => (one.at === undefined ? [] : one.owned)))];
  const claims = converted.flatMap((one) => one.claims);
  if (before !== undefined)
    return {
      ...before,
      owned: [...before.owned, ...owned],
      claims: [...before.claims, ...claims],
      targets: new Map([...before.targets, ...added]),
    };
  const template = { name: wish.template.name, revision: ground.revision };
  return { service: own, template, owned, claims, targets: added, blocked: [], holds: [], heard: 0 };
}
