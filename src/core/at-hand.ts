import type { Member } from "./snapshot.ts";

/** Why a word on a pull request of an earlier release means nothing, a clause that says where to say it instead. */
export function earlierThan(member: Member): string {
  const number = atHand(member);
  const where = number === undefined ? "" : `, the one at hand is on #${number}`;
  return `this pull request is of an earlier release${where}`;
}

/** Where the release that there is can be spoken of: its step's pull request, open or closed, else its bump's. */
function atHand({ pull, kept, at, bump, target }: Member): number | undefined {
  const closings = kept?.proposed?.holds.filter((hold) => hold.target === target).map(({ closed }) => closed) ?? [];
  return pull?.number ?? kept?.pull ?? closings.at(-1) ?? (at.release ?? bump)?.source;
}
