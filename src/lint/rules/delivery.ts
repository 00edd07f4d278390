import { itemsAt, textsAt } from "../../manifest/services/node.ts";
import { leftIn, leftText } from "../../manifest/services/aside.ts";
import { hindrancesIn } from "../../manifest/services/following.ts";
import { ignoredBy } from "../../manifest/services/ignored.ts";
import type { ArgoApplication, ObjectFact } from "../../manifest/services/object-facts.ts";
import { isOfInterest } from "../../manifest/services/facts.ts";
import { fieldsWritten, type WrittenField } from "../../manifest/services/written.ts";
import type { Found } from "../finding.ts";
import { hasWeight } from "../ingress.ts";
import { membersIn } from "../members.ts";
import type { Placed, Space } from "../objects.ts";
import type { Repository } from "../repository.ts";
import { allSteered, steeredObject, type Steered } from "../steered.ts";
import { called, found } from "../world.ts";

/** What Argo CD is told to leave out, and a release would write. */
export function commitsIgnored(repository: Repository): readonly Found[] {
  const steered = new Set(allSteered(repository).flatMap((one) => steeredObject(repository, one) ?? []));
  const general = repository.objects.flatMap((object) => {
    if (steered.has(object)) return [];
    const applications = applicationsOf(object.space);
    const fields = applications.length === 0 ? [] : fieldsOf(object, repository);
    return fields.length === 0 ? [] : applications.flatMap((one) => blindTo(repository, one, { object, fields }));
  });
  return [...general, ...ignoredOfMembers(repository)];
}

/** The same of services under Tidegate, of which more is known to be written. */
function ignoredOfMembers(repository: Repository): readonly Found[] {
  const hindrances = hindrancesIn(repository.inventory);
  return membersIn(repository).flatMap(({ at, files, manifest }) => {
    if (manifest === undefined) return [];
    const asked = { files, branch: undefined };
    const besides = new Set(hindrances({ ...asked, writes: [] }).map(({ what }) => what));
    return hindrances({ ...asked, writes: fieldsWritten(at, manifest) }).filter(({ what }) => !besides.has(what));
  });
}

type Blind = { readonly object: Placed; readonly fields: readonly WrittenField[] };

function blindTo({ settings }: Repository, { fact, holds }: Delivering, { object, fields }: Blind): readonly Found[] {
  const own = holds.ignored.map((one) => ({ path: fact.path, one }));
  return [...own, ...settings].flatMap(({ path, one }) =>
    fields.flatMap((field) => {
      const by = ignoredBy(one, field);
      if (by === undefined) return [];
      const so = holds.isIgnoringRespected
        ? `so that ${field.what} in git is never applied`
        : `so that it does not see when ${field.what} in git changes`;
      return [
        {
          path,
          line: one.line,
          what: `the ${fact.kind} ${fact.name} ignores ${by} of the ${object.kind} ${object.fact.name}, ${so}`,
        },
      ];
    }),
  );
}

const WEIGHTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["VirtualService", ["spec http * route * weight", "spec tls * route * weight", "spec tcp * route * weight"]],
  ["HTTPRoute", ["spec rules * backendRefs * weight"]],
  ["GRPCRoute", ["spec rules * backendRefs * weight"]],
  ["TCPRoute", ["spec rules * backendRefs * weight"]],
  ["TLSRoute", ["spec rules * backendRefs * weight"]],
  ["TrafficSplit", ["spec backends * weight"]],
  ["TraefikService", ["spec weighted services * weight"]],
]);

/** What a release of whatever is delivered would write: the image, and the weights of routes that share requests. */
function fieldsOf(object: Placed, { rulesFrom }: Repository): readonly WrittenField[] {
  const { group, kind, name, namespace = "" } = object;
  const of = { group, kind, name, namespace };
  const at = (field: string, what: string): WrittenField => ({ ...of, field: field.split(" "), what });
  if ((group === "apps" && kind === "Deployment") || (group === "argoproj.io" && kind === "Rollout"))
    return [at("spec template spec containers * image", "the version")];
  if (kind === "Ingress" && hasWeight(object)) return [at("metadata annotations */canary-weight", "the weight")];
  const isSplit = (rulesFrom.get(object) ?? []).some(
    ({ backends }) => backends.filter(({ weight }) => weight !== undefined).length > 1,
  );
  return isSplit ? (WEIGHTS.get(kind) ?? []).map((field) => at(field, "a weight")) : [];
}

type Delivering = { readonly fact: ObjectFact; readonly holds: ArgoApplication };

/** The Applications that deliver a rendering. */
export function applicationsOf({ by }: Space): readonly Delivering[] {
  return [...new Set(by.map((delivery) => delivery.by))].flatMap((fact): readonly Delivering[] => {
    const { holds } = fact;
    if (holds.kind === "argo-application") return [{ fact, holds }];
    return holds.kind === "application-set" ? [{ fact, holds: holds.template }] : [];
  });
}

/** Routes whose weights a controller writes and whose sync would write git's over them. */
export function weightsNotIgnored(repository: Repository): readonly Found[] {
  const surroundings = { ...repository, isSaidElsewhere: sayingBy(repository), optionsOf: optionsBy(repository) };
  return allSteered(repository).flatMap((steered) => {
    const route = steeredObject(repository, steered);
    if (route === undefined || steered.by.changes.mayTouch(/trafficRouting/)) return [];
    const applications = applicationsOf(route.space).flatMap((one) => notIgnored(surroundings, one, steered));
    const isFluxs = route.space.by.some(({ source }) => source === "flux");
    return isFluxs ? [...applications, ...appliedByFlux(route, steered)] : applications;
  });
}

type Surroundings = Pick<Repository, "settings"> & {
  readonly isSaidElsewhere: (type: string) => boolean;
  readonly optionsOf: (fact: ObjectFact) => readonly string[] | undefined;
};

function notIgnored(
  { settings, isSaidElsewhere, optionsOf }: Surroundings,
  { fact, holds }: Delivering,
  { by, group, kind, name }: Steered,
): readonly Found[] {
  const entries = [...holds.ignored, ...settings.map(({ one }) => one)].filter(
    (one) => isLike(one.group, group) && isLike(one.kind, kind) && isLike(one.name ?? "*", name),
  );
  const who = `the ${fact.kind} ${fact.name}`;
  const whose = `the weights of the ${kind} ${name}, which the controller of ${called(by)} writes`;
  const at = { path: fact.path, line: fact.line };
  if (entries.length === 0)
    return isSaidElsewhere(`${group}_${kind}`)
      ? []
      : [{ ...at, what: `${who} does not ignore ${whose}: a sync writes git's over them` }];
  const options = optionsOf(fact);
  if (options === undefined || options.some((one) => KEEPING.has(one))) return [];
  return [
    { ...at, what: `${who} ignores ${whose}, only when it compares: a sync writes git's over them all the same` },
  ];
}

const KEEPING: ReadonlySet<string> = new Set(["RespectIgnoreDifferences=true", "ApplyOutOfSyncOnly=true"]);

function isLike(glob: string, text: string): boolean {
  return glob === "*" || glob === text || (glob.endsWith("*") && text.startsWith(glob.slice(0, -1)));
}

function optionsBy({ objects }: Repository): Surroundings["optionsOf"] {
  const trees = new Map(objects.map(({ fact, tree }) => [fact, tree]));
  return (fact) => {
    const tree = trees.get(fact);
    const spec = fact.kind === "ApplicationSet" ? ["spec", "template", "spec"] : ["spec"];
    return tree && textsAt(tree, [...spec, "syncPolicy", "syncOptions"]);
  };
}

/** Argo CD's settings may stand in the values of its own chart. Files are read once, and only where it is asked. */
function sayingBy({ inventory: { listing }, read }: Repository): Surroundings["isSaidElsewhere"] {
  let saying: readonly string[] | undefined;
  return (type) => {
    saying ??= [...listing.keys()].flatMap((path) => {
      const text = isOfInterest(path) ? read(path) : undefined;
      return text?.includes("ignoreDifferences.") === true ? [text] : [];
    });
    return saying.some((text) => text.includes(`ignoreDifferences.${type}`) || text.includes("ignoreDifferences.all"));
  };
}

function appliedByFlux(route: Placed, { by, kind, name }: Steered): readonly Found[] {
  if (leftIn(route.tree).length > 0 || route.changes.mayTouch(/annotations|labels/)) return [];
  return [
    found(
      route,
      route.tree,
      `the ${kind} ${name} is applied by Flux, which writes git's weights over those of the controller of ${called(by)} whenever they differ`,
    ),
  ];
}

/** Fields that are ignored by who manages them: what the Rollouts controller has once written is never synced again. */
export function ignoredByManager({ objects }: Repository): readonly Found[] {
  return objects.flatMap((object) => {
    const { kind } = object.fact.holds;
    if (kind !== "argo-application" && kind !== "application-set") return [];
    const spec = kind === "application-set" ? ["spec", "template", "spec"] : ["spec"];
    return itemsAt(object.tree, [...spec, "ignoreDifferences"]).flatMap((item) =>
      textsAt(item, ["managedFieldsManagers"]).some((name) => /rollouts-controller|argo-rollouts/.test(name))
        ? [found(object, item, `${called(object)} ignores whatever the Rollouts controller manages`)]
        : [],
    );
  });
}

const MOVED: ReadonlySet<string> = new Set(["workload", "route"]);

/** Workloads and routes that Flux leaves as they are. */
export function leftAlone(repository: Repository): readonly Found[] {
  const steered = new Set(allSteered(repository).flatMap((one) => steeredObject(repository, one) ?? []));
  return repository.objects.flatMap((object) => {
    if (!MOVED.has(object.fact.holds.kind) || steered.has(object) || ONCE.has(object.kind)) return [];
    return leftIn(object.tree).map((entry) =>
      found(object, entry, `${called(object)} ${leftText(entry).replace(/; take that out$/, "")}`),
    );
  });
}

// What runs once is often meant to be left alone afterwards.
const ONCE: ReadonlySet<string> = new Set(["Job", "Pod"]);

/** What keeps clusters from following git by themselves, for services under Tidegate. */
export function notFollowed(repository: Repository): readonly Found[] {
  const hindrances = hindrancesIn(repository.inventory);
  return membersIn(repository).flatMap(({ files }) => hindrances({ files, branch: undefined, writes: [] }));
}
