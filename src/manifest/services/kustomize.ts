import { EMPTY, joined, type Built } from "./built.ts";
import { copyingOf, withCopies } from "./copied.ts";
import type { Word } from "./copy-facts.ts";
import type { Facts } from "./facts.ts";
import type { ImagePatch, ImageRule, KustomizationFact, PatchFile } from "./kustomization-facts.ts";
import type { ObjectFact } from "./object-facts.ts";
import { folderOf, isRemote, resolvePath } from "./paths.ts";
import { isRemoved, type Removal } from "./removals.ts";
import { asWritten, isRunning, useOf, type RenderedContainer, type RenderedObject } from "./rendered.ts";
import { exists, kustomizationIn, type Sight } from "./sight.ts";
import type { ImageInUse } from "./model.ts";
import { overlaid } from "./overlay.ts";
import type { SiteFact } from "./sites.ts";

// Beyond these a repository is not read as it is meant: kustomizations that include each other many times over.
const MOST_DEEP = 30;

/** What the kustomization of a folder builds, followed through all that it names inside the repository, with further components laid over it; nothing where there is none. */
export function build(sight: Sight, folder: string, components: readonly string[]): Built {
  const building: Building = { sight, known: new Map(), above: [] };
  return components.reduce((built, at) => withComponent(building, "", at, built), buildIn(building, folder));
}

type Building = { readonly sight: Sight; readonly known: Map<string, Built>; readonly above: readonly string[] };

function buildIn(building: Building, folder: string): Built {
  const known = building.known.get(folder);
  if (known !== undefined) return known;
  const file = kustomizationIn(building.sight, folder);
  if (file?.kustomization === undefined || building.above.includes(folder) || building.above.length > MOST_DEEP)
    return EMPTY;
  const inner = { ...building, above: [...building.above, folder] };
  const built = assembled(inner, file, EMPTY);
  building.known.set(folder, built);
  return built;
}

/** What a kustomization, or a component of it, makes of what there already is: its resources are added, then its components and its own changes have their say in all of it. */
function assembled(building: Building, file: Facts, given: Built): Built {
  const { kustomization: fact, path } = file;
  if (fact === undefined) return given;
  const folder = folderOf(path);
  const own = fact.resources.map((name) => adopted(path, partOf(building, folder, path, name)));
  const all = joined(path, [given, ...own, { ...EMPTY, words: ownWords(building.sight, folder, fact) }]);
  const composed = fact.components.reduce((built, name) => withComponent(building, folder, name, built), all);
  return changed(
    { sight: building.sight, path, fact },
    composed,
    own.flatMap(({ shared }) => shared),
  );
}

function withComponent(building: Building, folder: string, name: string, built: Built): Built {
  const at = isRemote(name) ? undefined : resolvePath(folder, name);
  if (at === undefined) return { ...built, remotes: [...built.remotes, name] };
  const file = kustomizationIn(building.sight, at);
  if (file === undefined || building.above.includes(at) || building.above.length > MOST_DEEP) return built;
  return assembled({ ...building, above: [...building.above, at] }, file, built);
}

/** A part in which nothing runs is about whatever the kustomization that includes it runs. */
function adopted(owner: string, part: Built): Built & { readonly shared: readonly string[] } {
  if (part.objects.some(isRunning)) return { ...part, shared: [] };
  const shared = part.reads.filter((path) => !part.objects.some(({ fact }) => fact.path === path));
  return { ...part, objects: part.objects.map((object) => ({ ...object, owner })), shared };
}

function partOf(building: Building, folder: string, owner: string, name: string): Built {
  const path = isRemote(name) ? undefined : resolvePath(folder, name);
  if (path === undefined) return { ...EMPTY, remotes: [name] };
  const file = building.sight.facts(path);
  if (file === undefined) return buildIn(building, path);
  return { ...EMPTY, objects: file.objects.map((fact) => asWritten(fact, owner)), words: file.words, reads: [path] };
}

/** What a kustomization's own generators offer to be copied. */
function ownWords(sight: Sight, folder: string, fact: KustomizationFact): readonly Word[] {
  const lines = fact.envs.flatMap(({ object, file }) => {
    const at = isRemote(file) ? undefined : resolvePath(folder, file);
    const variables = at === undefined ? [] : (sight.facts(at)?.variables ?? []);
    return variables.map(({ key, value, path, line }) => ({ object, field: ["data", key], value, path, line }));
  });
  return [...fact.words, ...lines];
}

type Changing = { readonly sight: Sight; readonly path: string; readonly fact: KustomizationFact };

/** All that one kustomization changes in what it includes; `more` are files that have a say in all of it as well. */
function changed({ sight, path, fact }: Changing, inner: Built, more: readonly string[]): Built {
  const folder = folderOf(path);
  const inRepository = (name: string) => {
    const found = isRemote(name) ? undefined : resolvePath(folder, name);
    return found !== undefined && exists(sight, found) ? [found] : [];
  };
  const patchFiles = fact.patchFiles.flatMap((patch) => inRepository(patch.path).map((at) => ({ ...patch, path: at })));
  const patched = new Set(patchFiles.map((patch) => patch.path));
  const own = [path, ...fact.files.flatMap(inRepository).filter((file) => !patched.has(file))];
  const patches = [inlinePatch(fact, path), ...patchFiles.map((file) => patchIn(sight, file))];
  // The first rule of a name counts.
  const rules = new Map(fact.images.toReversed().map((rule) => [rule.name, rule]));
  const change: Change = { path, fact, shared: [...own, ...more], patches, rules, sight };
  const copies = [...fact.copies, ...fact.copying.flatMap((file) => sight.facts(file)?.copies ?? [])];
  const removals = [...fact.removals, ...patchFiles.flatMap((file) => removalsIn(sight, file))];
  const left = inner.objects.filter((object) => !removals.some((removal) => isRemoved(removal, object)));
  const objects = left.map((object) => changedObject(change, object));
  const words = inner.words.map((word) => renamedWord(fact, word));
  const copying = copyingOf(copies, fact.variables, { words, objects });
  const isOpen = inner.remotes.length > 0 || inner.charts.length > 0 || fact.charts.length > 0 || fact.hasGenerators;
  const used = new Set(inner.objects.flatMap(({ containers }) => containers.flatMap(({ use }) => use?.image ?? [])));
  const unmatched = isOpen ? fact.images.filter(({ name }) => !used.has(name)) : [];
  return {
    objects: objects.map((object) => withCopies(copying, object)),
    elsewhere: [
      ...inner.elsewhere.map((use) => withRules(change, use)),
      ...unmatched.flatMap((rule) => elsewhere(rule, path, inner)),
    ],
    charts: [...inner.charts, ...fact.charts.map((chart) => ({ ...chart, path }))],
    remotes: inner.remotes,
    generates: inner.generates || fact.hasGenerators,
    words,
    reads: [...inner.reads, ...own, ...patched],
    cut: inner.cut,
  };
}

type Change = {
  readonly path: string;
  readonly fact: KustomizationFact;
  readonly shared: readonly string[];
  readonly patches: readonly Patch[];
  readonly rules: ReadonlyMap<string, ImageRule>;
  readonly sight: Sight;
};

function elsewhere(
  { name, newName, version, line }: ImageRule,
  path: string,
  { elsewhere: known }: Built,
): readonly ImageInUse[] {
  if (known.some(({ image }) => image === name)) return [];
  return [{ image: newName ?? name, version, of: name, set: { path, line } }];
}

function changedObject(change: Change, object: RenderedObject): RenderedObject {
  const { fact, path, shared, patches } = change;
  const own = patches.filter((patch) => patch.isFor(object));
  const given = own.flatMap((patch) => patch.given);
  const containers = object.containers.map((container, index) => {
    const last = given.findLast(({ patch }) => fits(patch, object, { container, index }));
    const patched = last === undefined ? container : withImage(container, last.patch, last.path);
    return patched.use === undefined ? patched : { ...patched, use: withRules(change, patched.use) };
  });
  const files = own.flatMap((patch) => (patch.path === path ? [] : [patch.path]));
  return {
    ...object,
    name: isRenamed(object) ? `${fact.prefix}${object.name}${fact.suffix}` : object.name,
    namespace: fact.namespace ?? object.namespace,
    containers,
    uses: files.reduce(
      (uses, file) => overlaid(uses, sitesFor(change.sight, file, object)),
      withGenerated(change, object),
    ),
    reads: [...object.reads, ...shared, ...files],
  };
}

/** A patch: where it is written, what it gives, and whether it speaks of an object. */
type Patch = {
  readonly path: string;
  readonly given: readonly Given[];
  readonly isFor: (object: RenderedObject) => boolean;
};

function inlinePatch(fact: KustomizationFact, path: string): Patch {
  return { path, given: fact.patches.map((patch) => ({ patch, path })), isFor: () => fact.patches.length > 0 };
}

/** A patch's file: it speaks of what its target names, else of what it holds. */
function patchIn(sight: Sight, file: PatchFile): Patch {
  const { path, kind, name } = file;
  const given = patchesOf(sight, file);
  if (kind !== undefined || name !== undefined)
    return { path, given, isFor: ({ fact }) => matches(kind, fact.kind) && matches(name, fact.name) };
  const objects = new Set((sight.facts(path)?.objects ?? []).map((one) => `${one.kind} ${one.name}`));
  return { path, given, isFor: ({ fact }) => objects.size === 0 || objects.has(`${fact.kind} ${fact.name}`) };
}

/** The images of a HelmRelease after the values that the kustomization puts in a ConfigMap for it. */
function withGenerated({ sight, shared }: Change, { fact, uses }: RenderedObject): readonly ImageInUse[] {
  if (fact.holds.kind !== "helm-release" || fact.holds.valuesFrom.length === 0) return uses;
  return shared.reduce((known, file) => overlaid(known, sight.facts(file)?.loose ?? []), uses);
}

function sitesFor(sight: Sight, path: string, { fact }: RenderedObject): readonly SiteFact[] {
  const objects = sight.facts(path)?.objects ?? [];
  return objects.flatMap((one) => (one.kind === fact.kind && "images" in one.holds ? one.holds.images : []));
}

function renamedWord({ prefix, suffix }: KustomizationFact, word: Word): Word {
  if (prefix === "" && suffix === "") return word;
  return { ...word, renamed: `${prefix}${word.renamed ?? word.object.name ?? ""}${suffix}` };
}

// What delivers other folders is found by its own name.
function isRenamed({ fact }: RenderedObject): boolean {
  return !["flux-kustomization", "argo-application", "application-set"].includes(fact.holds.kind);
}

// kustomize takes a target's texts for anchored regular expressions; those that are more than names match anything here.
function matches(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || wanted === found || /[.*+?|()[\]^$\\]/.test(wanted);
}

/** What a patch's file takes away: what its target names, else what it names itself. */
function removalsIn(sight: Sight, { path, kind, name }: PatchFile): readonly Removal[] {
  const all = sight.facts(path)?.removals ?? [];
  return kind === undefined && name === undefined ? all : all.map(() => ({ kind, name }));
}

type Given = { readonly patch: ImagePatch; readonly path: string };

function patchesOf(sight: Sight, { path, kind, name }: PatchFile): readonly Given[] {
  const facts = sight.facts(path);
  const merged = (facts?.objects ?? []).flatMap((object) => mergePatches(object, { kind, name }));
  const operations = (facts?.operations ?? []).map((patch) => ({ ...patch, kind, name }));
  return [...merged, ...operations].map((patch) => ({ patch, path }));
}

function mergePatches(object: ObjectFact, target: Pick<PatchFile, "kind" | "name">): readonly ImagePatch[] {
  if (object.holds.kind !== "workload") return [];
  return object.holds.containers.flatMap(({ name, image, line, isInit }) =>
    image === undefined
      ? []
      : [{ kind: target.kind ?? object.kind, name: target.name ?? object.name, container: name, isInit, image, line }],
  );
}

type At = { readonly container: RenderedContainer; readonly index: number };

function fits(
  { kind, name, container: wanted, isInit }: ImagePatch,
  { fact, containers }: RenderedObject,
  { container, index }: At,
): boolean {
  if (!matches(kind, fact.kind) || !matches(name, fact.name) || container.fact.isInit !== isInit) return false;
  if (typeof wanted === "string") return container.fact.name === wanted;
  return containers.slice(0, index).filter((one) => one.fact.isInit === isInit).length === wanted;
}

function withImage(container: RenderedContainer, { image, line }: ImagePatch, path: string): RenderedContainer {
  return { ...container, raw: image, use: useOf(image, container.fact.name, { path, line }) };
}

/** An image after the `images` of one kustomization: the rule of its name, if there is one. */
function withRules({ rules, path }: Pick<Change, "rules" | "path">, use: ImageInUse): ImageInUse {
  const rule = use.image === undefined ? undefined : rules.get(use.image);
  if (rule === undefined) return use;
  const image = rule.newName ?? use.image;
  return rule.version === undefined
    ? { ...use, image }
    : { ...use, image, version: rule.version, set: { path, line: rule.line } };
}
