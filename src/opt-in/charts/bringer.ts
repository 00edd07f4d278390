import { err, type Result } from "../../core/result.ts";
import { isOwnedValues } from "../../manifest/layouts/values.ts";
import type { ObjectFact } from "../../manifest/services/object-facts.ts";
import type { Service, ServiceTarget } from "../../manifest/services/model.ts";
import { placesOfTarget } from "../../manifest/services/placed.ts";
import { attempt, type Refusal } from "../../yaml/refusal.ts";
import type { Ground, Refused } from "../model.ts";
import { refused } from "../refused.ts";
import { applicationIn } from "./application.ts";
import { broughtByArgo } from "./argo.ts";
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
  const owned = target.reads.find(isOwnedValues);
  if (owned !== undefined) {
    const twice = { path: owned, line: 1, found: "owned values", why: "it runs as two releases already" };
    return err([refused("opted-in", target.name, twice)]);
  }
  const [delivery, other] = places.flatMap(({ by }) => by);
  if (isChart && places.length === 1 && delivery !== undefined && other === undefined)
    return byArgo(ground, target, delivery.by);
  return no(target, unbrought(target, isChart, places.length > 1 || other !== undefined));
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
  return { path, line, found, why: "a second release of it is written by hand so far" };
}

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
