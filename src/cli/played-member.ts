import { meant } from "./command-line.ts";
import type { Commit } from "./commit-at.ts";
import { filesOf } from "../core/manifests.ts";
import { isSha, type Name } from "../core/names.ts";
import type { Policy } from "../core/plan.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ServiceState } from "../core/state.ts";
import type { Blob } from "../ports/git.ts";
import type { ProviderSettings, TimelineQuestion } from "../ports/metrics.ts";
import { parsedOnce } from "../reconcile/parsed.ts";
import type { Operator } from "../reconcile/providers.ts";
import { CONFIG_PATH, pathOf, SERVICES, serviceOf, type Understood } from "../reconcile/readings.ts";

/** A service in a target as its releases are judged, by what is committed. */
export type PlayedMember = {
  readonly service: Name;
  readonly target: Name;
  readonly policy: Policy;
  readonly provider: ProviderSettings;
  readonly asked: Omit<TimelineQuestion, "from" | "to" | "windowMs">;
};

type Wanted = { readonly service: Name; readonly target: Name | undefined };

/** The member that is asked for, or why there is none. */
export async function memberOf(
  commit: Commit,
  { service, target: wanted }: Wanted,
  operator: Operator,
): Promise<Result<PlayedMember, string>> {
  const path = pathOf(service);
  if (!commit.listing.has(path)) return err(unknownService(commit, service));
  const readings = parsedOnce(operator, commit.baseOf);
  const read = await blobsOf(commit, [path, CONFIG_PATH]);
  const state = readings.state(path, read.get(path));
  if (state.kind === "refused") return refused(state);
  const target = targetOf(state.value, wanted);
  if (target.kind === "err") return target;
  const at = state.value.targets.get(target.value);
  if (at === undefined) return err(`There is no target ${target.value}.`);
  const files = filesOf(at.manifests);
  const manifest = readings.manifest(at, service, await blobsOf(commit, files));
  if (manifest.kind === "refused") return refused(manifest);
  const config = readings.config(
    read.get(CONFIG_PATH),
    await readings.baseOf(readings.extended(read.get(CONFIG_PATH))),
  );
  const policy = config.policyFor(target.value, files, service);
  const provider = config.metricsFor(target.value);
  if (policy.kind === "refused") return refused(policy);
  if (provider.kind === "refused") return refused(provider);
  const { canary, stable } = manifest.value;
  const workloads = { canary: canary.deployment, stable: stable.deployment };
  const asked = { service, namespace: at.namespace, arms: at.arms, workloads, container: canary.container };
  return ok({ service, target: target.value, policy: policy.value, provider: provider.value, asked });
}

function refused({ problems }: Extract<Understood<never>, { readonly kind: "refused" }>): Result<never, string> {
  return err(problems.join("; "));
}

function unknownService({ repository, listing }: Commit, service: Name): string {
  const known = [...listing.keys()].filter((path) => path.startsWith(`${SERVICES}/`)).map(serviceOf);
  const where = repository === "." ? "this folder" : repository;
  return `There is no service ${service} in ${where}.${meant(service, known)}`;
}

function targetOf({ service, targets }: ServiceState, wanted: Name | undefined): Result<Name, string> {
  const [only, second] = targets.keys();
  if (wanted === undefined && only !== undefined && second === undefined) return ok(only);
  if (wanted !== undefined && targets.has(wanted)) return ok(wanted);
  const names = [...targets.keys()];
  return err(
    wanted === undefined
      ? `${service} has several targets; name one: ${names.map((name) => `${service}/${name}`).join(", ")}.`
      : `${service} has no target ${wanted}.${meant(wanted, names)}`,
  );
}

async function blobsOf({ listing, texts }: Commit, paths: readonly string[]): Promise<ReadonlyMap<string, Blob>> {
  const found = await texts(paths.filter((path) => listing.has(path)));
  return new Map(
    [...found].flatMap(([path, text]) => {
      const id = listing.get(path);
      return isSha(id) ? [[path, { id, text }] as const] : [];
    }),
  );
}
