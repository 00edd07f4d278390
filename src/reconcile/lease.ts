import type { Locks } from "../ports/locks.ts";
import type { RepoKey } from "../ports/queue.ts";

const held = Symbol("held");

/** Proof that nobody else acts on this repository now; only `withLease` makes one. `turn` counts the leases before this one. */
export type Lease = { readonly [held]: true; readonly turn: number };

export type Leases = {
  /** How many leases of the repository there have been; whoever looked at an older turn may have seen a world that is gone. */
  readonly turn: (key: RepoKey) => Promise<number>;
  /** Runs work while nobody else acts on the repository, one at a time, in the order asked. */
  readonly withLease: <T>(key: RepoKey, work: (lease: Lease) => Promise<T>) => Promise<T>;
};

/** Leases for one process. */
export function memoryLeases(): Leases {
  const turns = new Map<string, number>();
  const last = new Map<string, Promise<unknown>>();
  return {
    turn: async (key) => turns.get(nameOf(key)) ?? 0,
    withLease: async (key, work) => {
      const name = nameOf(key);
      const before = last.get(name) ?? Promise.resolve();
      const mine = before.then(() => {
        const turn = turns.get(name) ?? 0;
        turns.set(name, turn + 1);
        return work({ [held]: true, turn });
      });
      const settled = mine.then(nothing, nothing);
      last.set(name, settled);
      try {
        return await mine;
      } finally {
        if (last.get(name) === settled) last.delete(name);
      }
    },
  };
}

/** Leases for several processes: those of one process wait for each other here, and then for the other processes. */
export function sharedLeases(locks: Locks): Leases {
  const here = memoryLeases();
  return {
    turn: locks.turn,
    withLease: (key, work) => here.withLease(key, () => locks.hold(key, (turn) => work({ [held]: true, turn }))),
  };
}

function nothing(): void {}

function nameOf({ installation, repo }: RepoKey): string {
  return `${installation}/${repo}`;
}
