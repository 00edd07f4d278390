import type { NewTarget, Unfit } from "../core/policy.ts";
import { canonicalData } from "../manifest/data.ts";
import { evaluate, kustomizationOf, type Evaluated } from "../manifest/kustomize/evaluate.ts";
import type { Service, ServiceTarget } from "../manifest/services/model.ts";
import { baseOf, folderOf, isUnder } from "../manifest/services/paths.ts";
import { objections } from "../opt-in/judge.ts";
import type { Ground, Refused } from "../opt-in/model.ts";
import { isWorkload } from "../opt-in/objects.ts";
import { overlayOf, type Overlay } from "../opt-in/overlay.ts";
import { refused } from "../opt-in/refused.ts";

/** A target of a service, as a pull request brings it: what places it there, and why opting it in would be refused, whichever template were asked for. */
export function newTarget(ground: Ground, service: Service, target: ServiceTarget): NewTarget {
  const overlay = overlayOf(ground, service, target);
  const written = [...new Set(target.workloads.map(({ path }) => path))];
  const paths = overlay.kind === "err" || overlay.value.isNew ? written : placesOf(overlay.value);
  return { name: target.name, paths, unfit: unfitIn(overlay, target) };
}

/** Why opting a service in there would be refused, whichever template were asked for; undefined where it would not. */
export function unfitAt(ground: Ground, service: Service, target: ServiceTarget): Unfit | undefined {
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
