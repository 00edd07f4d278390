import { unreachable } from "../../core/unreachable.ts";
import { standsFor } from "./glob.ts";
import type { Inventory } from "./inventory.ts";
import type { Place } from "./model.ts";
import type { ArgoApplication, ArgoSource, GitRepository, ObjectFact } from "./object-facts.ts";
import { isUnder, resolvePath } from "./paths.ts";

/** Why a cluster may not follow the tracked branch by itself: the line that says so, and what it says. */
export type Hindrance = Place & { readonly what: string };

/** The files of a member, and the branch that its clusters are to follow. */
export type Followed = { readonly files: readonly string[]; readonly branch: string };

/**
 * What keeps the clusters that a member is delivered to from following a branch by themselves, as the repository's own files say it:
 * Applications without automatic sync or at another revision, windows of their projects, and Flux objects that are suspended or pinned.
 * What a cluster was told by other ways is not known here.
 */
export function hindrancesOf({ fleet, state }: Inventory, followed: Followed): readonly Hindrance[] {
  const files = new Set(followed.files);
  const targets = fleet.services
    .flatMap((service) => service.targets)
    .filter(({ workloads }) => workloads.some(({ path }) => files.has(path)));
  const reads = new Set(targets.flatMap((target) => target.reads));
  const objects = [...new Set(targets.flatMap(({ why }) => why.files))].flatMap(
    (path) => state.facts.get(path)?.objects ?? [],
  );
  const all = () => [...state.facts.values()].flatMap((facts) => facts.objects);
  const found = objects.flatMap((object) => hindering(object, { all, reads, branch: followed.branch }));
  return [...new Map(found.map((one) => [`${one.path}:${one.line} ${one.what}`, one])).values()];
}

type Around = {
  /** Every object of the repository. */
  readonly all: () => readonly ObjectFact[];
  readonly reads: ReadonlySet<string>;
  readonly branch: string;
};

function hindering(object: ObjectFact, around: Around): readonly Hindrance[] {
  const { holds, name } = object;
  switch (holds.kind) {
    case "argo-application":
      return applied(object, holds, around);
    case "application-set":
      return applied(object, holds.template, around);
    case "flux-kustomization":
      if (!delivers(holds.folder ?? "", around)) return [];
      return [
        ...(holds.isSuspended ? [at(object, `the Kustomization ${name} is suspended`)] : []),
        ...sourceOf(holds.sourceKind, holds.sourceName, around),
      ];
    case "helm-release":
      return holds.isSuspended ? [at(object, `the HelmRelease ${name} is suspended`)] : [];
    case "workload":
    case "route":
    case "plain":
    case "custom":
    case "git-repository":
    case "argo-project":
    case "artifact-generator":
      return [];
    default:
      return unreachable(holds);
  }
}

function applied(object: ObjectFact, application: ArgoApplication, around: Around): readonly Hindrance[] {
  const sources = application.sources.filter(({ chart }) => chart === undefined);
  if (!sources.some((source) => takes(source, around))) return [];
  const who = `the ${object.kind} ${object.name}`;
  const revision = sources.find((source) => takes(source, around) && isElsewhere(source.revision, around.branch));
  return [
    ...(application.isAutomated ? [] : [at(object, `${who} is synced by hand: it has no automated syncPolicy`)]),
    ...(revision?.revision === undefined
      ? []
      : [at(object, `${who} takes the revision ${revision.revision}, not ${around.branch}`)]),
    ...windowsOf(application, around),
  ];
}

/** A source whose path generators make is any folder. */
function takes({ path }: ArgoSource, around: Around): boolean {
  return path === undefined || path.includes("{{") || delivers(path, around);
}

function delivers(folder: string, { reads }: Around): boolean {
  const place = resolvePath("", folder);
  return place !== undefined && [...reads].some((path) => isUnder(path, place));
}

// What a template writes is not known.
function isElsewhere(revision: string | undefined, branch: string): boolean {
  if (revision === undefined || revision === "" || revision.includes("{{")) return false;
  return ![branch, `refs/heads/${branch}`, "HEAD"].includes(revision);
}

function windowsOf({ name, project = "default" }: ArgoApplication, { all }: Around): readonly Hindrance[] {
  return all().flatMap((object) => {
    if (object.holds.kind !== "argo-project" || object.name !== project) return [];
    return object.holds.windows
      .filter(
        ({ applications }) =>
          applications.length === 0 || applications.some((glob) => standsFor(glob, name) !== undefined),
      )
      .map(({ line, isDenied, schedule, duration }) => ({
        path: object.path,
        line,
        what: `the project ${project} syncs ${isDenied ? "nothing" : "only"} in its window "${schedule}" of ${duration}`,
      }));
  });
}

function sourceOf(kind: string | undefined, name: string | undefined, { all, branch }: Around): readonly Hindrance[] {
  if (kind !== "GitRepository") return [];
  return all().flatMap((object) => {
    if (object.holds.kind !== "git-repository" || object.name !== name) return [];
    const pin = pinOf(object.holds, branch);
    return [
      ...(object.holds.isSuspended ? [at(object, `the GitRepository ${object.name} is suspended`)] : []),
      ...(pin === undefined ? [] : [at(object, `the GitRepository ${object.name} takes ${pin}, not ${branch}`)]),
    ];
  });
}

// In the order in which Flux prefers one to the other.
const REFS = ["commit", "name", "semver", "tag", "branch"] as const;

function pinOf({ ref }: GitRepository, branch: string): string | undefined {
  const by = REFS.find((key) => ref[key] !== undefined);
  const said = by && ref[by];
  if (by === undefined || said === undefined || said.includes("$")) return undefined;
  return isElsewhere(said, branch) ? `the ${by === "name" ? "ref" : by} ${said}` : undefined;
}

function at({ path, line }: ObjectFact, what: string): Hindrance {
  return { path, line, what };
}
