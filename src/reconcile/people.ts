import { isCommand, parseCommands } from "../core/commands.ts";
import { authorize, type Human } from "../core/permissions.ts";
import type { HeardComment } from "../core/snapshot.ts";
import type { Override } from "../core/state.ts";
import type { Comment } from "../ports/forge.ts";
import { commandLines } from "../prose/markdown.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** What people have said on the pull requests of releases under way. */
export type People = {
  /** The member with the unanswered comments on its pull requests, oldest first. */
  readonly heardBy: (member: UnmeasuredMember) => UnmeasuredMember;
  /** The comment that an override names is there, says so, and is by someone who may. */
  readonly backs: (override: Override, member: UnmeasuredMember) => boolean;
};

type Heard = HeardComment & { readonly answered: boolean };

/** Reads comments with commands, each asker's permission looked up live. Nothing is asked while no release is under way. */
export async function observePeople(scene: Scene, members: readonly UnmeasuredMember[]): Promise<People> {
  const starts = members.flatMap(({ bump }) => bump?.at ?? []);
  const comments = starts.length === 0 ? [] : await scene.eyes.forge.comments(Math.min(...starts));
  const concerned = new Set(members.flatMap(pullsOf));
  const heard = await Promise.all(
    comments.filter(({ pull }) => concerned.has(pull)).map((comment) => hear(scene, comment)),
  );
  const all = heard.filter((one) => one !== undefined);
  return {
    heardBy: (member) => ({
      ...member,
      heard: all.filter(({ pull, answered }) => !answered && pullsOf(member).includes(pull)),
    }),
    backs: ({ comment, by }, { state }) =>
      all.some(
        ({ id, human, commands }) =>
          id === comment && human.login === by && promotes({ human, commands }, state.service),
      ),
  };
}

function pullsOf({ bump, pull, leftovers }: UnmeasuredMember): readonly number[] {
  return [bump?.source, pull?.number, ...leftovers.map(({ number }) => number)].filter(
    (number) => number !== undefined,
  );
}

async function hear(
  { eyes: { forge } }: Scene,
  { id, pull, author, byBot, edited, body }: Comment,
): Promise<Heard | undefined> {
  // What a comment asked for when it was written is not known any more once it was edited.
  if (byBot || edited) return undefined;
  const commands = parseCommands(commandLines(body));
  if (commands.length === 0) return undefined;
  const [permission, answered] = await Promise.all([forge.permission(author), forge.answered(id)]);
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
