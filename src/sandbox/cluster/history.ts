import type { LiveShare } from "./shares.ts";
import { tracesOf } from "./state.ts";
import type { State } from "./state.ts";
import type { RouteChange } from "./view.ts";

/** A sync of a folder, and the commit that it was to. */
export type Sync = { readonly at: number; readonly revision: string };

/** What the cluster was, one step after the other. */
export type History = {
  readonly record: (state: State) => void;
  readonly changes: () => readonly RouteChange[];
  /** By `namespace/name`. */
  readonly liveShares: (place: string) => readonly LiveShare[];
  readonly syncs: (folder: string) => readonly Sync[];
};

/** An empty history; only what differs from the step before is kept. */
export function history(): History {
  const log: RouteChange[] = [];
  const said = new Map<string, string>();
  const shares = new Map<string, readonly LiveShare[]>();
  const syncs = new Map<string, readonly Sync[]>();
  return {
    record: (state) => {
      const traces = tracesOf(state);
      for (const [key, change] of traces.changes) {
        const text = JSON.stringify({ ...change, at: 0 });
        if (said.get(key) !== text) log.push(change);
        said.set(key, text);
      }
      for (const [key, share] of traces.shares) {
        const known = shares.get(key) ?? [];
        if (known.at(-1)?.share !== share) shares.set(key, [...known, { at: state.at, share }]);
      }
      for (const [folder, { revision }] of state.applications) {
        const known = syncs.get(folder) ?? [];
        if (revision !== undefined && known.at(-1)?.revision !== revision)
          syncs.set(folder, [...known, { at: state.at, revision }]);
      }
    },
    changes: () => log,
    liveShares: (place) => shares.get(place) ?? [],
    syncs: (folder) => syncs.get(folder) ?? [],
  };
}
