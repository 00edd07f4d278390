import { posix } from "node:path";
import { sha } from "../src/core/names.ts";
import { isWanted, takeInventory } from "../src/manifest/services/inventory.ts";
import type { Service, ServiceTarget } from "../src/manifest/services/model.ts";
import { objectsOf } from "../src/manifest/kustomize/evaluate.ts";
import { kindOf as kindOfObject, nameOf } from "../src/manifest/kustomize/object.ts";
import { withOwnedEntries } from "../src/manifest/layouts/kustomize.ts";
import { templatesFor } from "../src/opt-in/choice.ts";
import { objections } from "../src/opt-in/judge.ts";
import { ok, type Result } from "../src/core/result.ts";
import type { Code, Conversion, Ground, Refused, Wish } from "../src/opt-in/model.ts";
import { optIn } from "../src/opt-in/opt-in.ts";
import { optOut } from "../src/opt-in/opt-out.ts";
import { shippedTemplates } from "../src/operator/shipped-templates.ts";
import { libraryOf } from "../src/template/library.ts";
import { at, changes, keyOf } from "./render-objects.ts";
import { renderedStanding } from "./optin-standing.ts";
import { render, type Json, type Renderer } from "./render-tools.ts";
import { KUSTOMIZATION, withoutMissing, workplace, type Files, type Workplace } from "./render-tree.ts";

/** What became of one service in one target. */
export type Outcome = {
  readonly repository: string;
  readonly service: string;
  readonly home: string;
  readonly target: string;
  /** How it is written, as far as that decides who is asked for. */
  readonly kind: "deployment" | "rollout" | "other";
  readonly refused: readonly Refused[];
  /** What speaks against it besides, where its folder cannot be listed. */
  readonly besides: readonly Code[];
  readonly converted: "same" | "not-same" | undefined;
  /** How kustomize found it: `unrendered` where it did not render before either. */
  readonly rendered: "intended" | "unrendered" | "different" | undefined;
  readonly crash: string | undefined;
};

const TEMPLATES = libraryOf(shippedTemplates(), []).templates;
/** One template for each kind of route that these repositories have, and what it must be told. */
const TRIED: readonly (readonly [name: string, given: Readonly<Record<string, string>>])[] = [
  ["canary-gateway-api", { gateway: "public" }],
  ["canary-istio", {}],
  ["canary-nginx", { hostnames: "service.example.com" }],
  ["canary-openshift", {}],
  ["canary-argo-rollouts", {}],
];

export type Run = {
  readonly kustomize: Renderer | undefined;
  /** How many services are rendered at once. */
  readonly atOnce: number;
  /** Which services in targets are asked for: `repository service@home target`. */
  readonly isAsked: (who: string) => boolean;
  readonly tell: (progress: string) => void;
};

/** Opts every service in each of its targets in and out, repository by repository; snippets of documents are no files of them. */
export async function optInAll(files: Files, run: Run): Promise<readonly Outcome[]> {
  const paths = [...files.keys()].filter((path) => !path.includes("#"));
  const outcomes: Outcome[] = [];
  for (const [repository, own] of Map.groupBy(paths, (path) => path.slice(0, path.indexOf("/")))) {
    const texts = new Map(own.map((path) => [path.slice(repository.length + 1), files.get(path) ?? ""]));
    run.tell(`${repository}: ${texts.size} files`);
    outcomes.push(...(await inRepository(repository, texts, run)));
  }
  return outcomes;
}

/** Where services are rendered one after the other; what is rendered of a kustomization without any of them is kept for all. */
type Rendering = {
  readonly kustomize: Renderer;
  readonly place: Workplace;
  readonly before: Map<string, Promise<readonly Json[] | undefined>>;
};

function groundOf(files: Files): Ground {
  const listing = new Map([...files.keys()].map((path) => [path, path]));
  // Of each repository there are some manifests alone: what else they name is there, and not here.
  const read = (path: string) => (path === ".gitignore" ? "*\n" : files.get(path));
  const inventory = takeInventory(listing, (path) => (isWanted(path, []) ? read(path) : undefined));
  return { inventory, read, links: new Map(), revision: sha("0".repeat(40)) };
}

type Asked = { readonly service: Service; readonly target: ServiceTarget };

async function inRepository(repository: string, files: Files, run: Run): Promise<readonly Outcome[]> {
  const ground = groundOf(files);
  const asked = ground.inventory.fleet.services
    .flatMap((service) => service.targets.map((target) => ({ service, target })))
    .filter(({ service, target }) => run.isAsked(`${repository} ${service.name}@${service.home} ${target.name}`));
  const all = { repository, files, ground };
  const { kustomize } = run;
  if (kustomize === undefined || asked.length === 0)
    return Promise.all(asked.map((one) => outcomeOf(all, one, undefined)));
  const before: Rendering["before"] = new Map();
  const mended = new Map([...files, ...withoutMissing(files)]);
  const lanes = Array.from({ length: Math.min(run.atOnce, asked.length) }, () => workplace(mended));
  const left = [...asked.entries()];
  const found = new Map<number, Outcome>();
  try {
    await Promise.all(
      lanes.map(async (place) => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [index, one] = next;
          found.set(index, await outcomeOf(all, one, { kustomize, place, before }));
          if (found.size % 50 === 0) run.tell(`${repository}: ${found.size} of ${asked.length} services`);
        }
      }),
    );
  } finally {
    lanes.forEach((place) => place.remove());
  }
  return asked.flatMap((_, index) => found.get(index) ?? []);
}

type In = { readonly repository: string; readonly files: Files; readonly ground: Ground };

async function outcomeOf(
  { repository, files, ground }: In,
  { service, target }: Asked,
  rendering: Rendering | undefined,
): Promise<Outcome> {
  const { name, home } = service;
  const none = { refused: [], besides: [], converted: undefined, rendered: undefined, crash: undefined };
  const base = { ...none, repository, service: name, home, target: target.name, kind: kindOf(target) };
  try {
    const done = tried(files, ground, { service, target });
    if (done.kind === "err") return { ...base, refused: done.error, besides: besidesOf(files, target, done.error) };
    return {
      ...base,
      converted: isGivenBack(files, ground, done.value) ? "same" : "not-same",
      rendered: rendering && (await renderedFor(files, target, done.value, rendering)),
    };
  } catch (error) {
    return { ...base, crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Of a folder that cannot be listed, what its own files say of the Deployment. */
function besidesOf(files: Files, { workloads }: ServiceTarget, refused: readonly Refused[]): readonly Code[] {
  const own = workloads.find(({ kind }) => kind === "Deployment");
  if (own === undefined || !refused.some(({ code }) => code === "unlisted")) return [];
  const folder = posix.dirname(own.path);
  const paths = [...files.keys()].filter((path) => posix.dirname(path) === folder && /\.(?:ya?ml|json)$/.test(path));
  const objects = paths.flatMap((path) => objectsOf((one) => files.get(one), path).objects);
  const found = objects.find(
    (object) => object.path === own.path && kindOfObject(object) === "Deployment" && nameOf(object) === own.name,
  );
  return found === undefined ? [] : objections({ objects, open: [], reads: [] }, found).map(({ code }) => code);
}

function kindOf({ workloads }: ServiceTarget): Outcome["kind"] {
  const kinds = new Set(workloads.map(({ kind }) => kind));
  if (kinds.has("Rollout")) return "rollout";
  return kinds.has("Deployment") ? "deployment" : "other";
}

/** What all steps of opting in have written, on the files of before. */
type Done = Pick<Conversion, "service" | "state" | "files" | "standing"> & { readonly steps: number };

/** Opted in by the template that drives the Rollout that is there, else by the first that its route does not speak against. */
function tried(files: Files, ground: Ground, { service, target }: Asked): Result<Done, readonly Refused[]> {
  const wish = { service: `${service.name}@${service.home}`, targets: [target.name], namespace: undefined };
  if (target.workloads.some(({ kind }) => kind === "Rollout")) return steered(files, ground, wish);
  let last: Result<Done, readonly Refused[]> | undefined;
  for (const [name, given] of TRIED) {
    const template = TEMPLATES.get(name);
    if (template === undefined) throw new Error(`There is no template ${name}.`);
    last = inAllSteps(files, ground, { ...wish, template, parameters: new Map(Object.entries(given)) });
    if (last.kind === "ok" || last.error.every(({ code }) => code !== "route")) return last;
  }
  if (last === undefined) throw new Error("There are templates to try.");
  return last;
}

function steered(
  files: Files,
  ground: Ground,
  asked: Omit<Wish, "template" | "parameters">,
): Result<Done, readonly Refused[]> {
  const wish = { ...asked, parameters: new Map<string, string>() };
  const choice = templatesFor(ground, wish, TEMPLATES.values());
  if (choice.kind === "err") return choice;
  const [template] = choice.value.templates;
  if (template === undefined) throw new Error("A choice has templates.");
  return inAllSteps(files, ground, { ...wish, template });
}

/** By a Rollout it takes two steps, the second once the first was seen live. */
function inAllSteps(files: Files, ground: Ground, wish: Wish): Result<Done, readonly Refused[]> {
  const first = optIn(ground, wish);
  if (first.kind === "err") return first;
  if (first.value.first.length === 0) return ok({ ...first.value, steps: 1 });
  const second = optIn(groundOf(applied(files, first.value.files)), wish);
  if (second.kind === "err") return second;
  return ok({ ...second.value, files: new Map([...first.value.files, ...second.value.files]), steps: 2 });
}

function applied(files: Files, texts: Conversion["files"]): Files {
  const next = new Map(files);
  for (const [path, text] of texts) {
    if (text === undefined) next.delete(path);
    else next.set(path, text);
  }
  return next;
}

function isGivenBack(files: Files, ground: Ground, { files: texts, service, steps }: Done): boolean {
  let now = applied(files, texts);
  for (let step = 0; step < steps; step += 1) {
    const listing = new Map([...now.keys()].map((path) => [path, path]));
    const after = now;
    // What is there of other services is as before, and takes seconds to read.
    const here = { ...ground, inventory: { ...ground.inventory, listing }, read: (path: string) => after.get(path) };
    const back = optOut(steps === 1 ? here : groundOf(after), { service, targets: undefined });
    if (back.kind === "err") return false;
    now = applied(after, back.value.files);
  }
  return now.size === files.size && [...files].every(([path, text]) => now.get(path) === text);
}

async function renderedFor(
  files: Files,
  { why }: ServiceTarget,
  done: Done,
  { kustomize, place, before }: Rendering,
): Promise<Outcome["rendered"]> {
  if (done.standing.length === 0) return renderedAs(files, done, { kustomize, place, before });
  return renderedStanding(why.files[0], present(done.files), (folder, texts) =>
    place.withTexts(texts, () => objectsIn(kustomize, place, folder)),
  );
}

/** The kustomization that was edited, before and after: what is new is the canary, its Service and the template's objects; what differs is a route. */
async function renderedAs(
  files: Files,
  { files: texts, state }: Done,
  { kustomize, place, before }: Rendering,
): Promise<Outcome["rendered"]> {
  const own = state?.owned[0] ?? "";
  const path = [...texts.keys()].find((one) => KUSTOMIZATION.test(one) && !one.startsWith(own));
  if (path === undefined) return "different";
  const folder = posix.dirname(path);
  const renderWith = (given: Files) => place.withTexts(given, () => objectsIn(kustomize, place, folder));
  if (!files.has(path)) {
    const old = await renderWith(new Map([[path, withoutOurs(texts.get(path) ?? "")]]));
    const now = old && (await renderWith(present(texts)));
    return old === undefined ? "unrendered" : outcomeOfBoth(old, now);
  }
  const kept = before.get(folder) ?? objectsIn(kustomize, place, folder);
  before.set(folder, kept);
  const old = await kept;
  if (old === undefined) return "unrendered";
  // What the archive lacks is left out of the kustomization: it gets the same entries as the one with all of it.
  const mended = place.read(path) ?? "";
  const entered = withOwnedEntries({ path, text: mended }, posix.relative(folder, own));
  const entries = mended === files.get(path) ? present(texts) : new Map([...present(texts), [path, entered]]);
  return outcomeOfBoth(old, await renderWith(entries));
}

function present(texts: Conversion["files"]): Files {
  return new Map([...texts].flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
}

async function objectsIn(kustomize: Renderer, place: Workplace, folder: string): Promise<readonly Json[] | undefined> {
  const done = await render(kustomize, place.folder, [folder, "--load-restrictor", "LoadRestrictionsNone"]);
  return done.kind === "rendered" ? done.objects : undefined;
}

function outcomeOfBoth(old: readonly Json[], now: readonly Json[] | undefined): Outcome["rendered"] {
  return now !== undefined && isIntended(old, now) ? "intended" : "different";
}

function withoutOurs(text: string): string {
  return text.replace(/^transformers:\n|^ *- .*tidegate.*\n/gm, "");
}

function isIntended(old: readonly Json[], now: readonly Json[]): boolean {
  const found = changes(old, now);
  const changed = found.filter((one) => !one.startsWith("+"));
  const added = now.filter((object) => found.includes(`+${keyOf(object)}`));
  const isRolledOut = added.some((object) => at(object, "kind") === "Rollout");
  const isRoute = (one: string) => /\/(?:HTTPRoute|GRPCRoute|VirtualService|Route)\//.test(one);
  return (
    changed.every((one) => isRoute(one) || (isRolledOut && isPutOut(now, one))) &&
    (isRolledOut || added.some((object) => at(object, "kind") === "Deployment" && at(object, "spec", "replicas") === 0))
  );
}

/** Of the Deployment that a Rollout runs instead, its pods go, and nothing else differs. */
function isPutOut(now: readonly Json[], difference: string): boolean {
  const [key, path] = difference.split(" ");
  const after = now.find((object) => keyOf(object) === key);
  return path === "/spec/replicas" && at(after, "kind") === "Deployment" && at(after, "spec", "replicas") === 0;
}
