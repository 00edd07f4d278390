import { isSha } from "../../core/names.ts";
import type { Asked } from "../../ports/forge.ts";

const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$/;
const MARKER = /^<!-- tidegate:asked by=(\S+) head=(\S+) -->$/;
const VERB = /^[a-z]{1,20}$/;

/** Whether it is written as a person's login: one that can be neither a bot's nor anything but a word. */
export function isLogin(value: unknown): value is string {
  return typeof value === "string" && LOGIN.test(value);
}

/** The press of a button that a comment of ours writes down; undefined where its first line is not exactly that. */
export function askedIn(body: string): Asked | undefined {
  const [first = ""] = body.split(/\r?\n/, 1);
  const [, by, headSha] = MARKER.exec(first) ?? [];
  return isLogin(by) && isSha(headSha) ? { by, headSha } : undefined;
}

/** The first two lines of the comment of a press: who and where, for us; and the command. Throws RangeError for what could end the marker. */
export function askedLines({ by, headSha }: Asked, verb: string): string {
  if (!isLogin(by)) throw new RangeError(`Not a login: ${JSON.stringify(by)}.`);
  if (!VERB.test(verb)) throw new RangeError(`Not a verb: ${JSON.stringify(verb)}.`);
  return `<!-- tidegate:asked by=${by} head=${headSha} -->\n/${verb}`;
}

/** The whole comment of a press. */
export function askedText(asked: Asked, verb: string): string {
  const where = `the button of the check on \`${asked.headSha.slice(0, 7)}\``;
  return `${askedLines(asked, verb)}\n\nAsked by ${asked.by} with ${where}. It is heard as if ${asked.by} had written it here.`;
}
