import { KNATIVE_GROUP, LONGEST_NAME } from "../manifest/knative.ts";
import { selects } from "../manifest/layouts/arm-labels.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, itemsOf, textAt, textsAt } from "../manifest/kustomize/value.ts";
import { baseOf } from "../manifest/services/paths.ts";
import type { Template } from "../template/model.ts";
import { placeIn } from "./known.ts";
import type { Objection, Remark, Refused } from "./model.ts";
import type { Refusal } from "../yaml/refusal.ts";
import { containersOf, isBeside, isKnative, podLabels, selectorOf, textsBelow, titleOf } from "./objects.ts";
import { refused } from "./refused.ts";
import { leadsTo } from "./routes.ts";

/** Whether a template moves what leads to a workload: Knative's Route leads to Configurations, and no other kind of route does. */
export function suits({ drive }: Template, workload: Built): boolean {
  return isKnative(workload) === (drive.router === "KnativeRoute");
}

/** Why a workload is not split by a template of another kind of route. */
export function unsuited({ name }: Template, workload: Built, target: string): Refused {
  return isKnative(workload)
    ? refused(
        "template",
        target,
        placeIn(workload, `the template ${name}`, "a Knative Service is split by Knative's Route alone"),
        "choose canary-knative, or a template that drives a KnativeRoute",
      )
    : refused(
        "template",
        target,
        placeIn(workload, `the template ${name}`, "Knative's Route leads to no Deployment"),
        "choose a template that drives another kind of route",
      );
}

/** All that speaks against splitting a Knative Service, besides what speaks against any workload. */
export function knativeObjections(objects: readonly Built[], service: Built): readonly Objection[] {
  const name = nameOf(service);
  const canary = `${name}-canary`;
  const no = (found: string, why: string, place = service): Objection => {
    return { code: "knative", refusal: placeIn(place, found, why) };
  };
  const beside = objects.filter((object) => object !== service && isBeside(object, service));
  const [main, second] = containersOf(service).filter(({ list }) => list === "containers");
  return [
    ...(isAllLatest(service)
      ? []
      : [no("spec.traffic", "all of its traffic goes to its latest revision, or a bump would not reach stable")]),
    ...(textAt(service.value, "spec", "template", "metadata", "name") === undefined
      ? []
      : [no("a name of the revision", "Knative would refuse another image under the same name")]),
    ...(canary.length > LONGEST_NAME
      ? [no(`the name ${canary}`, `its pods are told by a name of at most ${LONGEST_NAME} characters`)]
      : []),
    ...(second !== undefined && textAt(main?.data, "name") === undefined
      ? [no("a container without a name", "of several nothing tells which one is pinned")]
      : []),
    ...beside
      .filter((object) => runsRevisions(object) && [canary, routeOf(name)].includes(nameOf(object)))
      .map((object) => no(titleOf(object), "the canary or its Route is to be called so", object)),
    ...beside
      .filter((object) => isCoreService(object) && selects(selectorOf(object), podLabels(service)))
      .map((object) => no(titleOf(object), "it would send to the canary's pods, whatever the weight", object)),
    ...beside
      .filter((object) => sendsToRevision(object, name))
      .map((object) => no(titleOf(object), "it sends to a revision, whose arm nothing in git says", object)),
    ...renamedIn(objects, service).map((object) =>
      no(titleOf(object), "kustomize gives it another name, of which a Configuration is not told", object),
    ),
  ];
}

/** What a Route is called that is made for a Knative Service, which has one of its own name. */
export function routeOf(name: string): string {
  return `${name}-route`;
}

function runsRevisions(object: Built): boolean {
  return isKnative(object) && ["Service", "Configuration"].includes(kindOf(object));
}

// Without a word of its own that is what Knative does.
function isAllLatest({ value }: Built): boolean {
  const [entry, second] = itemsOf(at(value, "spec", "traffic"));
  if (entry === undefined) return true;
  const isLatest = at(entry, "latestRevision") === true && at(entry, "percent") === 100;
  return second === undefined && isLatest && textAt(entry, "tag") === undefined;
}

function isCoreService(object: Built): boolean {
  return kindOf(object) === "Service" && groupOf(object) === "";
}

/** Revisions are called as their Configuration, with a number. */
function sendsToRevision(object: Built, name: string): boolean {
  if (groupOf(object) !== KNATIVE_GROUP || kindOf(object) !== "Route") return false;
  return itemsOf(at(object.value, "spec", "traffic")).some((target) => {
    const revision = textAt(target, "revisionName");
    return revision?.startsWith(`${name}-`) === true && /^\d+$/.test(revision.slice(name.length + 1));
  });
}

/** Objects that the pods name and that are called otherwise in the end: by the hash of what is generated, a prefix or a suffix. */
function renamedIn(objects: readonly Built[], service: Built): readonly Built[] {
  const texts = new Set(textsBelow(at(service.value, "spec", "template")));
  return objects.filter((object) => {
    if (!["ConfigMap", "Secret"].includes(kindOf(object)) || groupOf(object) !== "") return false;
    const isGenerated = /^kustomization(?:\.ya?ml)?$/i.test(baseOf(object.path));
    const names = [...(isGenerated ? [nameOf(object)] : []), ...object.before.map(({ name }) => name)];
    return names.some((name) => texts.has(name) && (isGenerated || name !== nameOf(object)));
  });
}

const VISIBILITY = "networking.knative.dev/visibility";

/** A new Route that would be asked from elsewhere than the Knative Service can be; undefined where there is none. */
export function exposed(added: readonly Built[], service: Built): Refusal | undefined {
  const wanted = textsAt(service.value, "metadata", "labels")[VISIBILITY];
  const route = added.find((object) => isKnative(object) && kindOf(object) === "Route");
  if (!isKnative(service) || route === undefined) return undefined;
  if (textsAt(route.value, "metadata", "labels")[VISIBILITY] === wanted) return undefined;
  const found = `${VISIBILITY}: ${wanted ?? "none"}`;
  return placeIn(service, found, `${titleOf(route)} is to be asked from where the Knative Service is`);
}

/** What whoever reviews the change is to know of a Knative Service. */
export function knativeRemarks(
  objects: readonly Built[],
  service: Built,
  say: (says: string, place?: { readonly path: string; readonly line: number }) => Remark,
): readonly Remark[] {
  const past = leadsTo(objects, service).filter((object) => groupOf(object) !== KNATIVE_GROUP);
  const mapped = objects.filter((object) => isMappedTo(object, service));
  const own = namespaceOf(service) === undefined ? nameOf(service) : `${nameOf(service)}.${namespaceOf(service)}`;
  return [
    say(
      `whoever asks ${own} by its own address meets stable alone, whatever the weight: once the Route is Ready, lead callers to it, and the public host by a DomainMapping (docs/knative.md)`,
    ),
    say("its requests are counted by Configuration: the target's data plane is to be knative (docs/data-planes.md)"),
    ...[...past, ...mapped].map((object) =>
      say(`${titleOf(object)} leads to the old address: once the Route is Ready, let it lead there`, object),
    ),
  ];
}

function isMappedTo(object: Built, service: Built): boolean {
  if (kindOf(object) !== "DomainMapping" || groupOf(object) !== KNATIVE_GROUP || !isBeside(object, service))
    return false;
  const ref = at(object.value, "spec", "ref");
  return textAt(ref, "kind") === "Service" && textAt(ref, "name") === nameOf(service);
}
