import type { Sha } from "../../src/core/names.ts";
import { serviceOf } from "../../src/sandbox/fleet.ts";
import { withWeight } from "../support/route-hands.ts";
import type { Event, Place } from "./events.ts";
import type { Asked } from "../../src/ports/forge.ts";
import { BOT, type ModelForge, type ModelPull } from "./forge.ts";
import { pathsThatDiffer, type ModelGit } from "./git.ts";
import { manifestsOf, withPodTemplateOf } from "./manifests.ts";
import { isRendered, isRollout, pathsOf } from "./places.ts";
import { ownPart } from "./state-facts.ts";
import { isWrittenFor } from "./touched.ts";

const SECOND = 1000;
/** As long as somebody waits for a weight to lower, or a release to hold, milliseconds. */
const LONGEST_WAIT = 360 * SECOND;
export const CONFIG_PATH = ".github/tidegate.yml";

/** What people work on, and how the world learns of it. */
export type Workshop = {
  readonly git: ModelGit;
  readonly forge: ModelForge;
  readonly now: () => number;
  readonly at: (when: number, what: () => void) => void;
  /** The tracked branch has moved. */
  readonly landed: () => void;
  /** A webhook is on its way. */
  readonly hear: () => void;
  readonly note: (line: string) => void;
  /** What the App does when a button of its check is pressed. */
  readonly noteAsked: (pull: number, asked: Asked, verb: string) => void;
};

/** A comment as it was written, for the laws. */
export type Spoken = {
  readonly id: number;
  readonly pull: number;
  readonly service: string;
  readonly author: string;
  readonly body: string;
  readonly at: number;
  /** It stays as it was written. */
  readonly stays: boolean;
};

/** A deed of a person that the laws must know of; `head` is the tracked branch's right after it. */
export type Deed = {
  readonly event: Event;
  readonly at: number;
  readonly pull: number | undefined;
  readonly head: Sha;
};

export type People = {
  readonly perform: (event: Event) => void;
  readonly spoken: readonly Spoken[];
  readonly deeds: readonly Deed[];
  /** Somebody pushes onto a pull request's branch, or closes it. */
  readonly onPull: (number: number, deed: "push" | "close") => void;
  readonly hasLanded: (service: string) => boolean;
};

type Of<Kind extends Event["kind"]> = Extract<Event, { readonly kind: Kind }>;

/** Whether a branch of ours is of a place, or of a set that has it as a member. */
function isAbout(git: ModelGit, { branch, headSha }: ModelPull, place: string): boolean {
  if (branch.startsWith(`tidegate/${place}/`)) return true;
  return branch.startsWith(`tidegate/${serviceOf(place)}/wave-`) && isWrittenFor(git, headSha, place);
}

/** A manifest or a values file with another version, as somebody would write it. */
function withVersion(text: string, service: string, tag: string): string {
  return text
    .replace(/image: .*/, `image: registry.example.com/shop/${service}:${tag}`)
    .replace(/tag: .*/, `tag: "${tag}"`);
}

function versionIn(text: string): string | undefined {
  return /(?:image|tag): .*/.exec(text)?.[0];
}

/** Everything that people and bump bots do, as changes of the model's git and forge. */
export function peopleOf({ git, forge, now, at, landed, hear, note, noteAsked }: Workshop): People {
  const bumps = new Map<string, number>();
  const before = new Map<string, string>();
  const spoiled = new Map<string, { readonly was: string | undefined; readonly is: string | undefined }>();
  const landedOnce = new Set<string>();
  const spoken: Spoken[] = [];
  const deeds: Deed[] = [];

  const trunk = () => `refs/heads/${forge.trunk()}`;
  const head = (): Sha => {
    const found = git.refs.get(trunk());
    if (found === undefined) throw new Error("No tracked branch.");
    return found;
  };
  const text = (path: string): string | undefined => git.filesAt(head()).get(path);
  const commit = (files: ReadonlyMap<string, string | undefined>, message: string): Sha =>
    git.add({ parent: head(), parents: [head()], files, message, at: now() });
  const push = (files: ReadonlyMap<string, string | undefined>, message: string) => {
    git.refs.set(trunk(), commit(files, message));
    forge.refsMoved("ana");
    landed();
  };
  const write = (path: string, next: string | undefined, message: string) => {
    if (next !== text(path)) push(new Map([[path, next]]), message);
  };

  const ours = (service: string): readonly ModelPull[] =>
    forge.pulls().filter((pull) => pull.ours && isAbout(git, pull, service));
  const isFall = ({ branch }: ModelPull) => /\/(?:abort|lower|take-back|adopt|to-zero|retry|rollback)$/.test(branch);
  const openStep = (service: string) =>
    ours(service).find((pull) => pull.state === "open" && pull.base === forge.trunk() && !isFall(pull));

  /** A step that somebody closed some time ago and whose branch holds what waits, however many releases have come and gone since: where our note says that it holds. */
  const keptStep = (service: string) =>
    ours(service).findLast(
      (pull) =>
        pull.state === "closed" && pull.endedBy !== BOT && !isFall(pull) && git.refs.has(`refs/heads/${pull.branch}`),
    );

  const bumpedFiles = ({ service, tag, how, places = [service] }: Of<"bump">): ReadonlyMap<string, string> => {
    const files = places.map((place) => {
      const { canary } = pathsOf(place);
      const image = withVersion(text(canary) ?? "", service, tag);
      const cpu = `cpu: ${250 + tag.length + Number(tag.at(-1) ?? 0)}m`;
      return [canary, how === "mixed" ? image.replace(/cpu: \d+m/, cpu) : image] as const;
    });
    return new Map(how === "mixed" ? [...files, [`docs/${service}-${tag}.md`, `What is new in ${tag}.\n`]] : files);
  };
  const writeBump = (event: Of<"bump">) => {
    const branch = `bump/${event.service}-${event.tag}`;
    git.refs.set(`refs/heads/${branch}`, commit(bumpedFiles(event), `Bump ${event.service} to ${event.tag}`));
    forge.refsMoved("renovate[bot]");
  };
  const keepBefore = (service: string, places: readonly string[] = [service]) => {
    landedOnce.add(service);
    for (const place of places) before.set(place, text(pathsOf(place).canary) ?? "");
  };
  const mergeBump = (event: Of<"bump">, number: number) => {
    const { places = [event.service] } = event;
    const was = places.map((place) => [place, text(pathsOf(place).canary) ?? ""] as const);
    let outcome = forge.people.merge(number, "ana");
    // A bump bot rebases what conflicts, which is another head for the required check.
    if (outcome.kind === "conflict") {
      writeBump(event);
      hear();
      if (event.open === "green") return whenGreen(number, () => mergeBump(event, number));
      outcome = forge.people.merge(number, "ana");
    }
    if (outcome.kind !== "merged") return;
    landedOnce.add(event.service);
    for (const [place, file] of was) before.set(place, file);
    landed();
  };
  /** As GitHub's auto-merge does: the newest word of the required check on the head that is there. */
  const whenGreen = (number: number, merge: () => void) => {
    const pull = forge.pulls().find((one) => one.number === number);
    if (pull?.state !== "open") return;
    const plan = forge.checks().findLast(({ headSha, name }) => headSha === pull.headSha && name === "tidegate/plan");
    if (plan?.conclusion === "success") return merge();
    at(now() + 15 * SECOND, () => whenGreen(number, merge));
  };
  const bump = (event: Of<"bump">) => {
    const { service, tag, how, labels = [], places = [service] } = event;
    const isThere = (file: string) => withVersion(file, service, tag) === file;
    if (places.every((place) => isThere(text(pathsOf(place).canary) ?? ""))) return;
    if (how === "push") {
      keepBefore(service, places);
      return push(bumpedFiles(event), `Bump ${service} to ${tag}`);
    }
    writeBump(event);
    const title = `Bump ${service} to ${tag}`;
    const number = forge.people.open({ branch: `bump/${service}-${tag}`, title, author: "renovate[bot]", labels });
    bumps.set(service, number);
    hear();
    if (event.open === "green") return whenGreen(number, () => mergeBump(event, number));
    if (event.open === 0) return mergeBump(event, number);
    at(now() + event.open, () => mergeBump(event, number));
  };
  const revert = ({ service }: Of<"revert">) => {
    const { canary } = pathsOf(service);
    const was = before.get(service);
    const replicas = /^ {2}replicas: .*$/m.exec(text(canary) ?? "")?.[0];
    if (was === undefined) return;
    if (isRollout(service))
      return write(canary, withPodTemplateOf(text(canary) ?? "", was), `Revert the bump of ${service}`);
    const reverted = replicas === undefined ? was : was.replace(/^ {2}replicas: .*$/m, replicas);
    write(canary, reverted, `Revert the bump of ${service}`);
  };
  const amend = ({ service }: Of<"amend">) => {
    const { canary } = pathsOf(service);
    keepBefore(service);
    const amended = (text(canary) ?? "").replace(/cpu: (\d+)m/, (_, cpu: string) => `cpu: ${Number(cpu) + 10}m`);
    write(canary, amended, `Give ${service} more`);
  };

  const stateWord = (service: string, word: RegExp): string | undefined =>
    word.exec(ownPart(text(pathsOf(service).state) ?? "", service))?.[1];
  const placeOf = (service: string, on: Place): number | undefined => {
    const bumped = bumps.get(serviceOf(service));
    if (on === "bump") return bumped;
    if (on === "last") return ours(service).at(-1)?.number ?? bumped;
    const newest = ours(service).findLast((pull) => !isFall(pull) && pull.state !== "open");
    const closed = newest?.state === "closed" && newest.endedBy !== BOT ? newest : undefined;
    const source = stateWord(service, /^ {6}source: (\d+)$/m);
    // A release whose bump had no pull request is spoken of where its steps were.
    const isUnderWay = stateWord(service, /^ {4}(release):/m) !== undefined;
    const release = source === undefined ? (isUnderWay ? newest?.number : bumped) : Number(source);
    return (openStep(service) ?? closed ?? keptStep(service))?.number ?? release ?? ours(service).at(-1)?.number;
  };
  const comment = ({ service, author, body, on, later }: Of<"comment">) => {
    const pull = placeOf(service, on);
    if (pull === undefined) return;
    const id = forge.people.comment(pull, author, body);
    note(`         comment ${id} on #${pull}`);
    spoken.push({ id, pull, service, author, body, at: now(), stays: later === undefined });
    hear();
    if (later === "edited") at(now() + 3 * SECOND, () => forge.people.editComment(id, `${body} (edited)`));
    if (later === "deleted") at(now() + 3 * SECOND, () => forge.people.deleteComment(id));
  };
  const press = ({ service, by, verb }: Of<"press">) => {
    const step = openStep(service);
    if (step === undefined) return;
    noteAsked(step.number, { by, headSha: step.headSha }, verb);
  };

  const onBranch = ({ branch, headSha }: ModelPull, files: ReadonlyMap<string, string>, also: readonly Sha[] = []) => {
    const parents = [headSha, ...also];
    const parent = also[0] ?? headSha;
    const id = git.add({ parent, parents, files, message: "Write to the step's branch", at: now() });
    git.refs.set(`refs/heads/${branch}`, id);
    forge.refsMoved("ana");
    hear();
  };
  const stepDeed = ({ service, deed, by }: Of<"step">): number | undefined => {
    if (deed === "reopen") {
      const closed = ours(service).findLast(({ state }) => state === "closed");
      if (closed === undefined || !forge.people.reopen(closed.number)) return undefined;
      hear();
      return closed.number;
    }
    const drafted = deed === "ready" ? ours(service).find(({ state, draft }) => state === "open" && draft) : undefined;
    const step = drafted ?? openStep(service);
    if (step === undefined) return undefined;
    const { number, branch, headSha, title } = step;
    switch (deed) {
      case "close":
        forge.people.close(number, by);
        break;
      case "draft":
      case "ready":
        forge.people.change(number, { draft: deed === "draft" });
        break;
      case "retitle":
        forge.people.change(number, { title: `${title} (mine)`, body: "What I think of it.", labels: ["mine"] });
        break;
      case "retarget":
        git.refs.set("refs/heads/elsewhere", head());
        forge.people.change(number, { base: "elsewhere" });
        break;
      case "push":
        onBranch(step, new Map([[`docs/${now()}.md`, "On the step's branch.\n"]]));
        return number;
      case "unpush": {
        const [parent] = git.parentsOf(headSha);
        if (parent === undefined || git.written.has(headSha)) return undefined;
        git.refs.set(`refs/heads/${branch}`, parent);
        forge.refsMoved(by);
        break;
      }
      case "update": {
        const base = git.mergeBase(head(), headSha);
        const theirs = pathsThatDiffer(git.filesAt(base), git.filesAt(headSha));
        onBranch(step, new Map(theirs.map((path) => [path, git.filesAt(headSha).get(path) ?? ""])), [head()]);
        return number;
      }
      case "delete":
        git.refs.delete(`refs/heads/${branch}`);
        forge.refsMoved(by);
        break;
      default:
        if (forge.people.merge(number, by).kind === "merged") landed();
        return number;
    }
    hear();
    return number;
  };

  /** To the plan's weight below the one that there is, as soon as there is one. */
  const lower = (service: string, until: number): void => {
    const { weight } = manifestsOf(git.filesAt(head()), service);
    const below = [25, 5].find((one) => one < weight);
    if (below !== undefined) {
      const event: Event = { kind: "weigh", service, to: below, at: 0 };
      note(`* ana lowers ${service} to ${below}%`);
      weigh(event);
      deeds.push({ event, at: now(), pull: undefined, head: head() });
      return;
    }
    if (now() < until) at(now() + 15 * SECOND, () => lower(service, until));
  };
  const weigh = ({ service, to }: Of<"weigh">): void => {
    if (to === "down") return lower(service, now() + LONGEST_WAIT);
    const { route } = pathsOf(service);
    const weight = to === "back" ? Number(stateWord(service, /^ {4}weight: (\d+)$/m) ?? Number.NaN) : to;
    if (Number.isNaN(weight)) return;
    if (isRollout(service)) {
      const steps = (text(route) ?? "").replace(/setWeight: \d+/g, `setWeight: ${weight}`);
      return write(route, steps, `Send ${weight}% to the canary of ${service}`);
    }
    const was = text(route) ?? "";
    const next = isRendered(service)
      ? was.replace(/weight: \d+/, `weight: ${weight}`)
      : withWeight(was, serviceOf(service), weight);
    write(route, next, `Send ${weight}% to the canary of ${service}`);
  };
  const stable = ({ service, to }: Of<"stable">) => {
    // What stable runs stands in no file of an Argo Rollout.
    if (isRollout(service)) return;
    const path = pathsOf(service).stable;
    const tag = to === "back" ? stateWord(service, /^ {4}stable: ".*:(.*)"$/m) : to;
    if (tag !== undefined)
      write(path, withVersion(text(path) ?? "", serviceOf(service), tag), `Set stable of ${service}`);
  };
  const spoiledText = (was: string | undefined, deed: "garble" | "delete" | "steps"): string | undefined => {
    if (deed === "delete") return undefined;
    if (deed === "steps") return was?.replace("[5, 25, 50]", "[10, 30]");
    return `<<<<<<< ours\n${was ?? ""}=======\n>>>>>>> theirs\n`;
  };
  const spoil = (path: string, deed: "garble" | "delete" | "steps") => {
    if (spoiled.has(path)) return;
    const was = text(path);
    const is = spoiledText(was, deed);
    spoiled.set(path, { was, is });
    write(path, is, `Spoil ${path}`);
  };
  /** What has been put right meanwhile is left: nobody writes an old state over a good one. */
  const mend = (path: string) => {
    const found = spoiled.get(path);
    if (found !== undefined && text(path) === found.is) write(path, found.was, `Mend ${path}`);
    spoiled.delete(path);
  };
  /** As soon as a release is under way. */
  const holdByHand = (service: string, until: number): void => {
    const { state } = pathsOf(service);
    const [, target = "prod"] = service.split("/");
    // Nobody writes into a file with the marks of a conflict and leaves those.
    if (stateWord(service, /^ {6}(step): /m) === undefined || spoiled.has(state)) {
      if (now() < until) at(now() + 15 * SECOND, () => holdByHand(service, until));
      return;
    }
    note(`* ana holds ${service} in its state file`);
    const held = `holds:\n  - { target: ${target}, by: ana, reason: "the shop is busy" }`;
    write(state, text(state)?.replace(/^holds: \[\]$/m, held), `Hold ${service}`);
  };
  const dropBump = (service: string) => {
    const { canary } = pathsOf(service);
    const line = git.firstParents(head());
    const index = line.findIndex(({ files, parents: [parent] }) => {
      const old = parent === undefined ? undefined : git.filesAt(parent).get(canary);
      return old !== undefined && versionIn(old) !== versionIn(files.get(canary) ?? "");
    });
    const dropped = line[index];
    const [base] = dropped?.parents ?? [];
    if (base === undefined) return;
    // What came later is put on top of what was before the bump: the same tree, another history.
    git.refs.set(
      trunk(),
      git.add({ parent: head(), parents: [base], files: new Map(), message: "Rewrite history", at: now() }),
    );
    forge.refsMoved("ana");
    landed();
  };

  const act = (event: Exclude<Event, { readonly kind: "step" }>): void => {
    switch (event.kind) {
      case "bump":
        return bump(event);
      case "revert":
        return revert(event);
      case "amend":
        return amend(event);
      case "comment":
        return comment(event);
      case "press":
        return press(event);
      case "weigh":
        return weigh(event);
      case "stable":
        return stable(event);
      case "state":
        if (event.deed === "hold") return holdByHand(event.service, now() + LONGEST_WAIT);
        return event.deed === "mend"
          ? mend(pathsOf(event.service).state)
          : spoil(pathsOf(event.service).state, event.deed);
      case "config":
        return event.deed === "mend" ? mend(CONFIG_PATH) : spoil(CONFIG_PATH, event.deed);
      case "trunk":
        if (event.deed === "dropBump") return dropBump(event.service);
        forge.people.renameTrunk(forge.trunk() === "main" ? "trunk" : "main");
        return landed();
      default:
        return push(new Map([[`docs/${now()}.md`, "unrelated\n"]]), "Write beside");
    }
  };
  return {
    spoken,
    deeds,
    onPull: (number, deed) => {
      const pull = forge.pulls().find((one) => one.number === number);
      if (pull?.state !== "open") return;
      note(`  ana: ${deed} #${number}`);
      if (deed === "push") return onBranch(pull, new Map([[`docs/${now()}.md`, "On the branch.\n"]]));
      forge.people.close(number, "ana");
      hear();
    },
    hasLanded: (service) => landedOnce.has(service),
    perform: (event) => {
      const pull = event.kind === "step" ? stepDeed(event) : undefined;
      if (event.kind !== "step") act(event);
      deeds.push({ event, at: now(), pull, head: head() });
    },
  };
}
