import type { Inventory } from "../manifest/services/inventory.ts";

/** A change between two inventories: the files, and their texts after it; undefined for what cannot be read as text. */
export type Changed = {
  readonly before: Inventory;
  readonly after: Inventory;
  readonly changed: readonly string[];
  readonly read: (path: string) => string | undefined;
};

// What runs, as it is written in any style.
const RUNS =
  /\bkind["']?\s*:\s*["']?(?:Deployment|ReplicaSet|StatefulSet|DaemonSet|Rollout|HelmRelease|Job|CronJob|Pod)\b/;

/** The changed files that may bring a workload and cannot be read, where they could be before or were not there. */
export function unreadIn({ before, after, changed, read }: Changed): readonly string[] {
  return changed.filter(
    (path) => isDark(after, path, read) && !(before.listing.has(path) && isDark(before, path, read)),
  );
}

/** A text that nobody gets, or one that is no YAML and speaks of what runs. */
function isDark({ listing, state }: Inventory, path: string, read: Changed["read"]): boolean {
  const facts = state.facts.get(path);
  if (!listing.has(path)) return false;
  if (facts === undefined) return /\.(?:ya?ml|json)$/i.test(path);
  return facts.unread.length > 0 && facts.objects.length === 0 && RUNS.test(read(path) ?? "");
}
