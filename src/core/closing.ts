import type { Said } from "./proposal.ts";
import type { Closing, HeardComment, Member } from "./snapshot.ts";

/** Why what lifts a hold does nothing right after a closing, a clause: whether the word came before or after it is not known, and the closing is the careful one of the two. */
export function justClosed(closing: Closing): string {
  return closing.kind === "named"
    ? `${closing.by} has just closed the step's pull request, which holds the release: ask again`
    : "the step's pull request has just been closed, and GitHub has not said yet by whom: ask again";
}

/** Why a word that lifts what holds a release does nothing, a clause. */
export function unheld({ pull, closed }: Member): string {
  if (closed !== undefined) return justClosed(closed);
  return pull?.draft === true ? "the step's pull request is a draft: mark it ready for review" : "nothing holds it";
}

/** Why a word does not lift the closing of the step's pull request, a clause: it came before, or in the same second, as GitHub gives whole ones. */
export function beforeClosing({ target }: Member, { holds }: Said, { at }: HeardComment): string | undefined {
  const hold = holds.find((one) => one.target === target && one.closed !== undefined);
  if (hold?.at === undefined || at > hold.at) return undefined;
  return `it was said before ${hold.by} closed the step's pull request: say it again`;
}

/** Why a word does nothing that came before somebody edited the state file, a clause. */
export const BEFORE_EDIT = "the state file was changed after it was said: say it again if it is still meant";

/** Why a word does not lift a hold that a person wrote into the state file, a clause: it came before. */
export function beforeHand({ target, changedAt }: Member, { holds }: Said, { at }: HeardComment): string | undefined {
  const isByHand = holds.some((one) => one.target === target && one.comment === undefined && one.closed === undefined);
  return isByHand && at < changedAt ? BEFORE_EDIT : undefined;
}
