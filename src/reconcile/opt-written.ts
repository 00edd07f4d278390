import { durationText } from "../config/duration.ts";
import { parseState, statePath } from "../config/state-file.ts";
import { filesOf } from "../core/manifests.ts";
import type { Name, Sha } from "../core/names.ts";
import type { OptChange, OptFile, OptTarget, OptWish } from "../core/opting.ts";
import { owns } from "../core/ownership.ts";
import { planFor } from "../core/plan.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ServiceState, TargetState } from "../core/state.ts";
import { readMember } from "../manifest/member.ts";
import type { Ground, Refused, Remark, Texts } from "../opt-in/model.ts";
import { optIn } from "../opt-in/opt-in.ts";
import { optOut } from "../opt-in/opt-out.ts";
import { printedPlan } from "../opt-in/plan.ts";
import { refusedText } from "../opt-in/refused.ts";
import { refusalText } from "../yaml/refusal.ts";
import { keptOnce, Unforeseen, type OptGround } from "./opt-ground.ts";
import type { ConfigReading } from "./readings.ts";
import type { Scene } from "./scene.ts";
import { weightsOf } from "./service.ts";

/** What a wish comes to on the tracked branch, or all that speaks against it. */
export type Written = Result<OptChange, readonly string[]>;

type Looking = Pick<Scene, "head" | "config"> & { readonly eyes: Pick<Scene["eyes"], "memory"> };

/** Made by what the command line makes it by. `revision`: the commit that the template is pinned to. */
export function writtenFor(scene: Looking, ground: OptGround, wish: OptWish, revision: Sha): Promise<Written> {
  return keptOnce(scene.eyes.memory.opting.written, keyOf(scene, wish, revision), () =>
    guarded(() =>
      ground.settled(likelyFor(ground, wish), (read) => written(scene, { ...ground, read, revision }, wish)),
    ),
  );
}

/** Whether that is known already. */
export function isWritten(scene: Looking, wish: OptWish, revision: Sha): boolean {
  return scene.eyes.memory.opting.written.has(keyOf(scene, wish, revision));
}

function keyOf({ head }: Looking, wish: OptWish, revision: Sha): string {
  return JSON.stringify([head, revision, wish]);
}

/** One service that nobody foresaw must not keep the repository from being looked at. */
export async function guarded<T>(
  work: () => Promise<Result<T, readonly string[]>>,
): Promise<Result<T, readonly string[]>> {
  try {
    return await work();
  } catch (failure) {
    if (!(failure instanceof Unforeseen)) throw failure;
    return err([`This is a fault of Tidegate's: ${failure.message}.`]);
  }
}

/** The files below the service's folders, and its state. */
export function likelyFor({ inventory: { fleet, listing } }: OptGround, { service }: OptWish): readonly string[] {
  const services = fleet.services.filter(({ name }) => name === service);
  const homes = services.flatMap(({ home }) => (home === "" ? [] : [`${home}/`]));
  const below = [...listing.keys()].filter((path) => homes.some((home) => path.startsWith(home)));
  const reads = services.flatMap(({ targets }) => targets.flatMap((target) => target.reads));
  return [...new Set([statePath(service), ...reads, ...below.slice(0, MOST_LIKELY)])];
}

const MOST_LIKELY = 500;

type Here = Ground & Pick<OptGround, "library">;

function written(scene: Looking, here: Here, wish: OptWish): Written {
  const done = wish.verb === "opt-in" ? writtenIn(scene, here, wish) : writtenOut(scene, here, wish);
  const barred = done.kind === "ok" ? barredIn(here, done.value.files) : [];
  return barred.length > 0 ? err(barred) : done;
}

/** What lies where files are to be written, and is none or no folder: git would write through no link. */
function barredIn({ links, inventory: { listing } }: Ground, files: Texts): readonly string[] {
  const folders = new Set([...files.keys()].flatMap(foldersAbove));
  const found = [
    ...[...folders, ...files.keys()].filter((place) => links.has(place)).map((place) => [place, "a link"] as const),
    ...[...folders].filter((place) => listing.has(place)).map((place) => [place, "a file"] as const),
  ];
  return found.map(
    ([place, what]) => `${place} is ${what}, where something is to be written. Take it away, or call it otherwise.`,
  );
}

function foldersAbove(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, count) => segments.slice(0, count + 1).join("/"));
}

function writtenIn(scene: Looking, here: Here, wish: OptWish): Written {
  const template = here.library.templates.get(wish.template ?? "");
  if (template === undefined) return err([`There is no template ${wish.template} that can be used.`]);
  const done = optIn(here, {
    service: wish.called,
    targets: wish.targets,
    template,
    parameters: new Map(wish.parameters),
    namespace: wish.namespace,
  });
  if (done.kind === "err") return err(done.error.map(reasonText));
  const { files, state, targets, first, standing, remarks, plan, service } = done.value;
  const after = (path: string) => (files.has(path) ? files.get(path) : here.read(path));
  return ok({
    wish,
    base: scene.head,
    files,
    touched: touchedIn(here, files, state),
    targets: targets.map((target) => {
      const at = state?.targets.get(target);
      return at === undefined
        ? { target, kind: "unplanned", problem: "none begins before the second step." }
        : targetOf(scene.config, { service, target, at }, after);
    }),
    first,
    isHandover: template.drive.kind === "rollout" && standing.length < targets.length,
    standing,
    remarks: remarks.map(remarkOf),
    proposed: printedPlan(service, plan, durationText),
  });
}

function writtenOut(scene: Looking, here: Here, wish: OptWish): Written {
  const done = optOut(here, { service: wish.service, targets: undefined });
  if (done.kind === "err") return err(done.error.map(reasonText));
  const { files, targets, first, standing, remarks } = done.value;
  const path = statePath(wish.service);
  const before = parseState({ path, text: here.read(path) ?? "" });
  return ok({
    wish,
    base: scene.head,
    files,
    touched: touchedIn(here, files, before.kind === "ok" ? before.value : undefined),
    targets: targets.map((target) => ({ target, kind: "unplanned", problem: "it is opted out" })),
    first,
    // Without a state there is only a Rollout to take away.
    isHandover: before.kind === "err" || first.length > 0,
    standing,
    remarks: remarks.map(remarkOf),
    proposed: undefined,
  });
}

/** A refusal on one line, its advice a sentence of its own. */
export function reasonText(refused: Refused): string {
  const [what = "", advice = ""] = refusedText(refused).split("\n");
  const said = advice.trim();
  return `${what} ${said.charAt(0).toUpperCase()}${said.slice(1)}`;
}

function remarkOf({ target, path, line, says }: Remark): OptChange["remarks"][number] {
  return { path, line, says: target === undefined ? says : `${target}: ${says}` };
}

function touchedIn({ read }: Pick<Ground, "read">, files: Texts, state: ServiceState | undefined): readonly OptFile[] {
  return [...files].map(([path, text]) => ({
    path,
    what: text === undefined ? "removed" : read(path) === undefined ? "added" : "changed",
    isOwned: state === undefined ? OWNED.test(path) : path === statePath(state.service) || owns(state, path),
  }));
}

/** Where owned files are of what has no state yet, or none any more. */
const OWNED = /(?:^|\/)tidegate\//;

type Member = { readonly service: Name; readonly target: Name; readonly at: TargetState };

/** How releases of a target would go, by the configuration of the tracked branch and the files as they will be. */
function targetOf(
  config: Pick<ConfigReading, "policyFor">,
  { service, target, at }: Member,
  read: Ground["read"],
): OptTarget {
  const paths = filesOf(at.manifests);
  const unplanned = (problem: string): OptTarget => ({ target, kind: "unplanned", problem });
  const policy = config.policyFor(target, paths, service);
  if (policy.kind === "refused") return unplanned(policy.problems.join(" "));
  const texts = paths.flatMap((path) => {
    const text = read(path);
    return text === undefined ? [] : [[path, text] as const];
  });
  const manifest = readMember(new Map(texts), at, service);
  if (manifest.kind === "err") return unplanned(refusalText(manifest.error));
  const plan = planFor(weightsOf(policy.value, "usual"), at, manifest.value);
  const member = { state: { service }, target, at, manifest: manifest.value, policy: policy.value };
  return { target, kind: "planned", plan, member };
}
