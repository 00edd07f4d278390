import { unreachable } from "../../core/unreachable.ts";
import { targetsByFile } from "./around.ts";
import { standsFor } from "./glob.ts";
import { ignoredBy } from "./ignored.ts";
import type { Inventory } from "./inventory.ts";
import type { Place } from "./model.ts";
import type { ArgoApplication, ArgoSource, GitRepository, ObjectFact } from "./object-facts.ts";
import { isUnder, resolvePath } from "./paths.ts";
import type { WrittenField } from "./written.ts";

/** Why a cluster may not follow the tracked branch by itself: the line that says so, and what it says. */
export type Hindrance = Place & { readonly what: string };

/** The files of a member, the branch that its clusters are to follow, and what its releases write. */
export type Followed = {
  readonly files: readonly string[];
  /** Undefined where it is not known: then nothing is said of revisions. */
  readonly branch: string | undefined;
  readonly writes: readonly WrittenField[];
};

/**
 * What keeps the clusters that a member is delivered to from following a branch by themselves, as the repository's own files say it; asked for one member after the other:
 * Applications without automatic sync, at another revision or blind to what is written, windows of their projects, and Flux objects that are suspended or pinned.
 * What a cluster was told by other ways is not known here.
 */
export function hindrancesIn({ fleet, state }: Inventory): (followed: Followed) => readonly Hindrance[] {
  const running = targetsByFile(fleet);
  const said = [...state.facts.values()].flatMap(({ objects }) => objects.filter(isSaying));
  return (followed) => {
    const targets = [...new Set(followed.files.flatMap((path) => running.get(path) ?? []))];
    const reads = new Set(targets.flatMap((target) => target.reads));
    const objects = [...new Set(targets.flatMap(({ why }) => why.files))].flatMap(
      (path) => state.facts.get(path)?.objects ?? [],
    );
    const around: Around = { branch: followed.branch, writes: named(followed, state.facts), said, reads };
    const found = objects.flatMap((object) => hindering(object, around));
    return [...new Map(found.map((one) => [`${one.path}:${one.line} ${one.what}`, one])).values()];
  };
}

const SAYING: ReadonlySet<string> = new Set(["argo-project", "argo-settings", "git-repository"]);

function isSaying({ holds: { kind } }: ObjectFact): boolean {
  return SAYING.has(kind);
}

/** The fields with the names of their objects, where the member's own files have such. */
function named({ files, writes }: Followed, facts: Inventory["state"]["facts"]): readonly WrittenField[] {
  const objects = files.flatMap((path) => facts.get(path)?.objects ?? []);
  return writes.flatMap((written) => {
    const own = objects.filter(({ group, kind }) => group === written.group && kind === written.kind);
    return written.name !== undefined || own.length === 0 ? [written] : own.map(({ name }) => ({ ...written, name }));
  });
}

type Around = Pick<Followed, "branch" | "writes"> & {
  /** The objects of the repository that deliver nothing themselves, and say how others do. */
  readonly said: readonly ObjectFact[];
  readonly reads: ReadonlySet<string>;
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
    case "argo-settings":
    case "autoscaler":
    case "retargeting":
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
    ...blindSpots(object, application, around),
  ];
}

/** What an Application is told to leave out, by itself or for all of them, and releases write. */
function blindSpots(
  { path, kind, name }: ObjectFact,
  { ignored, isIgnoringRespected }: ArgoApplication,
  { said, writes }: Around,
): readonly Hindrance[] {
  const settings = said.flatMap(({ path: from, holds }) =>
    holds.kind === "argo-settings" ? holds.ignored.map((one) => ({ path: from, ...one })) : [],
  );
  return [...ignored.map((one) => ({ path, ...one })), ...settings].flatMap((one) =>
    writes.flatMap((written) => {
      const by = ignoredBy(one, written);
      if (by === undefined) return [];
      const who = `the ${kind} ${name} ignores ${by} of ${written.kind} objects`;
      const so = isIgnoringRespected
        ? `and respects that when it syncs: ${written.what} in git would never be applied; take that out`
        : `and does not see that ${written.what} in git has changed: it is applied when something else differs too; take that out`;
      return [{ path: one.path, line: one.line, what: `${who} ${so}` }];
    }),
  );
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
function isElsewhere(revision: string | undefined, branch: string | undefined): boolean {
  if (branch === undefined || revision === undefined || revision === "" || revision.includes("{{")) return false;
  return ![branch, `refs/heads/${branch}`, "HEAD"].includes(revision);
}

function windowsOf({ name, project = "default" }: ArgoApplication, { said }: Around): readonly Hindrance[] {
  return said.flatMap((object) => {
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

function sourceOf(kind: string | undefined, name: string | undefined, { said, branch }: Around): readonly Hindrance[] {
  if (kind !== "GitRepository") return [];
  return said.flatMap((object) => {
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

function pinOf({ ref }: GitRepository, branch: string | undefined): string | undefined {
  const by = REFS.find((key) => ref[key] !== undefined);
  const said = by && ref[by];
  if (by === undefined || said === undefined || said.includes("$")) return undefined;
  return isElsewhere(said, branch) ? `the ${by === "name" ? "ref" : by} ${said}` : undefined;
}

function at({ path, line }: ObjectFact, what: string): Hindrance {
  return { path, line, what };
}
