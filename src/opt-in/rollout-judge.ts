import { isName } from "../core/names.ts";
import type { ImagePlace } from "../core/state.ts";
import { canonicalData, type Data } from "../manifest/data.ts";
import { kindOf, nameOf } from "../manifest/kustomize/object.ts";
import { at, changedAt, isMapping, itemsOf, textAt, textsAt, withAt } from "../manifest/kustomize/value.ts";
import { running } from "./found.ts";
import { canaryOf, on, placeIn, type Known } from "./known.ts";
import { documentsIn } from "./listed.ts";
import type { Ground, Refused, Wish } from "./model.ts";
import { titleOf } from "./objects.ts";
import { numberRefusals, scalerRefusals } from "./rollout-scaler.ts";

/** What speaks against handing a Deployment's pods over to a Rollout, besides what speaks against splitting it. */
export function handoverRefusals(
  ground: Ground,
  facts: Known,
  { place, wish }: { readonly place: ImagePlace; readonly wish: Wish },
): readonly Refused[] {
  const { scene } = facts;
  const { deployment } = scene;
  const renamed = renaming(facts);
  if (renamed !== undefined) return [renamed];
  return [
    ...scalerRefusals(facts, wish),
    ...numberRefusals(ground, facts),
    ...(saysWhatIsRendered(facts, place)
      ? []
      : [on(facts, "pod-template", placeIn(deployment, "its pod template", "what is rendered differs from its file"))]),
    ...ofRoute(facts, wish),
  ];
}

/** What a Rollout refers to, and its Services, are called in the cluster as they are in their files: no kustomization follows such references. */
function renaming(facts: Known): Refused | undefined {
  const { deployment } = facts.scene;
  const called = nameOf(deployment);
  if (deployment.before.some(({ name }) => name !== called))
    return on(facts, "renamed", placeIn(deployment, `the name ${called}`, "its kustomization makes it"));
  const canary = canaryOf(facts);
  return isName(canary) ? undefined : on(facts, "renamed", placeIn(deployment, `the name ${canary}`, "it is too long"));
}

/** Whether a workload's own file says all that its pods run, but for the version where an overlay says that. */
export function saysWhatIsRendered({ scene }: Pick<Known, "scene">, place: ImagePlace): boolean {
  const { deployment, read, image } = scene;
  const written = documentsIn(read, deployment.path).find(
    (data) => textAt(data, "kind") === kindOf(deployment) && textAt(data, "metadata", "name") === nameOf(deployment),
  );
  const [is, was] = [at(deployment.value, ...TEMPLATE), at(written, ...TEMPLATE)];
  if (is === undefined || was === undefined) return false;
  if (place.path === deployment.path) return canonicalData(is) === canonicalData(was);
  const versions = running(deployment, image);
  const bare = (data: Data) => versions.reduce((rest, one) => withoutImage(rest, one), data);
  return canonicalData(bare(is)) === canonicalData(bare(was));
}

const TEMPLATE = ["spec", "template"];

function withoutImage(template: Data, { list, name }: ReturnType<typeof running>[number]): Data {
  return changedAt(template, ["spec", list], (containers) =>
    itemsOf(containers).map((one) => (textAt(one, "name") === name ? withAt(one, ["image"], undefined) : one)),
  );
}

const ACTION = "alb.ingress.kubernetes.io/actions.";

/** A route of people's that the Rollout's controller would not find its weights in. */
function ofRoute(facts: Known, { template: { drive } }: Wish): readonly Refused[] {
  const { route, service } = facts;
  if (route === undefined) return [];
  if (kindOf(route) === "VirtualService") {
    const lists = ["http", "tls", "tcp"].map((key) => itemsOf(at(route.value, "spec", key)).length);
    const why = "a Rollout has to name the one of them that it moves, which the template does not";
    return lists.reduce((sum, count) => sum + count, 0) > 1
      ? [on(facts, "route", placeIn(route, `several routes of ${titleOf(route)}`, why))]
      : [];
  }
  if (drive.router !== "ALBIngress") return [];
  const action = `${ACTION}${nameOf(service)}`;
  const isThere = isMapping(at(route.value, "metadata", "annotations"))
    ? Object.keys(textsAt(route.value, "metadata", "annotations")).includes(action)
    : false;
  const why = "the controller moves the weights of that action, which a path is to name (use-annotation)";
  return isThere ? [] : [on(facts, "route", placeIn(route, `no annotation ${action}`, why))];
}
