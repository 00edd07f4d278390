import type { Wanted } from "./delivery.ts";
import type { JsonObject } from "./json.ts";
import { ManifestError } from "./kinds/manifest.ts";
import { keyOf, put, without } from "./live-objects.ts";
import type { LiveObjects } from "./live-objects.ts";
import { differs, fieldPathOf, merged, withFieldOf } from "./merge.ts";
import type { FieldPath } from "./merge.ts";
import type { Kind, KubeObject, Written } from "./objects.ts";
import { writtenOf } from "./objects.ts";

/** How one folder is followed, in Argo CD's words. */
export type ApplicationPolicy = {
  /** `manual`: nothing is applied until somebody presses Sync. */
  readonly sync: "automatic" | "manual";
  /** `on`: what differs from git is put back, although git has not moved. */
  readonly selfHeal: "on" | "off";
  /** `closed`: a sync window keeps every sync waiting. */
  readonly window: "open" | "closed";
  /** A commit to stay on; undefined follows the branch. */
  readonly pinned: string | undefined;
  readonly ignored: readonly IgnoredDifference[];
  /** RespectIgnoreDifferences; `no`: a sync for any other reason writes the ignored fields as well. */
  readonly respectIgnored: "yes" | "no";
};

/** Fields of objects that are no difference: JSON pointers or paths of jq. */
export type IgnoredDifference = {
  readonly kind: Kind;
  readonly name?: string;
  readonly fields: readonly string[];
};

/** Argo CD's defaults, with automated sync and pruning. */
export const AUTOMATIC: ApplicationPolicy = {
  sync: "automatic",
  selfHeal: "off",
  window: "open",
  pinned: undefined,
  ignored: [],
  respectIgnored: "no",
};

/** What Argo CD's users tell it where Argo Rollouts writes weights and hashes into objects of git's: no difference, and no sync writes over them. */
export const BESIDE_ROLLOUTS: Pick<ApplicationPolicy, "ignored" | "respectIgnored"> = {
  respectIgnored: "yes",
  ignored: [
    { kind: "HTTPRoute", fields: [".spec.rules[].backendRefs[].weight"] },
    {
      kind: "VirtualService",
      fields: [".spec.http[].route[].weight", ".spec.tls[].route[].weight", ".spec.tcp[].route[].weight"],
    },
    { kind: "DestinationRule", fields: [".spec.subsets[].labels"] },
  ],
};

/** What is known of a folder that is followed; times are milliseconds. */
export type Application = {
  /** The commit of the last sync that did anything. */
  readonly revision: string | undefined;
  /** The commit of the last sync that failed. */
  readonly failed: string | undefined;
  readonly status: "Synced" | "OutOfSync";
  readonly problem: string | undefined;
  readonly syncedAt: number;
  readonly heals: number;
  /** Somebody pressed Sync, and it has not happened yet. */
  readonly pressed: "yes" | "no";
};

export const UNSYNCED: Application = {
  revision: undefined,
  failed: undefined,
  status: "OutOfSync",
  problem: undefined,
  syncedAt: -Infinity,
  heals: 0,
  pressed: "no",
};

/** What Argo CD tells of a sync that is over; `at` is in milliseconds. */
export type SyncNotice = {
  readonly folder: string;
  readonly revision: string;
  readonly outcome: "success" | "failure";
  readonly at: number;
};

/**
 * What of an application's change is told: that a sync succeeded or failed, of every commit once
 * (argo-cd 37ee009, notifications_catalog/triggers, on-sync-succeeded.yaml and on-sync-failed.yaml, oncePer).
 */
export function noticesOf(
  folder: string,
  { before, after }: { readonly before: Application; readonly after: Application },
  at: number,
): readonly SyncNotice[] {
  const told = (outcome: SyncNotice["outcome"], was: string | undefined, revision: string | undefined) =>
    revision === undefined || revision === was ? [] : [{ folder, revision, outcome, at }];
  return [...told("success", before.revision, after.revision), ...told("failure", before.failed, after.failed)];
}

type Followed = { readonly objects: LiveObjects; readonly application: Application };

type Folder = { readonly folder: string; readonly wanted: Wanted; readonly policy: ApplicationPolicy };

/** One look of Argo CD at one application. */
export function follow({ objects, application }: Followed, of: Folder, now: number): Followed {
  const { wanted, policy } = of;
  if (wanted.problem !== undefined) return { objects, application: { ...application, problem: wanted.problem } };
  const different = wanted.objects.filter((one) => isDifferent(one, objects, of));
  const extra = extraIn(objects, of);
  const status = different.length > 0 || extra.size > 0 ? "OutOfSync" : "Synced";
  const seen: Application = { ...application, status, problem: undefined };
  const reason = policy.window === "closed" ? undefined : reasonOf(seen, of, now);
  if (reason === undefined) return { objects, application: seen };
  const chosen = reason === "heal" ? different : wanted.objects;
  const pruned = extra.size === 0 ? objects : without(objects, (_, key) => extra.has(key));
  const heals = reason === "heal" ? application.heals + 1 : 0;
  const done: Application = { ...UNSYNCED, revision: wanted.revision, status: "Synced", syncedAt: now, heals };
  try {
    return { objects: chosen.reduce((live, one) => applied(live, one, of), pruned), application: done };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { objects, application: { ...seen, failed: wanted.revision, problem: error.message } };
  }
}

/** Keys of objects that the folder has applied and does not say any more. */
function extraIn(objects: LiveObjects, { folder, wanted }: Folder): ReadonlySet<string> {
  const said = new Set(wanted.objects.map(({ object }) => keyOf(object)));
  return new Set(
    [...objects].flatMap(([key, { applied }]) => (applied?.folder === folder && !said.has(key) ? [key] : [])),
  );
}

// A commit that was not synced yet is synced where anything differs; the same commit again only to heal.
function reasonOf(
  { status, pressed, revision, heals, syncedAt }: Application,
  { wanted, policy }: Folder,
  now: number,
): "press" | "commit" | "heal" | undefined {
  if (pressed === "yes") return "press";
  if (policy.sync === "manual" || status === "Synced") return undefined;
  if (wanted.revision !== revision) return "commit";
  return policy.selfHeal === "on" && now >= syncedAt + backoffMs(heals) ? "heal" : undefined;
}

/** How long a heal waits after the sync before: not at all, then 2 s, 6 s, 18 s, …, at most 300 s. */
function backoffMs(heals: number): number {
  return heals === 0 ? 0 : Math.min(300_000, 2_000 * 3 ** (heals - 1));
}

function isDifferent({ manifest, object }: Written, objects: LiveObjects, { policy }: Folder): boolean {
  const live = objects.get(keyOf(object));
  if (live === undefined) return true;
  const { applied } = live;
  // Nobody has touched either since the last sync.
  if (applied?.manifest === manifest && applied.result === live.manifest) return false;
  return differs([applied?.manifest ?? {}, manifest, live.manifest], ignoredIn(object, policy));
}

function applied(objects: LiveObjects, { manifest, object }: Written, { folder, policy }: Folder): LiveObjects {
  const live = objects.get(keyOf(object));
  const target = live === undefined ? manifest : targetOf(manifest, live.manifest, ignoredIn(object, policy), policy);
  const result = live === undefined ? target : merged(live.applied?.manifest ?? {}, target, live.manifest);
  const [written] = writtenOf(result);
  if (written === undefined) return objects;
  return put(objects, { ...written, applied: { folder, manifest: target, result }, owner: undefined });
}

function targetOf(
  manifest: JsonObject,
  live: JsonObject,
  ignored: readonly FieldPath[],
  { respectIgnored }: ApplicationPolicy,
): JsonObject {
  if (respectIgnored === "no") return manifest;
  return ignored.reduce((target, path) => withFieldOf(target, live, path), manifest);
}

function ignoredIn({ kind, name }: KubeObject, { ignored }: ApplicationPolicy): readonly FieldPath[] {
  const meant = ignored.filter((one) => one.kind === kind && (one.name ?? name) === name);
  return meant.flatMap(({ fields }) => fields.map(fieldPathOf));
}
