import type { NewTarget, Unfit } from "../core/policy.ts";
import { isName } from "../core/names.ts";
import { canonicalData } from "../manifest/data.ts";
import { evaluate, kustomizationOf, type Evaluated } from "../manifest/kustomize/evaluate.ts";
import type { Service, ServiceTarget } from "../manifest/services/model.ts";
import { baseOf, folderOf, isUnder } from "../manifest/services/paths.ts";
import { placesOfTarget } from "../manifest/services/placed.ts";
import { bringerOf } from "../opt-in/charts/bringer.ts";
import { chartRefusals } from "../opt-in/charts/convert.ts";
import { objections } from "../opt-in/judge.ts";
import type { Ground, Refused } from "../opt-in/model.ts";
import { isWorkload } from "../opt-in/objects.ts";
import { overlayOf, type Overlay } from "../opt-in/overlay.ts";
import { refused } from "../opt-in/refused.ts";

/** Whether a release of a chart runs there. */
export function isChart(inventory: Ground["inventory"], service: Service, target: ServiceTarget): boolean {
  const isRelease = target.workloads.some(({ kind }) => kind === "HelmRelease");
  return isRelease || placesOfTarget(inventory, service, target).some(({ root }) => root.kind === "chart");
}

/** A target of a service, as a pull request brings it: what places it there, and why opting it in would be refused, whichever template were asked for; of a chart where that is judged. */
export function newTarget(ground: Ground, service: Service, target: ServiceTarget, judgesChart = true): NewTarget {
  const bringer = bringerOf(ground, service, target);
  if (bringer !== undefined) return newChart(ground, { service, target, judgesChart }, bringer);
  const overlay = overlayOf(ground, service, target);
  const paths = overlay.kind === "err" || overlay.value.isNew ? writtenIn(target) : placesOf(overlay.value);
  return { name: target.name, paths, unfit: unfitIn(overlay, target) };
}

function writtenIn({ workloads }: ServiceTarget): readonly string[] {
  return [...new Set(workloads.map(({ path }) => path))];
}

type Charted = { readonly service: Service; readonly target: ServiceTarget; readonly judgesChart: boolean };

/** A chart is placed by what brings its release: an Application, a HelmRelease, or what is delivered where that takes the HelmRelease from elsewhere. */
function newChart(
  ground: Ground,
  { service, target, judgesChart }: Charted,
  bringer: NonNullable<ReturnType<typeof bringerOf>>,
): NewTarget {
  const { name } = target;
  if (bringer.kind === "err") return { name, paths: writtenIn(target), unfit: unfitBy(bringer.error) };
  const { path } = bringer.value.object;
  const [root] = placesOfTarget(ground.inventory, service, target).map((place) => place.root);
  const delivered =
    root?.kind === "kustomization" && !isUnder(path, root.folder)
      ? kustomizationOf(ground.read, root.folder)
      : undefined;
  const against =
    judgesChart && isName(service.name)
      ? chartRefusals({ ground, bringer: bringer.value, which: { service: service.name, target } })
      : [];
  return { name, paths: [delivered ?? path], unfit: unfitBy(against) };
}

/** Why opting a service in there would be refused, whichever template were asked for; undefined where it would not, and of charts, of which it takes long to tell. */
export function unfitAt(ground: Ground, service: Service, target: ServiceTarget): Unfit | undefined {
  if (bringerOf(ground, service, target) !== undefined) return undefined;
  return unfitIn(overlayOf(ground, service, target), target);
}

function unfitIn(overlay: ReturnType<typeof overlayOf>, { name }: ServiceTarget): Unfit | undefined {
  if (overlay.kind === "err") return unfitBy(overlay.error);
  const { made, deployment } = overlay.value;
  const against = objections(made, deployment)
    // It is a slip, and no reason to be without a template.
    .filter(({ code }) => code !== "missing")
    .map(({ code, refusal }) => refused(code, name, refusal));
  return unfitBy(against);
}

function unfitBy([first]: readonly Refused[]): Unfit | undefined {
  if (first === undefined) return undefined;
  const { path, line, found, why, advice } = first;
  return { path, line, found, why, advice };
}

/** What places it, and what is delivered where that lists it from elsewhere: whoever lets go of a folder has not said that what lies there may run anywhere. */
function placesOf(overlay: Overlay): readonly string[] {
  const { read, root } = overlay;
  const place = placeOf(overlay);
  const delivered = kustomizationOf(read, root.folder);
  return delivered === undefined || isUnder(place, root.folder) ? [place] : [place, delivered];
}

/**
 * The kustomization that places a Deployment where it runs, and not one whose Deployment others change or take from elsewhere: of those that make it as it runs the
 * outermost with no other workload, since what lists whole overlays places none of them; else the innermost.
 */
function placeOf({ made, deployment, read, kustomization }: Overlay): string {
  const wanted = canonicalData(deployment.value);
  const alone = made.reads
    .filter((path) => /^(?:kustomization\.ya?ml|Kustomization)$/.test(baseOf(path)))
    .map((path) => ({ path, made: evaluate(read, folderOf(path)) }))
    .filter((one) => isOnly(one.made, wanted));
  const [outermost] = alone.toSorted((a, b) => b.made.reads.length - a.made.reads.length);
  return outermost?.path ?? kustomization.path;
}

function isOnly({ objects }: Evaluated, wanted: string): boolean {
  const [only, second] = objects.filter(isWorkload);
  return only !== undefined && second === undefined && canonicalData(only.value) === wanted;
}
