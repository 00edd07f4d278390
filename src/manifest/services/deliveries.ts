import { filled, parametersOf, UNKNOWN } from "./generators.ts";
import { matchingFiles, standingFolders, type Match } from "./glob.ts";
import type { ApplicationSet, ArgoApplication, ArgoSource, Generator, ObjectFact, Parameters } from "./object-facts.ts";
import { isRemote, resolvePath, within } from "./paths.ts";
import { chartIn, type Sight } from "./sight.ts";

/** What delivers files of the repository to a cluster: which folder, with which values, and what is known of where. */
export type Delivery = {
  readonly by: ObjectFact;
  readonly source: "flux" | "argo-cd";
  /** What it is called. */
  readonly name: string;
  readonly folder: string;
  /** Components that are laid over it, besides its own. */
  readonly components: readonly string[];
  /** Values files of a chart, the last one counts most; undefined where the folder is no chart's. */
  readonly values: readonly string[] | undefined;
  readonly isRecursive: boolean;
  readonly namespace: string | undefined;
  /** The cluster, as far as the object itself says. */
  readonly cluster: string | undefined;
};

/** What an object delivers, and what about it git cannot tell (sentences' ends). */
export type Delivered = { readonly deliveries: readonly Delivery[]; readonly unclear: readonly string[] };

const NONE: Delivered = { deliveries: [], unclear: [] };

/** What an object delivers from this repository. */
export function deliveredBy(sight: Sight, fact: ObjectFact): Delivered {
  const { holds } = fact;
  if (holds.kind === "argo-application") return applied(sight, fact, holds, {});
  if (holds.kind === "application-set") return ofSet(sight, fact, holds);
  return NONE;
}

function ofSet(sight: Sight, fact: ObjectFact, set: ApplicationSet): Delivered {
  const parts = set.generators.map((generator) => ({ generator, sets: parametersOf(sight, generator) }));
  const all = parts.flatMap(({ sets }) => sets.map((given) => applied(sight, fact, set.template, given)));
  const deliveries = all.flatMap((one) => one.deliveries);
  const unknown = parts.flatMap(({ generator }) => unknownIn(generator));
  const local = set.template.sources.some(({ path }) => path !== undefined);
  if (deliveries.length > 0 || !local) return { deliveries: unique(deliveries), unclear: [] };
  const asked = unknown.length === 0 ? "what its generators find" : `what ${unknown.join(" and ")} would say`;
  return { deliveries: [], unclear: [`the folders of this ApplicationSet depend on ${asked}`] };
}

function unknownIn(generator: Generator): readonly string[] {
  if (generator.kind === "unknown") return [`the generator ${generator.what}`];
  return "parts" in generator ? generator.parts.flatMap(unknownIn) : [];
}

function unique(deliveries: readonly Delivery[]): readonly Delivery[] {
  const keyOf = ({ by: _, ...rest }: Delivery) => JSON.stringify(rest);
  return [...new Map(deliveries.map((one) => [keyOf(one), one])).values()];
}

function applied(sight: Sight, fact: ObjectFact, app: ArgoApplication, given: Parameters): Delivered {
  const known: Known = {
    sight,
    fact,
    name: filled(app.name, given),
    namespace: knownOnly(app.namespace && filled(app.namespace, given)),
    cluster: clusterOf(app.cluster && filled(app.cluster, given)),
  };
  const parts = app.sources.map((source) => fromSource(known, filledSource(source, given), app.sources, given));
  return {
    deliveries: parts.flatMap(({ deliveries }) => deliveries),
    unclear: parts.flatMap(({ unclear }) => unclear),
  };
}

type Known = {
  readonly sight: Sight;
  readonly fact: ObjectFact;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
};

function filledSource(source: ArgoSource, given: Parameters): ArgoSource {
  const fill = (text: string | undefined) => text && filled(text, given);
  return {
    ...source,
    path: fill(source.path),
    release: fill(source.release),
    valueFiles: source.valueFiles.map((file) => filled(file, given)),
  };
}

function knownOnly(text: string | undefined): string | undefined {
  return text === undefined || text === "" || text.includes(UNKNOWN) ? undefined : text;
}

// The cluster that Argo CD itself runs in says nothing.
function clusterOf(text: string | undefined): string | undefined {
  const known = knownOnly(text);
  if (known === undefined || known === "in-cluster" || known.includes("kubernetes.default")) return undefined;
  return known.replace(/^https?:\/\//, "").replace(/[:/].*$/, "");
}

function fromSource(known: Known, source: ArgoSource, all: readonly ArgoSource[], given: Parameters): Delivered {
  const pattern = source.path === undefined ? undefined : resolvePath("", source.path);
  if (pattern === undefined || source.chart !== undefined) return NONE;
  // A pattern without a letter of its own would match whatever there is.
  if (pattern.includes(UNKNOWN) && /^[*/]*$/.test(pattern)) return { deliveries: [], unclear: [DEPENDS] };
  const folders = pattern.includes(UNKNOWN)
    ? standingFolders(known.sight, pattern).filter(({ path }) => holdsFiles(known.sight, path))
    : here(known.sight, pattern);
  const deliveries = folders.flatMap((match) => atFolder(known, source, match, all.length > 0 ? given : {}));
  return { deliveries, unclear: deliveries.length === 0 && pattern.includes(UNKNOWN) ? [DEPENDS] : [] };
}

const DEPENDS = "its path depends on what only a cluster or a template knows";

function holdsFiles(sight: Sight, folder: string): boolean {
  return sight.files(folder).length > 0;
}

function here(sight: Sight, folder: string): readonly Match[] {
  return holdsFiles(sight, folder) || sight.folders(folder).length > 0 ? [{ path: folder, stands: [] }] : [];
}

function atFolder(known: Known, source: ArgoSource, { path, stands }: Match, given: Parameters): readonly Delivery[] {
  const { sight, fact, name, namespace } = known;
  const base: Delivery = {
    by: fact,
    source: "argo-cd",
    name: name.includes(UNKNOWN) ? "" : name,
    folder: path,
    components: [],
    values: undefined,
    isRecursive: source.isRecursive,
    namespace,
    cluster: known.cluster ?? (stands.length === 0 ? (clusterOf(given["name"]) ?? undefined) : stands.join("-")),
  };
  if (chartIn(sight, path) === undefined) return [base];
  return valuesOf(sight, path, source.valueFiles).map(({ files, stands: more }) => ({
    ...base,
    values: files,
    cluster: base.cluster ?? (more.length === 0 ? undefined : more.join("-")),
  }));
}

type Values = { readonly files: readonly string[]; readonly stands: readonly string[] };

/** The lists of values files: one, or one for each thing that the unknown part of a name may stand for. */
function valuesOf(sight: Sight, folder: string, names: readonly string[]): readonly Values[] {
  const own = sight.facts(within(folder, "values.yaml")) === undefined ? [] : [within(folder, "values.yaml")];
  const start: readonly Values[] = [{ files: own, stands: [] }];
  return names.reduce((lists, name) => withValuesFile(sight, folder, name, lists), start);
}

function withValuesFile(sight: Sight, folder: string, name: string, lists: readonly Values[]): readonly Values[] {
  // `$ref/…` is a file from the root of another source; that source is taken to be this repository.
  const path = isRemote(name)
    ? undefined
    : name.startsWith("$")
      ? resolvePath("", name.slice(name.indexOf("/") + 1))
      : resolvePath(folder, name);
  if (path === undefined) return lists;
  if (!path.includes(UNKNOWN))
    return lists.map((list) => (list.files.includes(path) ? list : { ...list, files: [...list.files, path] }));
  const matches = matchingFiles(sight, path).filter((match) => !lists.some(({ files }) => files.includes(match.path)));
  if (matches.length === 0) return lists;
  const known = lists.some(({ stands }) => stands.length > 0);
  if (known)
    return lists.map((list) => ({
      ...list,
      files: [
        ...list.files,
        ...matches.filter(({ stands }) => stands.join("-") === list.stands.join("-")).map((match) => match.path),
      ],
    }));
  return lists.flatMap((list) =>
    matches.map((match) => ({ files: [...list.files, match.path], stands: match.stands })),
  );
}
