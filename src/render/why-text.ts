import { groundsSentence } from "./evidence.ts";
import { goingOnText } from "./going-on.ts";
import { count } from "./numbers.ts";
import type { Unread, Why, Whys } from "./why.ts";
import { wrapped } from "./wrap.ts";

/** For people, at most `columns` wide: each member's sentence, what is missing and where to look. */
export function whyText({ repo, branch, head, members, refusals, resting }: Whys, columns: number): string {
  const parts = [
    ...members.map((why) => memberText(why, columns)),
    ...refusals.map((one) => refusalText(one, columns)),
  ];
  const place = `${repo} at ${head.slice(0, 10)} on ${branch}`;
  const rest = resting === 0 ? [] : [`${count(resting, "service")} ${resting === 1 ? "rests" : "rest"}.`];
  const none = parts.length === 0 && resting === 0 ? ["There is no service under Tidegate."] : [];
  return `${[place, ...parts, ...rest, ...none].join("\n\n")}\n`;
}

function memberText({ service, target, stage, title, missing, pull, bump, record }: Why, columns: number): string {
  const grounds = groundsSentence(record);
  const goingOn = goingOnText(record);
  const links = [pull === undefined ? [] : `step ${pull}`, bump === undefined ? [] : `bump ${bump}`].flat();
  return [
    `${service} · ${target} · ${stage}`,
    wrapped(`${title}.`, "  ", columns),
    ...missing.map((what) => item(what, columns)),
    ...(grounds === undefined ? [] : [wrapped(unmarked(grounds), "  ", columns)]),
    ...(goingOn === undefined ? [] : [wrapped(goingOn, "  ", columns)]),
    ...links.map((link) => `  ${link}`),
  ].join("\n");
}

function refusalText({ service, problems }: Unread, columns: number): string {
  const head = `${service} · cannot be read, and nothing of it moves until that is mended:`;
  return [head, ...problems.map((problem) => item(problem, columns))].join("\n");
}

function item(words: string, columns: number): string {
  return `  - ${wrapped(unmarked(words), "    ", columns).trimStart()}`;
}

/** Markdown's marks and the invisible joiner are for GitHub's pages. */
function unmarked(words: string): string {
  return words.replace(/[`\u2060]|\*\*/g, "").replace(/\\([\\`*[\]~$_])/g, "$1");
}
