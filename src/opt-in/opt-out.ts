import { parseState, statePath } from "../config/state-file.ts";
import { printState } from "../config/state-text.ts";
import { isName, type Name } from "../core/names.ts";
import { owns } from "../core/ownership.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Places, ServiceState, TargetState } from "../core/state.ts";
import { evaluate, kustomizationOf, textsIn } from "../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf } from "../manifest/kustomize/object.ts";
import { readImageAt } from "../manifest/layouts/place.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import { folderOf, resolvePath, within } from "../manifest/services/paths.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { hasEntries, withoutEntries } from "./entries.ts";
import { documentsIn, isAsListed, isListed } from "./listed.ts";
import { isMapping } from "../manifest/kustomize/value.ts";
import type { Code, Ground, Refused, Remark, Texts } from "./model.ts";
import { difference } from "./proof.ts";
import { refused } from "./refused.ts";

/** What to write so that a service is opted out; the state is undefined where no target is left. */
export type Return = {
  readonly service: Name;
  readonly targets: readonly Name[];
  readonly files: Texts;
  readonly state: ServiceState | undefined;
  readonly remarks: readonly Remark[];
};

/**
 * Takes opting in back, in all targets of a service or in some: the entries in kustomizations, the owned files, the canary's backend in a route of people's, the
 * state. What people have changed since stays. Refused while a release is under way, or a version waits, since it would reach stable by that.
 */
export function optOut(
  ground: Ground,
  wish: { readonly service: string; readonly targets: readonly string[] | undefined },
): Result<Return, readonly Refused[]> {
  const found = stateFor(ground, wish.service);
  if (found.kind === "err") return found;
  const state = found.value;
  const missing = wish.targets?.find((target) => ![...state.targets.keys()].some((one) => one === target));
  const path = statePath(state.service);
  if (missing !== undefined)
    return err([
      refused("no-target", missing, {
        path,
        line: 1,
        found: `no target ${missing}`,
        why: `${state.service} goes by a template in ${[...state.targets.keys()].join(", ")}`,
      }),
    ]);
  const leaving = [...state.targets].filter(([target]) => wish.targets?.includes(target) ?? true);
  const parts = leaving.map(([target, at]) => oneTarget(ground, { state, target, at }));
  const problems = parts.flatMap((part) => (part.kind === "err" ? part.error : []));
  if (problems.length > 0) return err(problems);
  const done = parts.flatMap((part) => (part.kind === "ok" ? [part.value] : []));
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

type Leaving = { readonly state: ServiceState; readonly target: Name; readonly at: TargetState };

type Left = {
  readonly files: Map<string, string | undefined>;
  readonly remarks: readonly Remark[];
  readonly owned: string;
};

function oneTarget(ground: Ground, leaving: Leaving): Result<Left, readonly Refused[]> {
  const { target, at } = leaving;
  const no = (code: Code, refusal: Refusal) => err([refused(code, target, refusal)]);
  const resting = atRest(ground, leaving);
  if (resting.kind === "err") return no(resting.error.code, resting.error.refusal);
  const manifests = resting.value;
  const owned = `${folderOf(manifests.stable.path)}/`;
  const overlay = overlayOf(ground, owned);
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
  const wrong = doubt(ground, overlay.file, { files, at });
  if (wrong !== undefined) return no("proof", wrong);
  return ok({ files, remarks: remarksOn(ground, target, { files, owned, rest }), owned });
}

type Unrest = { readonly code: Code; readonly refusal: Refusal };

/** The places of a target that rests; or why it cannot be taken back now. */
function atRest(ground: Ground, { state, at: { manifests, release, weight } }: Leaving): Result<Places, Unrest> {
  const place = { path: statePath(state.service), line: 1 };
  if (release !== undefined || weight > 0) {
    const found = release === undefined ? `a weight of ${weight}%` : `the release of ${release.image}`;
    return err({ code: "release", refusal: { ...place, found, why: "it is under way" } });
  }
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

type Entered = { readonly file: TextFile; readonly folder: string };

/** The kustomization that has the entries of an owned folder: in the folder above it, or the one above that. */
function overlayOf({ read }: Ground, owned: string): Entered | undefined {
  const folder = owned.replace(/\/$/, "");
  const above = [folderOf(folder), folderOf(folderOf(folder))];
  for (const upper of above) {
    const path = kustomizationOf(read, upper);
    const text = path === undefined ? undefined : read(path);
    const name = upper === "" ? folder : folder.slice(upper.length + 1);
    if (path !== undefined && text !== undefined && hasEntries({ path, text }, name))
      return { file: { path, text }, folder: name };
  }
  return undefined;
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

const OWN = ["kustomization.yaml", "arms.yaml"];

/** The owned files, gone: what the folder's kustomization lists, and what opting in writes besides. */
function filesWithout({ read }: Ground, owned: string): Map<string, string | undefined> {
  const folder = owned.replace(/\/$/, "");
  const [said] = documentsIn(read, within(folder, "kustomization.yaml"));
  const listed = isMapping(said) ? textsIn(said, "resources").flatMap((name) => resolvePath(folder, name) ?? []) : [];
  const paths = [...OWN.map((name) => within(folder, name)), ...listed.filter((path) => path.startsWith(owned))];
  return new Map(paths.filter((path) => read(path) !== undefined).map((path) => [path, undefined]));
}

type Leftover = { readonly files: Texts; readonly owned: string; readonly rest: TextFile };

function remarksOn(
  { inventory: { listing } }: Ground,
  target: Name,
  { files, owned, rest }: Leftover,
): readonly Remark[] {
  const stay = [...listing.keys()].filter((path) => path.startsWith(owned) && !files.has(path));
  const isKept = isListed(rest) && files.get(rest.path) !== undefined;
  return [
    ...stay.map((path) => ({ target, path, line: 1, says: "it stays: opting in has not written it" })),
    ...(isKept
      ? [{ target, path: rest.path, line: 1, says: "it stays: it has been changed since opting in added it" }]
      : []),
  ];
}

/** What is rendered afterwards is what was rendered before without the canary's objects; stable's version stays. */
function doubt(
  { read }: Ground,
  file: TextFile,
  { files, at }: { readonly files: Texts; readonly at: TargetState },
): Refusal | undefined {
  const folder = folderOf(file.path);
  if (files.get(file.path) === undefined) return undefined;
  const after = (path: string) => (files.has(path) ? files.get(path) : read(path));
  const { added, changed } = difference(evaluate(read, folder), evaluate(after, folder));
  const route = at.manifests.layout === "places" ? at.manifests.weight.path : undefined;
  const [other] = [...added, ...changed.filter(({ path }) => path !== route)];
  if (other === undefined) return undefined;
  return {
    path: other.path,
    line: other.line,
    found: `${kindOf(other)} ${nameOf(other)}`,
    why: "opting out would change it",
  };
}

function without(state: ServiceState, targets: readonly Name[], done: readonly Left[]): ServiceState | undefined {
  const rest = new Map([...state.targets].filter(([target]) => !targets.includes(target)));
  if (rest.size === 0) return undefined;
  const gone = new Set(done.map(({ owned }) => owned));
  const changed = new Set(done.flatMap(({ files }) => [...files.keys()]));
  return {
    ...state,
    owned: state.owned.filter((path) => !gone.has(path)),
    claims: state.claims.filter(({ path }) => !changed.has(path)),
    targets: rest,
    holds: state.holds.filter(({ target }) => !targets.includes(target)),
  };
}
