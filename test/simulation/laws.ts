import { parseCommands } from "../../src/core/command-lines.ts";
import { isCommand } from "../../src/core/commands.ts";
import { serviceOf } from "../../src/sandbox/fleet.ts";
import type { Running } from "./cluster.ts";
import type { Event } from "./events.ts";
import type { Merge, ModelForge } from "./forge.ts";
import { pathsThatDiffer, type ModelGit } from "./git.ts";
import { manifestsOf, type Asked } from "./manifests.ts";
import { isRollout, pathsOf } from "./places.ts";
import { trunkOf } from "./run.ts";
import { isBlocked, stateFacts } from "./state-facts.ts";
import { isBad, placesIn, type Scenario, type Story } from "./story.ts";
import { ownState, touches, touchesManifests } from "./touched.ts";

/** What a law found broken, in words. */
export type Breach = { readonly law: Law; readonly what: string };

/** Every law with what it says. */
export const LAWS = {
  evidence: "a weight rises only on a passed gate or on a person's recorded word",
  oneChange: "nothing further is committed before the last change is seen; only an abort overtakes",
  ownedOnly: "a commit of ours is about one service, and only what it may write",
  stateAgrees: "state and manifests change in the same commit and cannot disagree",
  containment: "what no gate has judged loses its weight at the next commit",
  ends: "every story comes to rest, and leaves nothing behind",
  nothingTwice: "nothing has its effect twice",
  everybodyHeard: "every command is answered once, whoever may or may not",
  noForeign: "we merge nothing that we did not write",
  blockedStays: "a blocked version starts no release by itself",
  promoteOnce: "one /promote lets one step merge without its gate",
  closedStays: "a step whose pull request a person closed stays where it is until somebody lifts that",
  handsWin:
    "a weight that a person lowered is not raised again until somebody says so, or puts it back; what a person holds in the state file stays where it is until somebody lifts that",
  wavesInOrder: "no target rises above 0 before those of earlier waves that have its version are done with it",
  failsAlone: "what fails in one target goes down there, and takes none of its wave with it",
  neverAbove:
    "no live weight of an Argo Rollout is above the highest that the state had since what it ran before (by pods: what they come nearest to it with), but by hand",
  trueRecord: "where a story ends, the state says of an Argo Rollout what its stable runs",
  explained: "a look fails only where the forge or git did",
} as const;

export type Law = keyof typeof LAWS;

/** Holds the finished story against the laws, by the world's own records, never by what the bot says of itself. */
export function breachesOf(scenario: Scenario, story: Story): readonly Breach[] {
  const merges = story.forge.merges.filter(({ ours }) => ours);
  return [
    ...merges.flatMap((merge) => [...ownedOnly(scenario, story, merge), ...noForeign(story, merge)]),
    ...merges.flatMap((merge) =>
      placesIn(scenario).flatMap((service) => breachesOfMerge(scenario, story, { merge, service })),
    ),
    ...placesIn(scenario).flatMap((service) => [
      ...nothingTwice(story, service),
      ...promoteOnce(story, service),
      ...closedStays(story, service),
      ...handsWin(story, service),
      ...heldByHand(story, service),
    ]),
    ...containment(scenario, story),
    ...failsAlone(scenario, story),
    ...rolloutsObey(scenario, story),
    ...everybodyHeard(story),
    ...ending(scenario, story),
  ];
}

type Moment = { readonly merge: Merge; readonly service: string };
type Moved = { readonly before: Asked; readonly after: Asked };

function breachesOfMerge(scenario: Scenario, story: Story, moment: Moment): readonly Breach[] {
  const { merge, service } = moment;
  const { git } = story;
  if (!concerns(git, merge, service)) return [];
  const before = manifestsOf(git.filesAt(merge.before), service);
  const after = manifestsOf(git.filesAt(merge.after), service);
  const moved = { before, after };
  return [
    ...agreement(git, moment, moved),
    ...evidence(scenario, story, moment, moved),
    ...oneChange(story, moment, moved),
    ...blockedStays(story, moment),
    ...wavesInOrder(scenario, story, moment, moved),
  ];
}

/** What Tidegate owns of one service, its state, and the bump's own file. */
function ownedOnly(scenario: Scenario, { git }: Story, { branch, before, after }: Merge): readonly Breach[] {
  const paths = pathsThatDiffer(git.filesAt(before), git.filesAt(after));
  const services = Map.groupBy(placesIn(scenario), serviceOf);
  const isOfOne = [...services.values()].some((places) => {
    const may = new Set(places.flatMap((place) => Object.values(pathsOf(place))));
    return paths.every((path) => may.has(path));
  });
  return isOfOne ? [] : [{ law: "ownedOnly", what: `${branch} changes ${paths.join(", ")}` }];
}

function noForeign({ git }: Story, { branch, head, before }: Merge): readonly Breach[] {
  const foreign: string[] = [];
  for (const { sha } of git.firstParents(head)) {
    if (git.isAncestor(sha, before)) break;
    if (!git.written.has(sha)) foreign.push(sha);
  }
  return foreign.map((sha) => ({ law: "noForeign", what: `${branch} brought ${sha.slice(0, 7)}, which others wrote` }));
}

function stateAt(git: ModelGit, commit: Merge["after"], service: string) {
  return stateFacts(git.filesAt(commit).get(pathsOf(service).state), service);
}

function agreement(git: ModelGit, { merge, service }: Moment, { after }: Moved): readonly Breach[] {
  const state = stateAt(git, merge.after, service);
  const stated = state === undefined ? "nothing" : sentText(state);
  const isSentBesides = state !== undefined && (state.testers || state.mirror > 0);
  return stated === sentText(after) && !(isSentBesides && (state.isAborting || after.weight > 0))
    ? []
    : [{ law: "stateAgrees", what: `${merge.branch}: route ${sentText(after)}, state ${stated}` }];
}

function sentText({ weight, testers, mirror }: Pick<Moved["after"], "weight" | "testers" | "mirror">): string {
  return `${weight}%${testers ? " and testers" : ""}${mirror > 0 ? ` and copies of ${mirror}%` : ""}`;
}

/** On a green gate of the head that merged, on a version whose errors are not ten times the usual, or on a recorded override. */
function evidence(
  scenario: Scenario,
  { git, spoken }: Story,
  { merge, service }: Moment,
  { before, after }: Moved,
): readonly Breach[] {
  const rises = after.weight > before.weight || (after.testers && !before.testers) || after.mirror > before.mirror;
  const promotes =
    after.stable.image !== before.stable.image &&
    after.stable.image === after.canary.image &&
    !merge.branch.endsWith("/abort");
  if (!rises && !promotes) return [];
  // The record of what an Argo Rollout's stable runs follows what was seen, and promotes nothing.
  if (!rises && isRollout(service)) return [];
  if (merge.branch.endsWith("/rollback") && isAskedFor(spoken, { merge, service }, /^\/rollback/m)) return [];
  const what = `${merge.branch} (${before.weight} → ${after.weight})`;
  if (merge.gate?.conclusion !== "success")
    return [{ law: "evidence", what: `${what} merged with the gate ${merge.gate?.conclusion ?? "absent"}` }];
  const state = stateAt(git, merge.after, service);
  const isOverridden = state?.override !== undefined || state?.isSkipping === true;
  // Where somebody was quicker by a moment, the head speaks of another version than the base; containment has to follow.
  const isRaced = manifestsOf(git.filesAt(merge.head), service).canary.image !== before.canary.image;
  const isMet = before.weight > 0 || before.testers || before.mirror > 0;
  if (isOverridden || !isMet || isRaced) return [];
  return isBad(scenario, service, before.canary.image)
    ? [{ law: "evidence", what: `${what} although ${before.canary.image} fails` }]
    : [];
}

function oneChange({ cluster, git, deeds }: Story, { merge, service }: Moment, { before }: Moved): readonly Breach[] {
  if (merge.branch.endsWith("/abort") || FOLLOWS.test(merge.branch)) return [];
  const running = cluster.runningAt(service, merge.at);
  const last = lastOurs(git, merge, service);
  const asked = last === undefined ? before : manifestsOf(last.files, service);
  // A weight under which another version has come falls at once, on a way back too.
  if (lowers(merge) && asked.pod !== before.pod) return [];
  // What a person wrote over and put back is not a change of ours.
  const isByHand = deeds.some(
    ({ event, at }) =>
      (event.kind === "weigh" || event.kind === "stable") && event.service === service && at >= (last?.at ?? 0),
  );
  if (isByHand) return [];
  if (isObeyed(running, asked)) return [];
  // Its beginning changes nothing that runs; the version that it is about may still be on its way.
  if (running?.rollout !== undefined && merge.branch.endsWith("/0-begin") && running.weight === 0) return [];
  if (
    running !== undefined &&
    running.rollout === undefined &&
    running.weight === before.weight &&
    running.canary.replicas === before.canary.replicas &&
    running.stable.image === before.stable.image
  )
    return [];
  return [
    {
      law: "oneChange",
      what: `${merge.branch} merged while the cluster ran ${JSON.stringify(running)}, asked was ${JSON.stringify(before)}`,
    },
  ];
}

/** Commits at once on a person's word, which move no traffic to a canary. */
const FOLLOWS = /\/(?:adopt|to-zero|retry|rollback)$/;

/** An Argo Rollout's controller is done with these steps of this pod template. */
function isObeyed(running: Running | undefined, { steps, pod }: Asked): boolean {
  const at = running?.rollout;
  if (running === undefined || at === undefined) return false;
  // At weight 0 a version that came meanwhile runs no more than this one did, and the controller has only just begun with it.
  if (at.current.pod === pod ? !at.isSettled : running.weight > 0) return false;
  return JSON.stringify(at.steps) === JSON.stringify(steps);
}

/** What the controllers of Argo Rollouts did with what git said, and whether git knows what came of it. */
function rolloutsObey(scenario: Scenario, story: Story): readonly Breach[] {
  const { git, forge, cluster, quiet, deeds } = story;
  return placesIn(scenario)
    .filter(isRollout)
    .flatMap((service): readonly Breach[] => {
      const history = cluster.historyOf(service);
      const above = history.flatMap(({ weight, order, asked = 0 }): readonly Breach[] => {
        const before = history.findLast((running) => running.order < order)?.asked ?? 0;
        const isByHand = deeds.some(({ event }) => event.kind === "weigh" && event.service === service);
        if (isByHand || weight <= Math.max(asked, before)) return [];
        return [
          { law: "neverAbove", what: `${service} runs at ${weight}% where git has ${before}% and then ${asked}%` },
        ];
      });
      const said = manifestsOf(git.filesAt(trunkOf(git, forge)), service);
      const runs = history.at(-1)?.stable.image;
      const isKnown = said.stable.image === runs || hasEscaped(story, service) || isCutShort(story, service);
      const isTold = !quiet || !scenario.isMended || isKnown;
      return isTold
        ? above
        : [
            ...above,
            { law: "trueRecord", what: `${service} runs ${runs} as stable, the state says ${said.stable.image}` },
          ];
    });
}

/** A person merged a promotion's last step before the controller was seen to be done with it, and so ended the promotion in between. */
function isCutShort({ forge }: Story, service: string): boolean {
  const rest = forge.merges.findLast(
    ({ branch }) => branch.startsWith(`tidegate/${service}/`) && branch.endsWith("-rest"),
  );
  return rest !== undefined && !rest.ours && rest.gate?.conclusion !== "success";
}

/** A version landed while an Argo Rollout was let run out, and ran out with it: the one exception to promise 2, for people to put right. */
export function hasEscaped({ git, forge }: Story, service: string): boolean {
  if (!isRollout(service)) return false;
  const ours = new Set(forge.merges.filter((merge) => merge.ours).map(({ after }) => after));
  return forge.moves.some(({ before, after }) => {
    if (ours.has(after)) return false;
    const [was, is] = [before, after].map((commit) => manifestsOf(git.filesAt(commit), service));
    return was?.steps?.runsOut === true && was.pod !== is?.pod;
  });
}

/** The newest commit before a merge that changed the place's state. */
function lastOurs(git: ModelGit, merge: Merge, service: string) {
  return git
    .firstParents(merge.before)
    .find(
      ({ sha, parents: [parent] }) =>
        parent !== undefined && ownState(git, sha, service) !== ownState(git, parent, service),
    );
}

/** A place gets its first weight while one of an earlier wave has the version on its canary and not yet, at rest, on stable. */
function wavesInOrder(
  scenario: Scenario,
  { git, deeds }: Story,
  { merge, service }: Moment,
  { before, after }: Moved,
): readonly Breach[] {
  if (before.weight > 0 || after.weight === 0 || isFirstWave(service)) return [];
  const earlier = placesIn(scenario).filter((place) => isFirstWave(place) && serviceOf(place) === serviceOf(service));
  // What a person has made of stable since was not so when the wave began.
  const isByHand = (place: string) => deeds.some(({ event }) => event.kind === "stable" && event.service === place);
  const undone = earlier.filter((place) => {
    if (isByHand(place)) return false;
    const there = manifestsOf(git.filesAt(merge.before), place);
    const isDone = there.stable.image === there.canary.image && stateAt(git, merge.before, place)?.image === undefined;
    return there.canary.image === before.canary.image && !isDone;
  });
  return undone.map((place) => ({
    law: "wavesInOrder",
    what: `${merge.branch} sends ${after.weight}% to ${before.canary.image} while ${place} has it still to do`,
  }));
}

function isFirstWave(place: string): boolean {
  return place.split("/")[1] === "staging";
}

/** Where nobody has a hand in it and a version fails in one place of a wave, it is taken back there, and those beside it that had begun have it on stable. */
function failsAlone(scenario: Scenario, story: Story): readonly Breach[] {
  const { git, quiet, forge, spoken, deeds } = story;
  const isByPeople =
    spoken.length > 0 || deeds.some(({ event }) => event.kind !== "bump" && event.kind !== "unrelated");
  const failing = placesIn(scenario).filter((place) => [...scenario.bad].some((one) => one.startsWith(`${place} `)));
  if (!quiet || isByPeople || failing.length === 0) return [];
  const files = git.filesAt(trunkOf(git, forge));
  return placesIn(scenario).flatMap((place): readonly Breach[] => {
    const begun = forge.merges.some((merge) => manifestsOf(git.filesAt(merge.after), place).weight > 0);
    const { stable, weight } = manifestsOf(files, place);
    const isBack = stable.image.endsWith(":1.0.0");
    const isRight = failing.includes(place) || !begun ? isBack : !isBack;
    if (isRight && weight === 0) return [];
    return [{ law: "failsAlone", what: `${place} ends at ${weight}% with ${stable.image} on stable` }];
  });
}

/** A release begins on a version that the state before blocks, and nobody has asked for it. */
function blockedStays({ git, spoken }: Story, { merge, service }: Moment): readonly Breach[] {
  const before = stateAt(git, merge.before, service);
  const after = stateAt(git, merge.after, service);
  if (before === undefined || after?.image === undefined || before.image !== undefined) return [];
  const isAsked = isAskedFor(spoken, { merge, service }, /^\/(?:retry|adopt)/m);
  return isBlocked(before, { image: after.image, template: after.template }) && !isAsked
    ? [{ law: "blockedStays", what: `${merge.branch} begins with ${after.image}, which is blocked` }]
    : [];
}

/** What is said or done at one target may be about all that stand with it. */
function isTold(of: string, place: string): boolean {
  return serviceOf(of) === serviceOf(place);
}

/** Somebody who may has said so before. */
function isAskedFor(spoken: Story["spoken"], { merge, service }: Moment, words: RegExp): boolean {
  return spoken.some(
    (one) => MAY.has(one.author) && isTold(one.service, service) && one.at <= merge.at && words.test(one.body),
  );
}

const MAY: ReadonlySet<string> = new Set(["ana", "eve"]);

/** No merge is empty, no step lands twice unless a person moved the service in between, and no hold comes back. */
function nothingTwice({ git, forge, spoken }: Story, service: string): readonly Breach[] {
  const prefix = `tidegate/${serviceOf(service)}/`;
  const ours = forge.merges.filter(({ ours: isOurs, branch }) => isOurs && branch.startsWith(prefix));
  const own = ours.filter((merge) => merge.branch.startsWith(`tidegate/${service}/`) || concerns(git, merge, service));
  const empty = ours.filter(
    ({ before, after }) => pathsThatDiffer(git.filesAt(before), git.filesAt(after)).length === 0,
  );
  const again = own.flatMap((merge, index) => {
    const first = own.slice(0, index).findLast((one) => isSame(one, merge));
    if (first === undefined || isRetriedAnew(spoken, [first, merge], service)) return [];
    if (isOfAnother(own, [first, merge])) return [];
    return movedByHand(git, service, [first, merge], ours) ? [] : [merge];
  });
  return [
    ...empty.map(({ branch }): Breach => ({ law: "nothingTwice", what: `${branch} merged and changed nothing` })),
    ...again.map(({ branch }): Breach => ({ law: "nothingTwice", what: `${branch} was merged twice` })),
    ...holdsAgain({ git, forge }, service),
  ];
}

/** A step of a wave is of whom it moves: what was said to others is in their part of the state as well. */
function concerns(git: ModelGit, merge: Merge, service: string): boolean {
  if (!isStep(merge)) return touches(git, merge, service);
  return moves(git, merge, service) || touchesManifests(git, merge, service);
}

function moves(git: ModelGit, { before, after }: Merge, service: string): boolean {
  const [one, two] = [stateAt(git, before, service), stateAt(git, after, service)];
  return one?.step !== two?.step || one?.weight !== two?.weight || one?.commit !== two?.commit;
}

/** What takes back is of one release; a commit may have another one, after what came in between. That this began anew is judged by its first step. */
function isOfAnother(own: readonly Merge[], [first, second]: readonly [Merge, Merge]): boolean {
  const between = own.slice(own.indexOf(first) + 1, own.indexOf(second));
  return !isStep(second) && between.some(({ branch }) => branch.endsWith("/0-warmup"));
}

/** A version that failed again may be let try again: by another word for each time. */
function isRetriedAnew(spoken: Story["spoken"], [first, second]: readonly [Merge, Merge], service: string): boolean {
  const isBetween = (at: number) => at > first.at && at <= second.at;
  return (
    second.branch.endsWith("/retry") &&
    spoken.some(
      (one) => MAY.has(one.author) && isTold(one.service, service) && isBetween(one.at) && /^\/retry/m.test(one.body),
    )
  );
}

/** One branch, or one step of one release: others of a wave may take it later. */
function isSame(one: Merge, two: Merge): boolean {
  return isStep(two) ? stepIn(one) === stepIn(two) : one.branch === two.branch;
}

function isStep({ branch }: Merge): boolean {
  return /\/\d[^/]*$/.test(branch);
}

function stepIn({ branch }: Merge): string {
  return branch.split("/").slice(-2).join("/");
}

/** Between two merges something of the service changed that we did not merge. */
function movedByHand(
  git: ModelGit,
  service: string,
  [first, second]: readonly [Merge, Merge],
  ours: readonly Merge[],
): boolean {
  const merged = new Set(ours.map(({ after }) => after));
  for (const { sha, parents } of git.firstParents(second.before)) {
    if (sha === first.after) return false;
    const [parent] = parents;
    if (parent === undefined) return true;
    if (!merged.has(sha) && touches(git, { before: parent, after: sha }, service)) return true;
  }
  // The first is no longer in the history.
  return true;
}

/** A hold by a comment that was there, was lifted, and is there again. */
function holdsAgain({ git, forge }: Pick<Story, "git" | "forge">, service: string): readonly Breach[] {
  const lifted = new Set<number>();
  let held: readonly number[] = [];
  const again = new Set<number>();
  for (const { after } of forge.moves) {
    const holds = stateAt(git, after, service)?.holds;
    if (holds === undefined) continue;
    for (const comment of held) if (!holds.includes(comment)) lifted.add(comment);
    for (const comment of holds) if (lifted.has(comment)) again.add(comment);
    held = holds;
  }
  return [...again].map((comment) => ({ law: "nothingTwice", what: `comment ${comment} holds ${service} again` }));
}

/** Each /promote stands behind one merge of ours at most, unless it said full. */
function promoteOnce({ git, forge }: Story, service: string): readonly Breach[] {
  const used = forge.merges.flatMap((merge) => {
    if (!merge.ours || !concerns(git, merge, service)) return [];
    const override = stateAt(git, merge.after, service)?.override;
    return override?.comment === undefined || override.isFull ? [] : [override.comment];
  });
  const twice = new Set(used.filter((comment, index) => used.indexOf(comment) !== index));
  return [...twice].map((comment) => ({
    law: "promoteOnce",
    what: `comment ${comment} let several steps of ${service} merge`,
  }));
}

/** A person's closing, or deletion of the branch, and a merge of that same branch by us without a word in between. */
function closedStays({ deeds, spoken, git, forge }: Story, service: string): readonly Breach[] {
  const closings = deeds.filter(
    ({ event, pull }) =>
      event.kind === "step" && event.service === service && /^(?:close|delete)$/.test(event.deed) && pull !== undefined,
  );
  return closings.flatMap(({ pull: number, at: closedAt }): readonly Breach[] => {
    const branch = forge.pulls().find((pull) => pull.number === number)?.branch;
    // Others of its wave, who come to that step later, have the same branch and are not held.
    const merge = forge.merges.find(
      (one) => one.ours && one.branch === branch && one.at >= closedAt && concerns(git, one, service),
    );
    const isLifted = (at: number) => at >= closedAt && at <= (merge?.at ?? 0);
    const lifts =
      spoken.some(({ author, body, at, ...one }) => {
        const lifts = MAY.has(author) && isTold(one.service, service) && /^\/(?:resume|promote|adopt)/m.test(body);
        return lifts && isLifted(at);
      }) || deeds.some(({ event, at }) => isLifted(at) && isSetGoing(event, service));
    if (merge === undefined || lifts) return [];
    return [{ law: "closedStays", what: `${branch} merged although #${number} was closed by a person` }];
  });
}

/** Somebody re-opens it, presses a button, moves the weight by hand, or makes the state or the history another. */
function isSetGoing(event: Event, service: string): boolean {
  if (event.kind === "trunk") return true;
  if (event.kind === "state" && event.deed === "hold") return false;
  if (!("service" in event) || !isTold(event.service, service)) return false;
  return (event.kind === "step" && event.deed === "reopen") || ["press", "weigh", "state"].includes(event.kind);
}

/** Along the tracked branch: a weight that somebody's own commit lowered in flight, and a merge of ours that raises it in the same release. */
function handsWin({ git, forge, spoken, deeds }: Story, service: string): readonly Breach[] {
  const merges = new Map(forge.merges.map((merge) => [merge.after, merge]));
  const breaches: Breach[] = [];
  let lowered: { readonly at: number; readonly release: string | undefined } | undefined;
  for (const { before: was, after: is, at } of forge.moves) {
    const merge = merges.get(is);
    const before = manifestsOf(git.filesAt(was), service).weight;
    const after = manifestsOf(git.filesAt(is), service).weight;
    const facts = stateAt(git, was, service);
    if (facts?.commit !== lowered?.release || facts?.isAborting !== false) lowered = undefined;
    const since = lowered?.at ?? 0;
    const isMeant = (when: number) => when >= since && when <= at;
    const isSaid =
      spoken.some(
        (one) =>
          MAY.has(one.author) &&
          isTold(one.service, service) &&
          isMeant(one.at) &&
          /^\/(?:resume|adopt)/m.test(one.body),
      ) || deeds.some((deed) => isMeant(deed.at) && deed.event.kind === "press");
    if (merge?.ours === true && after > before && lowered !== undefined && !isSaid)
      breaches.push({
        law: "handsWin",
        what: `${merge.branch} raises to ${after}% what a person lowered to ${before}%`,
      });
    if (merge === undefined && after !== before) lowered = undefined;
    const isLowered = merge === undefined && after < before && facts?.commit !== undefined && !facts.isAborting;
    if (isLowered && after < facts.weight) lowered = { at, release: facts.commit };
  }
  return breaches;
}

/** Along the tracked branch: a hold that a person wrote into the state of a release, and a step of ours that takes that release on. */
function heldByHand({ git, forge, spoken, deeds }: Story, service: string): readonly Breach[] {
  const merges = new Map(forge.merges.filter(({ ours }) => ours).map((merge) => [merge.after, merge]));
  let since: number | undefined;
  return forge.moves.flatMap(({ before: was, after: is, at }): readonly Breach[] => {
    const before = stateAt(git, was, service);
    if (before?.isHeldByHand !== true) since = undefined;
    const from = since;
    if (stateAt(git, is, service)?.isHeldByHand === true) since ??= at;
    const merge = merges.get(is);
    if (merge === undefined || from === undefined || !isStep(merge) || !moves(git, merge, service)) return [];
    const isMeant = (when: number) => when >= from && when <= at;
    const lifts = /^\/(?:resume|promote|adopt)/m;
    const isLifted =
      spoken.some(
        (one) => MAY.has(one.author) && isTold(one.service, service) && isMeant(one.at) && lifts.test(one.body),
      ) || deeds.some((deed) => isMeant(deed.at) && deed.event.kind === "press");
    if (isLifted || before?.commit === undefined) return [];
    return [{ law: "handsWin", what: `${merge.branch} takes on what a person held in the state file` }];
  });
}

/** What the gates never judged is contained at the next look: apart from a merge in the same moment, the next commit of ours for that service is an abort. */
function containment(scenario: Scenario, { git, forge }: Story): readonly Breach[] {
  const ours = new Map(forge.merges.filter((merge) => merge.ours).map((merge) => [merge.after, merge]));
  return placesIn(scenario).flatMap((service) => {
    const breaches: Breach[] = [];
    let exposed: { readonly image: string; readonly at: number; readonly judged: string } | undefined;
    // What the gates judge, where a person took the weight away from something else.
    let judged: string | undefined;
    for (const { before: was, after: is, at } of forge.moves) {
      const now = manifestsOf(git.filesAt(is), service);
      const before = manifestsOf(git.filesAt(was), service);
      const merge = ours.get(is);
      const isStateChanged = ownState(git, is, service) !== ownState(git, was, service);
      if (merge !== undefined && exposed !== undefined && exposed.at < merge.at && isStateChanged && !lowers(merge))
        breaches.push({ law: "containment", what: `${merge.branch} follows on ${exposed.image}` });
      if (merge !== undefined && isStateChanged) judged = undefined;
      if (now.weight === 0 && now.weight !== before.weight) {
        if (merge === undefined) judged ??= exposed?.judged;
        exposed = undefined;
      }
      if (merge !== undefined && lowers(merge) && merge.branch.startsWith(`tidegate/${service}/`)) exposed = undefined;
      const facts = stateAt(git, is, service);
      // What came in the very moment in which a release ended at rest is a release of its own.
      if (merge !== undefined && facts?.image === undefined && now.weight === 0) exposed = undefined;
      const isChanged = merge === undefined && now.pod !== before.pod;
      // While the state was gone nobody was judged; once it is back, what it judges is what there was before.
      if (isChanged && facts === undefined) judged ??= before.pod;
      const isUnderWay = facts?.image !== undefined && (now.weight > 0 || !facts.isAborting);
      if (isChanged && isUnderWay)
        exposed = { image: now.canary.image, at, judged: exposed?.judged ?? judged ?? before.pod };
      // Whoever has put back what the gates judge has contained it.
      if (now.pod === exposed?.judged) exposed = undefined;
    }
    return breaches;
  });
}

function lowers({ branch }: Merge): boolean {
  return /\/(?:abort|lower)$/.test(branch);
}

/** Each comment with a command that stayed as it was, on a step's pull request while it was open, has one reaction, and an answer since. */
function everybodyHeard({ spoken, forge }: Story): readonly Breach[] {
  return spoken.flatMap(({ id, pull, author, body, at, stays }): readonly Breach[] => {
    const isSpoken = stays && !author.endsWith("[bot]") && parseCommands(body.split("\n")).some(isCommand);
    if (!isSpoken || !isConcerned(forge, pull, at)) return [];
    const reactions = forge.reactions.filter(({ comment }) => comment === id).length;
    if (reactions !== 1) return [{ law: "everybodyHeard", what: `comment ${id} (${body}) has ${reactions} reactions` }];
    const topics = new Set(["replies", `backtest/${id}`]);
    const isAnswered = forge.sayings.some(
      (saying) => saying.pull === pull && saying.at >= at && topics.has(saying.topic) && saying.text.includes(author),
    );
    return isAnswered ? [] : [{ law: "everybodyHeard", what: `comment ${id} (${body}) has no reply` }];
  });
}

function isConcerned(forge: ModelForge, number: number, at: number): boolean {
  const pull = forge.pulls().find((one) => one.number === number);
  if (pull === undefined || !pull.ours || isUnread(forge, pull.headSha)) return false;
  return pull.state === "open" || pull.changedAt > at + 60_000;
}

/** What is said of a service whose files cannot be read waits until somebody mends them; the check says so and where. */
function isUnread(forge: ModelForge, head: string): boolean {
  const gate = forge.checks().findLast(({ headSha, name }) => headSha === head && name === "tidegate/gate");
  return gate?.title.startsWith("Cannot read ") === true;
}

/** An Argo Rollout that was promoted to another template of one image, and is on its way back: nothing tells when it is, and the deadline is longer than any story. */
function hasToWait(files: ReadonlyMap<string, string>, place: string): boolean {
  const { weight, canary, stable } = manifestsOf(files, place);
  const facts = stateFacts(files.get(pathsOf(place).state), place);
  return weight === 100 && facts?.isAborting === true && facts.image === stable.image && canary.image === stable.image;
}

function ending(scenario: Scenario, story: Story): readonly Breach[] {
  const { git, quiet, forge } = story;
  if (!quiet) return [{ law: "ends", what: "the story does not end" }];
  const files = git.filesAt(trunkOf(git, forge));
  if (!scenario.isMended) return [];
  // Where somebody has let a bad version become stable, nothing starts beside it until that is put right.
  const isStuck = (place: string) =>
    isBad(scenario, place, manifestsOf(files, place).stable.image) ||
    hasEscaped(story, place) ||
    (isRollout(place) && isCutShort(story, place));
  const stuck = new Set(placesIn(scenario).filter(isStuck).map(serviceOf));
  const services = placesIn(scenario).filter((place) => !stuck.has(serviceOf(place)) && !hasToWait(files, place));
  const unfinished = services.flatMap((service): readonly Breach[] => {
    const { weight, testers, mirror, canary, stable } = manifestsOf(files, service);
    const { blocked = [] } = stateFacts(files.get(pathsOf(service).state), service) ?? {};
    const isLeft = canary.image === stable.image || blocked.some(({ image }) => image === canary.image);
    if (weight === 0 && !testers && mirror === 0 && canary.replicas === 0 && isLeft) return [];
    const what = `${service} ends at ${weight}% with canary ${canary.image} × ${canary.replicas} and stable ${stable.image}`;
    return [{ law: "ends", what }];
  });
  const isOfThese = (branch: string) =>
    services.some((place) =>
      [`${place}/`, `${serviceOf(place)}/wave-`].some((start) => branch.startsWith(`tidegate/${start}`)),
    );
  // What a person took elsewhere is theirs.
  const taken = new Set(forge.pulls().flatMap(({ base, branch }) => (base === forge.trunk() ? [] : [branch])));
  const open = forge
    .pulls()
    .filter(({ ours, state, branch }) => ours && state === "open" && !taken.has(branch) && isOfThese(branch));
  const litter = [...git.refs.keys()]
    .map((ref) => ref.slice("refs/heads/".length))
    .filter((branch) => isOfThese(branch) && !taken.has(branch));
  return [
    ...unfinished,
    ...open.map(({ branch }): Breach => ({ law: "ends", what: `${branch} is still open` })),
    ...litter.map((branch): Breach => ({ law: "ends", what: `${branch} was left behind` })),
  ];
}
