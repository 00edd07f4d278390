import type { Change } from "../../core/change.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { Name } from "../../core/names.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { TargetState, WorkloadFiles } from "../../core/state.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { Refusal } from "../../yaml/refusal.ts";
import { readWorkload, setReplicas, type DeploymentOf } from "../deployment.ts";
import { ROUTERS } from "../routers/drive.ts";
import { readMirror } from "../routers/mirrors.ts";
import { readTesters, setShare } from "../routers/testers.ts";
import type { RouteOf, Router } from "../routers/router.ts";
import { withFile } from "../with-file.ts";
import type { Edit, Material } from "./edit.ts";
import { copyInto, given, takeBack } from "./template.ts";

/** A member whose arms are two Deployments, or two Knative Services or Configurations, behind a route. */
export type WorkloadsAt = Pick<TargetState, "arms" | "namespace"> & { readonly manifests: WorkloadFiles };

/** What the three files of a member say; `texts` by path, where a file that is missing is a refusal. */
export function readWorkloads(
  texts: ReadonlyMap<string, string>,
  at: WorkloadsAt,
  service: Name,
): Result<Manifest, Refusal> {
  const of = workloadOf(service, at);
  const canary = withFile(texts, at.manifests.canary, (file) => readWorkload(file, of));
  if (canary.kind === "err") return canary;
  const stable = withFile(texts, at.manifests.stable, (file) => readWorkload(file, of));
  if (stable.kind === "err") return stable;
  const weight = withFile(texts, at.manifests.route, (file) => routerOf(at).read(file, routeOf(at)));
  if (weight.kind === "err") return weight;
  if (canary.value.deployment === stable.value.deployment) return sameWorkload(at, canary.value.deployment);
  const testers = withFile(texts, at.manifests.route, (file) => readTesters(routerOf(at), file, routeOf(at)));
  if (testers.kind === "err") return testers;
  const mirror = withFile(texts, at.manifests.route, (file) => readMirror(routerOf(at), file, routeOf(at)));
  if (mirror.kind === "err") return mirror;
  const sent = { weight: weight.value, ...testers.value, ...mirror.value };
  return ok({ ...sent, canary: canary.value, stable: stable.value });
}

/** Only Knative's Route leads to anything but Deployments. */
function workloadOf(service: Name, { namespace, manifests: { router } }: WorkloadsAt): DeploymentOf {
  return { service, namespace, kind: router === "KnativeRoute" ? "Knative" : "Deployment" };
}

function routerOf({ manifests: { router } }: WorkloadsAt): Router {
  return ROUTERS[router];
}

function routeOf({ namespace, arms, manifests: { destinations } }: WorkloadsAt): RouteOf {
  return { namespace, arms, destinations };
}

function sameWorkload({ manifests }: WorkloadsAt, deployment: Name): Result<never, Refusal> {
  const found = `${deployment} of ${manifests.canary} again`;
  return err({ path: manifests.stable, line: 1, found, why: "canary and stable are two workloads" });
}

/** What a change is in the files of a member: each edit is of what the ones before it have left. */
export function workloadEdits(material: Material, change: Change, at: WorkloadsAt): readonly Edit[] {
  const { weight, testers, mirror, canaryReplicas, canaryTemplate } = change;
  const of = workloadOf(change.service, at);
  const { canary, route } = at.manifests;
  const edits: readonly (Edit | undefined)[] = [
    weight === undefined
      ? undefined
      : { path: route, work: (file) => setShare(routerOf(at), file, routeOf(at), { weight, testers, mirror }) },
    stableEdit(material, change, at, of),
    canaryTemplate === undefined
      ? undefined
      : {
          path: canary,
          work: (file) => takeBack(giver(material, canaryTemplate.kind, at), file, canaryTemplate.aborted, of),
        },
    canaryReplicas === undefined ? undefined : { path: canary, work: (file) => setReplicas(file, of, canaryReplicas) },
  ];
  return edits.filter((edit) => edit !== undefined);
}

function stableEdit(
  { files, older }: Material,
  { stableTemplate }: Change,
  { manifests: { canary, stable } }: WorkloadsAt,
  of: DeploymentOf,
): Edit | undefined {
  switch (stableTemplate?.kind) {
    case undefined:
      return undefined;
    case "fromCanary":
      return { path: stable, work: (file) => withFile(files, canary, copyInto(file, of)) };
    case "asAt":
      return { path: stable, work: (file) => withFile(given(stable, older.stable), stable, copyInto(file, of)) };
    default:
      return unreachable(stableTemplate);
  }
}

/** The one file whose pod template the canary is given. */
function giver(
  { files, older }: Material,
  kind: NonNullable<Change["canaryTemplate"]>["kind"],
  { manifests: { canary, stable } }: WorkloadsAt,
): ReadonlyMap<string, string> {
  switch (kind) {
    case "asAt":
      return given(canary, older.canary);
    case "asStable":
      return given(stable, files.get(stable));
    case "asStableAt":
      return given(stable, older.stable);
    default:
      return unreachable(kind);
  }
}
