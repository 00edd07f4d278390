import type { Manifest } from "../core/manifest.ts";
import type { Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TargetState } from "../core/state.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { readWorkload } from "./deployment.ts";
import { readWeight } from "./routers/http-route.ts";

/** Which member: where its files are, what its Services are called, where they live. */
export type MemberAt = Pick<TargetState, "arms" | "manifests" | "namespace">;

/** What the three files of a member say; `texts` by path, where a file that is missing is a refusal. */
export function readMember(texts: ReadonlyMap<string, string>, at: MemberAt, service: Name): Result<Manifest, Refusal> {
  const of = { service, namespace: at.namespace };
  const canary = withFile(texts, at.manifests.canary, (file) => readWorkload(file, of));
  if (canary.kind === "err") return canary;
  const stable = withFile(texts, at.manifests.stable, (file) => readWorkload(file, of));
  if (stable.kind === "err") return stable;
  const weight = withFile(texts, at.manifests.route, (file) => readWeight(file, at));
  if (weight.kind === "err") return weight;
  if (canary.value.deployment === stable.value.deployment) return sameWorkload(at, canary.value.deployment);
  return ok({ weight: weight.value, canary: canary.value, stable: stable.value });
}

/** `work` on a file of the member, or the refusal that there is none. */
export function withFile<T>(
  texts: ReadonlyMap<string, string>,
  path: string,
  work: (file: TextFile) => Result<T, Refusal>,
): Result<T, Refusal> {
  const text = texts.get(path);
  if (text !== undefined) return work({ path, text });
  return err({ path, line: 1, found: "no file", why: "the service's state says that it is one of its manifests" });
}

function sameWorkload({ manifests }: MemberAt, deployment: Name): Result<never, Refusal> {
  const found = `the Deployment ${deployment} of ${manifests.canary} again`;
  return err({ path: manifests.stable, line: 1, found, why: "canary and stable are two Deployments" });
}
