import { earlierThan } from "./at-hand.ts";
import { BEFORE_EDIT, beforeClosing, beforeHand, justClosed, unheld } from "./closing.ts";
import type { Command } from "./commands.ts";
import { divergence } from "./divergence.ts";
import { unknownGate } from "./analysis-gate.ts";
import type { Heard } from "./heard.ts";
import { stepAt, type Asked } from "./landing.ts";
import { versionOf } from "./image.ts";
import { blocking, blockOf, isBumped, isQueued, isWaiting, nextStep, saidOf, type Said } from "./proposal.ts";
import { versionMeant } from "./rollback.ts";
import type { HeardComment, Member } from "./snapshot.ts";
import type { Blocked } from "./state.ts";
import { beforeItsTurn, isComing, withoutStep } from "./waves.ts";

/** What a command comes to: what has been heard with it, or why it changes nothing, a clause. `note` is a clause on what exactly it does. */
export type Effect =
  | { readonly kind: "heard"; readonly heard: Heard; readonly note: string | undefined }
  | { readonly kind: "nothing"; readonly why: string };

export type Speech = { readonly comment: HeardComment; readonly command: Command };

/** The effect of a command that its asker may give and that has had none yet. */
export function effectOf(member: Member, heard: Heard, speech: Speech): Effect {
  const { command, comment } = speech;
  const landing = heard.landing ?? heard.abort;
  if (landing !== undefined && command.verb !== "abort") return nothing(ANOTHER_FIRST);
  if (isPressedElsewhere(member, speech)) return nothing("the button was pressed on another version of this step");
  switch (command.verb) {
    case "abort":
      return abort(member, heard, speech);
    case "hold":
      return hold(member, heard, { ...speech, reason: command.reason });
    case "resume":
      return resume(member, heard, speech);
    case "promote":
      return promote(member, heard, { ...speech, reach: command.reach });
    case "skip":
      return skip(member, heard, { ...speech, gate: command.gate, reason: command.reason });
    case "retry":
      return retry(member, heard, speech);
    case "adopt":
      return adopt(member, heard, comment);
    case "rollback":
      return rollback(member, heard, { ...speech, to: command.to });
    default:
      return nothing("it changes nothing");
  }
}

const ANOTHER_FIRST = "another command takes effect first: ask again";

/** A button speaks of the head that it was pressed on. Where no step is open any more, an abort still means the release. */
function isPressedElsewhere({ pull }: Member, { comment: { on }, command }: Speech): boolean {
  if (on === undefined || on === pull?.headSha) return false;
  return pull !== undefined || command.verb !== "abort";
}

function nothing(why: string): Effect {
  return { kind: "nothing", why };
}

function done(heard: Heard, note?: string): Effect {
  return { kind: "heard", heard, note };
}

/** Why no command can touch a release, a clause; undefined where one is under way or waits to begin. */
function withoutRelease(member: Member, { place }: HeardComment): string | undefined {
  if (place.kind === "proposal") return "this pull request has not landed";
  if (place.kind === "past" && isComing(member)) return earlierThan(member);
  if (member.at.release?.aborting !== undefined) return TAKEN_BACK;
  const isStray = member.at.release === undefined && member.manifest.canary.image === member.at.stable;
  const found = isStray ? divergence(member) : undefined;
  // What the canary has beside a stable that was changed by hand is what stable should be.
  if (found?.kind === "stable") return `${found.what}: put it back, or \`/adopt\``;
  return isComing(member) ? undefined : "no release is under way";
}

const TAKEN_BACK = "the release is being taken back already";

/** Why nothing can be written to the step's branch before a person has put something right, a clause. */
function unwritable(member: Member, { rebuild }: Heard): string | undefined {
  const { pull, kept } = member;
  const found = divergence(member);
  if (found?.kind === "orphan") return `${found.what}: \`/adopt\` or \`/abort\` comes first`;
  if ((pull === undefined ? kept !== undefined : pull.current) || rebuild !== undefined) return undefined;
  if (pull?.foreign !== undefined) return "somebody's commit is on the step's branch: `/resume` builds it anew";
  return found === undefined || found.kind === "raised"
    ? undefined
    : `${found.what}, and nothing moves until that is put right`;
}

function abort(member: Member, heard: Heard, { comment, command }: Speech): Effect {
  const by = comment.human.login;
  const found = divergence(member);
  if (found?.kind === "orphan" && comment.place.kind !== "proposal")
    return landing(heard, comment, { kind: "toZero", by, from: found.weight });
  const why = withoutRelease(member, comment) ?? isOlder(member, comment);
  const reason = "reason" in command ? command.reason : undefined;
  if (why !== undefined) return nothing(why);
  return done({ ...heard, landing: undefined, abort: { by, reason, comment: comment.id } });
}

function hold(
  member: Member,
  heard: Heard,
  { comment, reason }: Speech & { readonly reason: string | undefined },
): Effect {
  const why = withoutRelease(member, comment) ?? beforeItsTurn(member) ?? unwritable(member, heard);
  if (why !== undefined) return nothing(why);
  const { id, human } = comment;
  const held = { target: member.target, by: human.login, comment: id, closed: undefined, at: undefined, reason };
  // Beside a closing and a hold by hand, which may be newer than this word, and what lifts this one may be older.
  const others = heard.said.holds.filter((one) => one.target !== member.target || one.comment === undefined);
  const holds = [...others, held];
  const said = { ...heard.said, heard: id, override: undefined, holds };
  return done({ ...heard, said });
}

function resume(member: Member, heard: Heard, { comment }: Speech): Effect {
  const why =
    withoutRelease(member, comment) ??
    beforeItsTurn(member) ??
    beforeClosing(member, heard.said, comment) ??
    beforeHand(member, heard.said, comment);
  if (why !== undefined) return nothing(why);
  const found = divergence(member);
  if (found?.kind === "lowered") return adopt(member, heard, comment);
  const holds = othersHolds(member, heard.said);
  const said = { ...heard.said, heard: comment.id, holds };
  const foreign = member.pull?.foreign;
  if (foreign !== undefined) {
    const note = `the branch is built anew without ${foreign.commit} by ${foreign.by}`;
    return done({ ...heard, said, rebuild: "asked" }, note);
  }
  if (found?.kind === "orphan") return nothing(found.what);
  if (holds.length < heard.said.holds.length) return done({ ...heard, said });
  return nothing(unheld(member));
}

function promote(
  member: Member,
  heard: Heard,
  { comment, reach }: Speech & { readonly reach: "step" | "full" },
): Effect {
  const why =
    withoutRelease(member, comment) ??
    beforeItsTurn(member) ??
    elsewhere(member, comment) ??
    beforeClosing(member, heard.said, comment) ??
    unpromotable(member, heard);
  if (why !== undefined) return nothing(why);
  const override = { by: comment.human.login, comment: comment.id, commit: undefined, reach };
  const said = { ...heard.said, heard: comment.id, holds: othersHolds(member, heard.said), override };
  return done(
    { ...heard, said },
    reach === "full" ? "to the end of the release, each step as soon as the one before it is seen live" : undefined,
  );
}

/** Why no word can change a release whose last step is to come, a clause; undefined where other steps are. */
function nearlyOver(member: Member): string | undefined {
  if (nextStep(member)?.kind !== "rest") return undefined;
  const seen = member.at.manifests.layout === "rollout" ? "its promotion is seen" : "the last weight is seen at 0";
  return `the release is over as soon as ${seen}`;
}

function unpromotable(member: Member, heard: Heard): string | undefined {
  const over = nearlyOver(member);
  if (over !== undefined) return over;
  const why = divergence(member)?.what ?? unwritable(member, heard);
  if (why !== undefined) return why;
  if (member.closed !== undefined) return justClosed(member.closed);
  const { said } = heard;
  return said.override === undefined ? undefined : `${said.override.by} has promoted it already`;
}

function skip(
  member: Member,
  heard: Heard,
  { comment, gate, reason }: Speech & { readonly gate: string; readonly reason: string },
): Effect {
  const why =
    withoutRelease(member, comment) ?? withoutStep(member) ?? elsewhere(member, comment) ?? unwritable(member, heard);
  if (why !== undefined) return nothing(why);
  const over = nearlyOver(member) ?? unknownGate(member, gate);
  if (over !== undefined) return nothing(over);
  const there = heard.said.skips.find((one) => one.gate === gate);
  if (there !== undefined) return nothing(`${there.by} has had ${gate} left out already`);
  const skipped = { gate, by: comment.human.login, comment: comment.id, reason };
  return done({ ...heard, said: { ...heard.said, heard: comment.id, skips: [...heard.said.skips, skipped] } });
}

/** Compare and set: what was said of an earlier step is not meant for this one. */
function elsewhere({ pull, changedAt, landings, at, bump }: Member, comment: HeardComment): string | undefined {
  const { place, pull: said, at: when } = comment;
  if (place.kind === "landed" || (place.kind === "step" && pull !== undefined && said !== pull.number))
    return "that step has landed or was closed; the next one has a pull request of its own";
  // GitHub gives whole seconds: what was said in the second of the landing may have meant the step that landed.
  if (at.release === undefined) return when <= (bump?.at ?? 0) ? BEFORE_LANDING : undefined;
  if (when > changedAt) return undefined;
  return when > (landings.get(at.release.step) ?? changedAt) ? BEFORE_EDIT : BEFORE_STEP;
}

/** An abort reaches whichever step is open, but no release that began after it was asked for. A bump may be dated by a clock that is fast: what was said after a step landed was said of its release. */
function isOlder({ at, bump, landings, changedAt }: Member, { at: when }: HeardComment): string | undefined {
  const { release } = at;
  const since = release === undefined ? (bump?.at ?? 0) : Math.min(release.since, changedAt, ...landings.values());
  return when < since ? BEFORE_LANDING : undefined;
}

const BEFORE_STEP = "it was said before the last step landed: say it again for the open one";
const BEFORE_LANDING = "it was said before this release landed";

function retry(member: Member, heard: Heard, { comment }: Speech): Effect {
  const { release } = member.at;
  if (release !== undefined) return nothing(`the release of ${versionOf(release.image)} is under way`);
  if (isWaiting(member)) return nothing(`the release of ${versionOf(member.manifest.canary.image)} is about to begin`);
  const found = divergence(member);
  if (found !== undefined) return nothing(found.what);
  const block = blockMeant(member, comment);
  if (block === undefined) return nothing("nothing is blocked that this could mean");
  if (comment.place.kind !== "proposal" && !isBumped(member) && block.commit === undefined)
    return nothing(`what brought ${versionOf(block.image)} is not known: bump it again, and say \`/retry\` there`);
  // What is proposed comes to the canary by its own pull request.
  const lifted = comment.place.kind === "proposal" ? { ...block, commit: undefined } : block;
  return landing(
    heard,
    comment,
    { kind: "retry", by: comment.human.login, block: lifted },
    `${versionOf(block.image)} may start again`,
  );
}

/** On a proposal, what it proposes; else what the canary has; else what was blocked last. */
function blockMeant(member: Member, { place }: HeardComment): Blocked | undefined {
  const { blocked } = member.state;
  if (place.kind === "proposal") return blocking(blocked, place.to);
  return blockOf(member) ?? (isBumped(member) ? undefined : blocked.at(-1));
}

function adopt(member: Member, heard: Heard, comment: HeardComment): Effect {
  const why = unadoptable(member, heard, comment);
  if (why !== undefined) return nothing(why);
  const found = divergence(member);
  const by = comment.human.login;
  switch (found?.kind) {
    case "lowered":
      if (found.step === undefined)
        return nothing(`${found.what}, and the release cannot go on from there: put it back, or \`/abort\``);
      return landing(heard, comment, { kind: "adopt", by, what: found.what }, `the release goes on from ${found.to}%`);
    case "orphan":
      if (!isWaiting(member) || isQueued(member) || stepAt(member, found.weight) === undefined)
        return nothing(`${found.what}, and no release could go on from there: \`/abort\` sends it to 0`);
      return landing(
        heard,
        comment,
        { kind: "adopt", by, what: found.what },
        `a release goes on from ${found.weight}%`,
      );
    case "stable":
      if (member.at.release !== undefined) return nothing(`${found.what}: put it back, or \`/abort\``);
      return landing(
        heard,
        comment,
        { kind: "adopt", by, what: found.what },
        `the state follows: stable is ${versionOf(member.manifest.stable.image)}`,
      );
    default:
      return nothing(found?.what ?? "git does not contradict itself");
  }
}

function unadoptable(member: Member, { said }: Heard, { place, at }: HeardComment): string | undefined {
  const { release } = member.at;
  // A word that came before the edit did not mean it.
  if (member.edit !== undefined && at < member.edit.at)
    return "it was said before that was changed by hand: say it again";
  if (place.kind === "proposal") return "this pull request has not landed";
  if (place.kind === "past" && release !== undefined) return earlierThan(member);
  if (release?.aborting !== undefined) return TAKEN_BACK;
  return said.heard > saidOf(member).heard ? ANOTHER_FIRST : undefined;
}

function rollback(member: Member, heard: Heard, { comment, to }: Speech & { readonly to: string | undefined }): Effect {
  const found = versionMeant(member, comment, to);
  if (found.kind === "err") return nothing(found.error);
  const note = `stable and canary get ${versionOf(found.value.image)} back`;
  return landing(heard, comment, { kind: "rollback", by: comment.human.login, to: found.value }, note);
}

function landing(heard: Heard, { id }: HeardComment, fall: Asked["fall"], note?: string): Effect {
  return done({ ...heard, landing: { fall, comment: id } }, note);
}

function othersHolds({ target }: Member, { holds }: Said): Said["holds"] {
  return holds.filter((one) => one.target !== target);
}
