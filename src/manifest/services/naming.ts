import type { Standing } from "./axes.ts";
import type { Naming } from "./model.ts";
import type { InCluster, Occurrence } from "./occurrences.ts";
import { targetName } from "./paths.ts";
import { imageBase } from "./reference.ts";
import { holdsTargets, isGeneric, isStage, partsOfName } from "./words.ts";

/** The target of an occurrence, by which rule, and where the service is at home; `cluster` is the one of its clusters that the target is. */
export type Named = {
  readonly occurrence: Occurrence;
  readonly cluster: string | undefined;
  readonly target: string;
  readonly naming: Naming;
  readonly home: readonly string[];
};

/** Names that were found to tell targets apart anywhere in the repository. */
export type Vocabulary = ReadonlySet<string>;

/** The names at the forks of targets. */
export function vocabularyOf(standing: ReadonlyMap<Occurrence, Standing>): Vocabulary {
  return new Set([...standing].flatMap(([{ name }, { targets }]) => targets.map((target) => plain(target, name))));
}

/** The targets of an occurrence: one, or one for each cluster that takes the same files. */
export function namesOf(occurrence: Occurrence, standing: Standing, vocabulary: Vocabulary): readonly Named[] {
  const { given, clusters, name } = occurrence;
  if (given !== undefined)
    return [{ occurrence, cluster: undefined, target: given.target, naming: "configuration", home: given.home }];
  const path = byPath(occurrence, standing, vocabulary);
  if (clusters.length === 0) return [{ occurrence, cluster: undefined, ...path }];
  return clusters.map((cluster) => ({
    occurrence,
    cluster: cluster.name,
    target: targetName(plain(cluster.name, name)),
    naming: "reference",
    home: path.home,
  }));
}

/** What runs in the target: where that is a cluster, what its own delivery brings. */
export function inTarget({ occurrence, cluster }: Named): Omit<InCluster, "name"> {
  return occurrence.clusters.find(({ name }) => name === cluster) ?? occurrence;
}

/** The target by the occurrence's place alone. */
export function byPath(
  { name, spine, stem }: Occurrence,
  { targets, home }: Standing,
  vocabulary: Vocabulary,
): Omit<Named, "occurrence" | "cluster"> {
  const folders = stem !== undefined && home.at(-1) === stem ? home.slice(0, -1) : home;
  const settled = folders.filter((segment) => !holdsTargets(segment));
  if (targets.length > 0) {
    const text = targets.map((target) => plain(target, name)).join("-");
    return { target: targetName(text), naming: "siblings", home: settled };
  }
  const single = aloneIn(spine, name, vocabulary);
  if (single === undefined) return { target: "default", naming: "only", home: settled };
  const { segment, ...found } = single;
  return { ...found, home: settled.filter((one) => one !== segment) };
}

type Single = { readonly target: string; readonly naming: Naming; readonly segment: string };

/** The target of what has no sibling: below a folder that holds targets, by a name that tells targets apart elsewhere, or by one that is usual. */
function aloneIn(spine: readonly string[], name: string, vocabulary: Vocabulary): Single | undefined {
  const at = spine.findIndex(holdsTargets);
  const held = at === -1 ? undefined : spine[at + 1];
  if (held !== undefined && held !== name && !isGeneric(held))
    return { target: targetName(plain(held, name)), naming: "folder", segment: held };
  for (const [naming, isKnown] of [
    ["siblings", (text: string) => vocabulary.has(text) && text !== name],
    ["name", isStage],
  ] as const) {
    for (const segment of spine.toReversed().filter((one) => one !== name)) {
      const found = [segment, ...partsOfName(segment)].find(isKnown);
      if (found !== undefined) return { target: targetName(found), naming, segment };
    }
  }
  return undefined;
}

/** The name of a service: its own, else that of the folder it is at home in, else its image's. */
export function serviceName({ occurrence: { name, app }, home }: Named): string {
  return name || home.findLast((segment) => !isGeneric(segment)) || imageBase(app.images[0]?.image ?? "");
}

const FILES =
  /^(?:values|compose|docker-compose|kustomization|deployment|statefulset|rollout|helmrelease|release|manifests?|app)$/i;

/** A name without what it shares with every other: the service's own name, or the kind of the file. */
export function plain(text: string, name: string): string {
  if (FILES.test(text)) return "default";
  return text === name ? text : (withoutName(text, name) ?? withoutFile(text));
}

function withoutName(text: string, name: string): string | undefined {
  if (name === "") return undefined;
  if (text.startsWith(name) && /^[-_.]./.test(text.slice(name.length))) return text.slice(name.length + 1);
  if (text.endsWith(name) && /.[-_.]$/.test(text.slice(0, -name.length))) return text.slice(0, -name.length - 1);
  return undefined;
}

function withoutFile(text: string): string {
  const short = text.replace(/^docker[-_.](?=compose[-_.])/i, "");
  const [first = "", ...others] = short.split(/[-_.]/);
  const last = others.at(-1) ?? "";
  if (others.length > 0 && FILES.test(first)) return short.slice(first.length + 1);
  return FILES.test(last) ? short.slice(0, -last.length - 1) : short;
}
