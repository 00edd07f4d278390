import { parseState, statePath } from "../config/state-file.ts";
import { printState } from "../config/state-text.ts";
import { isName, type Name } from "../core/names.ts";
import { owns } from "../core/ownership.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Places, ServiceState } from "../core/state.ts";
import { readImageAt } from "../manifest/layouts/place.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import { folderOf } from "../manifest/services/paths.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { botsUntold } from "./bump-bots.ts";
import { releaseGone, runsTwice } from "./charts/out.ts";
import { withoutEntries } from "./entries.ts";
import {
  entryFor,
  filesWithout,
  leavingDoubt,
  remarksOnLeft,
  remarksOnStrange,
  underWay,
  type Leaving,
  type Left,
  type Return,
} from "./leaving.ts";
import { isAsListed, isListed } from "./listed.ts";
import type { Code, Ground, Refused, Remark } from "./model.ts";
import { refused } from "./refused.ts";
import { podsBack, rolloutsGone } from "./rollout-out.ts";
import { leftStanding } from "./standing/engines.ts";

/**
 * Takes opting in back, in all targets of a service or in some: the entries in kustomizations, the owned files, the canary's backend in a route of people's, the
 * state. What people have changed since stays. Refused while a release is under way, or a version waits, since it would reach stable by that.
 */
export function optOut(ground: Ground, wish: Out): Result<Return, readonly Refused[]> {
  const done = returned(ground, wish);
  if (done.kind === "err") return done;
  const { files } = done.value;
  return ok({ ...done.value, files: new Map([...files, ...botsUntold(ground, files)]) });
}

type Out = { readonly service: string; readonly targets: readonly string[] | undefined };

function returned(ground: Ground, wish: Out): Result<Return, readonly Refused[]> {
  const found = stateFor(ground, wish.service);
  if (found.kind === "err") return rolloutsGone(ground, wish) ?? found;
  const state = found.value;
  const missing = wish.targets?.find((target) => ![...state.targets.keys()].some((one) => one === target));
  const path = statePath(state.service);
  if (missing !== undefined)
    return (
      rolloutsGone(ground, wish) ??
      err([
        refused("no-target", missing, {
          path,
          line: 1,
          found: `no target ${missing}`,
          why: `${state.service} goes by a template in ${[...state.targets.keys()].join(", ")}`,
        }),
      ])
    );
  const leaving = [...state.targets].filter(([target]) => wish.targets?.includes(target) ?? true);
  const parts = allTargets(
    ground,
    leaving.map(([target, at]) => ({ state, target, at })),
  );
  const problems = parts.flatMap((part) => (part.kind === "err" ? part.error : []));
  if (problems.length > 0) return err(problems);
  const done = parts.flatMap((part) => (part.kind === "ok" ? [part.value] : []));
  const isStanding = (index: number) => done[index]?.isStanding === true;
  const rest = without(
    state,
    leaving.map(([target]) => target),
    done,
  );
  const files = new Map(done.flatMap((part) => [...part.files]));
  return ok({
    service: state.service,
    targets: leaving.map(([target]) => target),
    files: files.set(path, rest === undefined ? undefined : printState(rest)),
    state: rest,
    first: leaving.flatMap(([target, { manifests }], index) =>
      manifests.layout === "rollout" && !isStanding(index) ? [target] : [],
    ),
    standing: leaving.flatMap(([target], index) => (isStanding(index) ? [target] : [])),
    remarks: done.flatMap(({ remarks }) => remarks),
  });
}

function stateFor({ read }: Ground, service: string): Result<ServiceState, readonly Refused[]> {
  const path = isName(service) ? statePath(service) : "";
  const text = read(path);
  const no = (found: string, why: string, line = 1) =>
    err([refused("no-service", undefined, { path: path === "" ? service : path, line, found, why })]);
  if (text === undefined) return no(`no state of ${service}`, "it goes by no template");
  const state = parseState({ path, text });
  if (state.kind === "ok") return state;
  const [first] = state.error;
  return no("a state that cannot be read", first?.message.replace(/\.$/, "") ?? "", first?.line);
}

/** The targets one after the other: a file may be that of several, and each takes out of what those before it have left. */
function allTargets(ground: Ground, all: readonly Leaving[]): readonly Result<Left, readonly Refused[]>[] {
  const written = new Map<string, string | undefined>();
  const read: Ground["read"] = (path) => (written.has(path) ? written.get(path) : ground.read(path));
  return all.map((leaving) => {
    const part = oneTarget({ ...ground, read }, leaving);
    if (part.kind === "ok") for (const [path, text] of part.value.files) written.set(path, text);
    return part;
  });
}

function oneTarget(ground: Ground, leaving: Leaving): Result<Left, readonly Refused[]> {
  const { at } = leaving;
  const left = leftStanding(ground, leaving);
  if (left !== undefined) return left;
  return at.manifests.layout === "rollout" ? podsBack(ground, leaving, at.manifests) : joinedAgain(ground, leaving);
}

/** A target whose Deployment was split. */
function joinedAgain(ground: Ground, leaving: Leaving): Result<Left, readonly Refused[]> {
  const { target } = leaving;
  const no = (code: Code, refusal: Refusal) => err([refused(code, target, refusal)]);
  const resting = atRest(ground, leaving);
  if (resting.kind === "err") return no(resting.error.code, resting.error.refusal);
  const manifests = resting.value;
  if (runsTwice(manifests)) return oneRelease(ground, leaving, manifests);
  const owned = `${folderOf(manifests.stable.path)}/`;
  const overlay = entryFor(ground, owned);
  if (overlay === undefined) {
    const found = `no kustomization with ${owned}`;
    return no("edited", { path: manifests.stable.path, line: 1, found, why: "its entries are gone" });
  }
  const text = withoutEntries(overlay.file, overlay.folder);
  if (text.kind === "err") return no("edited", text.error);
  const route = withoutCanary(ground, leaving, manifests);
  if (route?.kind === "err") return no("edited", route.error);
  const files = filesWithout(ground, owned);
  const rest = { ...overlay.file, text: text.value };
  files.set(rest.path, isListed(rest) && isAsListed(ground, rest, owned) ? undefined : rest.text);
  if (route !== undefined) files.set(route.value.path, route.value.text);
  const wrong = leavingDoubt(ground, overlay.file, { files, mayChange: ({ path }) => path === manifests.weight.path });
  if (wrong !== undefined) return no("proof", wrong);
  const remarks = [
    ...remarksOnLeft(ground, target, { files, owned, rest }),
    ...remarksOnRoute(target, manifests, files),
  ];
  return ok({ files, remarks, owned: [owned] });
}

/** Callers of Knative's Route are led to it by people; those of all others call stable's Service. */
function remarksOnRoute(target: Name, { weight, workloads }: Places, files: Left["files"]): readonly Remark[] {
  const isGone = files.has(weight.path) && files.get(weight.path) === undefined;
  if (weight.kind !== "route" || weight.router !== "KnativeRoute" || !isGone) return [];
  const says = `the Route goes: lead whoever asks it back to the Knative Service ${workloads.stable} before this is merged`;
  return [{ target, path: weight.path, line: 1, says }];
}

/** A chart that runs as two releases runs as one again. */
function oneRelease(ground: Ground, leaving: Leaving, manifests: Places): Result<Left, readonly Refused[]> {
  const { state, target } = leaving;
  const gone = releaseGone(ground, state, manifests, leaving.at.namespace);
  const route = gone.kind === "ok" ? withoutCanary(ground, leaving, manifests) : undefined;
  if (gone.kind === "err") return err([refused("edited", target, gone.error)]);
  if (route?.kind === "err") return err([refused("edited", target, route.error)]);
  const { files, owned } = gone.value;
  if (route !== undefined) files.set(route.value.path, route.value.text);
  const folder = `${folderOf(manifests.stable.path)}/`;
  return ok({ files, remarks: remarksOnStrange(ground, target, { files, owned: folder }), owned });
}

type Unrest = { readonly code: Code; readonly refusal: Refusal };

/** The places of a target that rests; or why it cannot be taken back now. */
function atRest(ground: Ground, leaving: Leaving): Result<Places, Unrest> {
  const { manifests } = leaving.at;
  const place = { path: statePath(leaving.state.service), line: 1 };
  const moving = underWay(leaving);
  if (moving !== undefined) return err({ code: "release", refusal: moving });
  if (manifests.layout !== "places") {
    const found = `the layout ${manifests.layout}`;
    return err({ code: "edited", refusal: { ...place, found, why: "opting in has not written it" } });
  }
  const waiting = waitingIn(ground, manifests);
  return waiting === undefined ? ok(manifests) : err({ code: "release", refusal: waiting });
}

/** A version that people's files have and stable has not: opting out would give it to stable at once. */
function waitingIn({ read }: Ground, { canary, stable }: Places): Refusal | undefined {
  const [one, other] = [canary, stable].map((place) =>
    readImageAt({ path: place.path, text: read(place.path) ?? "" }, place),
  );
  if (one?.kind === "err") return one.error;
  if (other?.kind === "err") return other.error;
  if (one === undefined || other === undefined || one.value === other.value) return undefined;
  return { path: canary.path, line: 1, found: one.value, why: `stable runs ${other.value}, and would get it at once` };
}

function withoutCanary(
  { read }: Ground,
  { state, at }: Leaving,
  { weight }: Places,
): Result<TextFile, Refusal> | undefined {
  if (weight.kind !== "route" || owns(state, weight.path)) return undefined;
  const { entry } = ROUTERS[weight.router];
  if (entry.kind !== "beside") return undefined;
  const { namespace, arms } = at;
  const text = entry.leave(
    { path: weight.path, text: read(weight.path) ?? "" },
    { namespace, arms, destinations: weight.destinations },
  );
  return text.kind === "err" ? text : ok({ path: weight.path, text: text.value });
}

function without(state: ServiceState, targets: readonly Name[], done: readonly Left[]): ServiceState | undefined {
  const rest = new Map([...state.targets].filter(([target]) => !targets.includes(target)));
  if (rest.size === 0) return undefined;
  const gone = new Set(done.flatMap(({ owned }) => owned));
  const changed = new Set(done.flatMap(({ files }) => [...files.keys()]));
  return {
    ...state,
    owned: state.owned.filter((path) => !gone.has(path)),
    claims: state.claims.filter(({ path }) => !changed.has(path)),
    targets: rest,
    holds: state.holds.filter(({ target }) => !targets.includes(target)),
  };
}
