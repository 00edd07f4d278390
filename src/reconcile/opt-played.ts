import { isCommand, type Command, type CommandError } from "../core/commands.ts";
import { backtestedIn, type OptPull, type OptSaid } from "../core/opting.ts";
import { bare } from "../core/typed.ts";
import type { Comment } from "../ports/forge.ts";
import { denied, whoseIn, type OptAudience } from "./opt-found.ts";
import type { OptGround } from "./opt-ground.ts";
import type { Scene } from "./scene.ts";

type Asking = OptAudience & {
  /** Where it is asked: an open pull request that opts a service in. */
  readonly pull: OptPull;
  readonly line: Command | CommandError;
  readonly comment: Pick<Comment, "id">;
  readonly by: string;
};

/** What a line comes to that asks for the past of what is not opted in yet; undefined where GitHub does not say who asks. */
export async function optPlayed(scene: Scene, ground: OptGround, asking: Asking): Promise<OptSaid | undefined> {
  const { pull, line, comment } = asking;
  const word = targetIn(line);
  if (word === undefined && !isCommand(line)) return { kind: "mistaken", error: line };
  const { standing } = pull;
  if (standing.kind !== "current" && standing.kind !== "outdated")
    return unclear("how releases would go is not known as things stand: see the check of this pull request.");
  const { called } = standing.change.wish;
  const whose = whoseIn(ground, called);
  const no = whose && (await denied(scene, { ...asking, verb: "backtest" }, whose));
  if (no === "unknown") return undefined;
  if (no !== undefined) return { kind: "meant", verb: "backtest", service: called, found: no };
  const all = backtestedIn(standing.change);
  const of = word === undefined ? all : all.filter(({ target }) => target === word);
  const found = scene.eyes.backtests?.found({ kind: "comment", id: comment.id });
  if (of.length > 0) return { kind: "played", verb: "backtest", of, found };
  if (all.length > 0) return unclear(`this pull request is not about ${word}.`);
  return unclear("how releases would go is not known: this pull request says why.");
}

/** The target that a line names: those of services without a template are no names yet when lines are read. */
function targetIn(line: Command | CommandError): string | undefined {
  if (isCommand(line)) return line.target;
  return line.kind === "unexpectedArgument" ? bare(line.argument).toLowerCase() : undefined;
}

function unclear(why: string): OptSaid {
  return { kind: "unclear", verb: "backtest", why, choices: [] };
}
