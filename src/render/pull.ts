import type { Fall } from "../core/action.ts";
import { GRAMMAR, type Verb } from "../core/commands.ts";
import type { Step } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import { fallEffect, fallReason, fallTitle } from "./fall.ts";
import { code, escaped } from "./markdown.ts";
import { changeOf, effectOf, needSentence, planTable, releaseOf, stepTitle } from "./step.ts";

export type PullText = { readonly title: string; readonly body: string };

const COMMANDS: readonly Verb[] = ["hold", "resume", "promote", "abort", "status"];

/** The pull request of a step: what merging does, what must hold before, and how people have a say. */
export function stepPull(member: Member, step: Step): PullText {
  const body = [
    `Merging ${effectOf(member, step)}.`,
    `The release: ${changeOf(member)}.`,
    `Tidegate merges it as soon as ${needSentence(step)}; the check ${code("tidegate/gate")} says what is missing.`,
    planTable(member.plan, step.index),
    commandList(),
    `Merging by hand is an override by whoever does it; to stay here, comment ${code("/hold")}.`,
  ];
  return { title: stepTitle(member, step), body: body.join("\n\n") };
}

/** The pull request of a commit on the way back, merged at once. */
export function fallPull(member: Member, fall: Fall): PullText {
  const { source } = releaseOf(member);
  const body = [
    escaped(fallReason(member, fall), 1000),
    escaped(fallEffect(member, fall), 1000),
    `The release: ${changeOf(member)}.`,
    `It only lowers a weight or gives something back, so Tidegate merges it at once.${source === undefined ? "" : ` How it ends is told on #${source}.`}`,
  ];
  return { title: fallTitle(member, fall), body: body.join("\n\n") };
}

function commandList(): string {
  return COMMANDS.map((verb) => `- ${code(GRAMMAR[verb].usage)}: ${GRAMMAR[verb].help}`).join("\n");
}
