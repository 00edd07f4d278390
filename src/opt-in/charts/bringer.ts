import { err, type Result } from "../../core/result.ts";
import { objectsOf } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf } from "../../manifest/kustomize/object.ts";
import { isOwnedValues } from "../../manifest/layouts/values.ts";
import type { ObjectFact } from "../../manifest/services/object-facts.ts";
import type { Service, ServiceTarget } from "../../manifest/services/model.ts";
import { placesOfTarget, type Placed } from "../../manifest/services/placed.ts";
import { attempt, type Refusal } from "../../yaml/refusal.ts";
import type { Ground, Refused } from "../model.ts";
import { refused } from "../refused.ts";
import { applicationIn } from "./application.ts";
import { broughtByArgo } from "./argo.ts";
import { broughtByFlux, chartOf, helmReleaseIn } from "./flux.ts";
import type { Bringer } from "./release.ts";

/** What brings a chart's release to a target, or why no second one can be brought; undefined where the target is no chart's. */
export function bringerOf(
  ground: Ground,
  service: Service,
  target: ServiceTarget,
): Result<Bringer, readonly Refused[]> | undefined {
  const places = placesOfTarget(ground.inventory, service, target);
  const isChart = places.some(({ root }) => root.kind === "chart");
  if (!isChart && !RELEASES.has(target.workloads[0]?.kind ?? "")) return undefined;
  const owned = target.reads.find(isOwnedValues) ?? target.workloads.find(({ path }) => OWNED.test(path))?.path;
  if (owned !== undefined) {
    const twice = { path: owned, line: 1, found: "owned values", why: "it runs as two releases already" };
    return err([refused("opted-in", target.name, twice)]);
  }
  return byOne(ground, target, places) ?? no(target, unbrought(target, isChart, isBySeveral(places)));
}

function isBySeveral(places: readonly Placed[]): boolean {
  return places.length > 1 || places.some(({ by }) => by.length > 1);
}

/** What one object alone brings; undefined where none or several do. */
function byOne(
  ground: Ground,
  target: ServiceTarget,
  [place, second]: readonly Placed[],
): Result<Bringer, readonly Refused[]> | undefined {
  if (place === undefined || second !== undefined) return undefined;
  const [delivery, other] = place.by;
  if (other !== undefined) return undefined;
  if (place.root.kind !== "chart") return byFlux(ground, target, place);
  return delivery && byArgo(ground, target, delivery.by);
}

function unbrought(
  { workloads: [workload], why: { files } }: ServiceTarget,
  isChart: boolean,
  isMany: boolean,
): Refusal {
  const { path, line } = workload ?? { path: files[0] ?? "", line: 1 };
  const found = `a ${isChart ? "chart" : (workload?.kind ?? "release")}`;
  if (isMany) return { path, line, found, why: "several places bring it here, and one of them would not be split" };
  if (isChart) return { path, line, found, why: "nothing in the repository says by which release it runs" };
  return { path, line, found, why: "nothing in the repository says what applies it" };
}

const OWNED = /(?:^|\/)tidegate\/(?:.*\/)?release\.yaml$/;
const RELEASES: ReadonlySet<string> = new Set(["HelmRelease", "HelmChart"]);

function no({ name }: ServiceTarget, refusal: Refusal, advice?: string): Result<never, readonly Refused[]> {
  return err([refused("helm", name, refusal, advice)]);
}

function byArgo(
  ground: Ground,
  target: ServiceTarget,
  { path, line, name, kind, holds }: ObjectFact,
): Result<Bringer, readonly Refused[]> {
  if (holds.kind !== "argo-application") {
    const why = "one template of it makes many Applications, and a line more in it would be one more in all of them";
    return no(
      target,
      { path, line, found: `the ${kind} ${name}`, why },
      "write an Application of its own for the service",
    );
  }
  const application = applicationIn(ground.read, path, name);
  if (application === undefined)
    return no(target, { path, line, found: `the Application ${name}`, why: "its file cannot be read" });
  const brought = attempt(() => broughtByArgo(ground, application));
  return brought.kind === "ok" ? brought : no(target, brought.error);
}

function byFlux(
  ground: Ground,
  target: ServiceTarget,
  { root, by: [delivery] }: Placed,
): Result<Bringer, readonly Refused[]> {
  const [{ path, line, kind, name } = { path: "", line: 1, kind: "HelmRelease", name: target.name }, second] =
    target.workloads;
  if (kind !== "HelmRelease" || second !== undefined)
    return no(target, { path, line, found: `a ${kind}`, why: "a second release of it is written by hand so far" });
  const written = objectsOf(ground.read, path).objects.find((one) => kindOf(one) === kind && nameOf(one) === name);
  const chart = written && attempt(() => chartOf(ground.read, written));
  if (chart?.kind === "err") return no(target, chart.error);
  if (root.kind !== "kustomization") {
    const why = "its folder has no kustomization.yaml, which would make a ConfigMap of the owned values";
    return no(target, { path, line, found: `the HelmRelease ${name}`, why }, "write one that lists what is applied");
  }
  const where = { ...root, namespace: delivery?.namespace };
  const object = helmReleaseIn(ground.read, where, name);
  if (object === undefined)
    return no(target, { path, line, found: `the HelmRelease ${name}`, why: "its kustomization does not make it" });
  const brought = attempt(() => broughtByFlux(ground, where, object));
  return brought.kind === "ok" ? brought : no(target, brought.error);
}
