import { isCommand, parseCommands } from "../core/commands.ts";
import { authorize, type Human } from "../core/permissions.ts";
import type { HeardComment } from "../core/snapshot.ts";
import type { Override } from "../core/state.ts";
import type { Comment } from "../ports/forge.ts";
import { commandLines } from "../prose/markdown.ts";
import { landedSteps, type LandedSteps } from "./landed-steps.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** What people have said on the pull requests of releases under way. */
export type People = {
  /** The member with the unanswered comments on its pull requests, oldest first. */
  readonly heardBy: (member: UnmeasuredMember) => UnmeasuredMember;
  /** The comment that an override names is there, says so, and is by someone who may. */
  readonly backs: (override: Override, member: UnmeasuredMember) => boolean;
};

type Spoken = { readonly comment: Comment; readonly commands: HeardComment["commands"] };
type Heard = HeardComment & { readonly answered: boolean };

/** Reads comments with commands, each asker's permission looked up live. Nothing is asked while no release is under way. */
export async function observePeople(scene: Scene, members: readonly UnmeasuredMember[]): Promise<People> {
  const starts = members.flatMap(({ bump }) => bump?.at ?? []);
  const comments = starts.length === 0 ? [] : await scene.eyes.forge.comments(Math.min(...starts));
  const spoken = comments.flatMap(spokenIn);
  const landed = await landedSteps(scene, new Set(spoken.map(({ comment }) => comment.pull)));
  const concerned = new Set(members.flatMap((member) => pullsOf(member, landed)));
  const all = await Promise.all(
    spoken.filter(({ comment }) => concerned.has(comment.pull)).map((said) => hear(scene, said)),
  );
  return {
    heardBy: (member) => {
      const pulls = pullsOf(member, landed);
      return { ...member, heard: all.filter(({ pull, answered }) => !answered && pulls.includes(pull)) };
    },
    backs: ({ comment, by }, { state }) =>
      all.some(
        ({ id, human, commands }) =>
          id === comment && human.login === by && promotes({ human, commands }, state.service),
      ),
  };
}

/** Where people speak to a member: its bump, its open step, and the steps that have landed, as a step may merge while somebody writes. */
function pullsOf(member: UnmeasuredMember, landed: LandedSteps): readonly number[] {
  const { bump, pull, leftovers } = member;
  const open = [bump?.source, pull?.number, ...leftovers.map(({ number }) => number)];
  return [...open.filter((number) => number !== undefined), ...landed(member)];
}

function spokenIn(comment: Comment): readonly Spoken[] {
  // What a comment asked for when it was written is not known any more once it was edited.
  if (comment.byBot || comment.edited) return [];
  const commands = parseCommands(commandLines(comment.body));
  return commands.length === 0 ? [] : [{ comment, commands }];
}

async function hear({ eyes: { forge } }: Scene, { comment, commands }: Spoken): Promise<Heard> {
  const { id, pull, author, byBot } = comment;
  const [{ permission }, answered] = await Promise.all([forge.standing(author), forge.answered(id)]);
  return { id, pull, human: { login: author, permission, byBot }, commands, answered };
}

function promotes(
  { human, commands }: Pick<HeardComment, "human" | "commands">,
  service: UnmeasuredMember["state"]["service"],
): boolean {
  return commands.some((command) => isCommand(command) && command.verb === "promote" && allows(human, service));
}

function allows(human: Human, service: UnmeasuredMember["state"]["service"]): boolean {
  return authorize(human, "promote", service).kind === "allowed";
}
