import { enter } from "./enter.ts";
import type { Where } from "./enter.ts";
import { enqueue } from "./merge-queue.ts";
import { revertPull, updateBranch } from "./pull-buttons.ts";
import { addLabel, removeLabel, setDraft } from "./pull-marks.ts";
import { approve } from "./reviews.ts";
import type { Pull, Review, Store } from "./store.ts";

type OfPull = Where & { readonly number: number };

/** What people do to a pull request beside writing, merging and closing it. */
export type PullActions = {
  readonly convertToDraft: (order: OfPull) => Pull;
  readonly readyForReview: (order: OfPull) => Pull;
  readonly addLabel: (order: OfPull & { readonly label: string }) => Pull;
  readonly removeLabel: (order: OfPull & { readonly label: string }) => Pull;
  /** An approving review of the present head. */
  readonly approve: (order: OfPull & { readonly body?: string }) => Review;
  /** Puts it into the merge queue of the default branch. */
  readonly enqueue: (order: OfPull) => Promise<void>;
  /** GitHub's Revert button; gives the pull request that it opens. */
  readonly revert: (order: OfPull) => Promise<Pull>;
  /** GitHub's "Update branch" button: a merge commit of the base into the head. */
  readonly updateBranch: (order: OfPull) => Promise<Pull>;
};

/** The actions of people on pull requests over a store. */
export function pullActions(store: Store): PullActions {
  return {
    convertToDraft: ({ number, ...where }) => setDraft(enter(store, where, "write"), number, true),
    readyForReview: ({ number, ...where }) => setDraft(enter(store, where, "write"), number, false),
    addLabel: ({ number, label, ...where }) => addLabel(enter(store, where, "triage"), number, label),
    removeLabel: ({ number, label, ...where }) => removeLabel(enter(store, where, "triage"), number, label),
    approve: ({ number, body, ...where }) => approve(enter(store, where, "read"), { number, body }),
    enqueue: ({ number, ...where }) => enqueue(enter(store, where, "write"), number),
    revert: ({ number, ...where }) => revertPull(enter(store, where, "write"), number),
    updateBranch: ({ number, ...where }) => updateBranch(enter(store, where, "write"), number),
  };
}
