import type { Fall, Falling } from "../core/action.ts";
import { GRAMMAR, type Verb } from "../core/commands.ts";
import type { Step } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import { LONGEST_NAME, waysOut } from "./divergence.ts";
import { fallBlocks, fallEffect, fallReason, fallTitle } from "./fall.ts";
import { code, escaped } from "./markdown.ts";
import { changeOf, effectOf, needSentence, planTable, releaseOf, stepTitle } from "./step.ts";

export type PullText = { readonly title: string; readonly body: string };

const COMMANDS: readonly Verb[] = ["hold", "resume", "promote", "skip", "abort", "why"];

/** The pull request of a step: what merging does, what must hold before, and how people have a say. `fellows`: others that it moves. */
export function stepPull(member: Member, step: Step, fellows: readonly Member[] = []): PullText {
  const body = [
    ...(fellows.length === 0 ? [`Merging ${effectOf(member, step)}.`] : severalText([member, ...fellows], step)),
    `The release: ${changeOf(member)}.`,
    `Tidegate merges it as soon as ${needSentence(step, member.policy.evidence)}; the check ${code("tidegate/gate")} says what is missing.`,
    planTable(member.plan, step.index, member.policy.evidence),
    commandList(),
    `Merging by hand is an override by whoever does it; to stay here, comment ${code("/hold")}.`,
  ];
  return { title: stepTitle(member, step, fellows), body: body.join("\n\n") };
}

function severalText(members: readonly Member[], step: Step): readonly string[] {
  const effects = members.map((of) => `- **${of.target}** ${effectOf(of, of.plan.steps[step.index] ?? step)}`);
  const target = members[0]?.target ?? "";
  return [
    `Merging moves ${members.length} targets:`,
    effects.join("\n"),
    `They move together: this is merged when all of them have passed, and one that fails is taken back alone. A command here is for all of them; with a target's name after it, as in ${code(`/hold ${target}`)}, for that one.`,
  ];
}

/** The pull request of a commit that is merged at once. `fellows`: others that it takes along. */
export function fallPull(member: Member, fall: Fall, fellows: readonly Falling[] = []): PullText {
  const { source } = releaseOf(member);
  const isOfRelease = "aborting" in fall;
  const others = fellows.map(
    (one) => `${one.member.target}: ${fallReason(one.member, one.fall)} ${fallEffect(one.member, one.fall)}`,
  );
  const body = [
    escaped(fallReason(member, fall), 1000),
    escaped(fallEffect(member, fall), 1000),
    ...others.map((words) => escaped(words, 1000)),
    fallBlocks(member, fall),
    ...(isOfRelease ? [`The release: ${changeOf(member)}.`] : []),
    `${HARMLESS[fall.kind]}, so Tidegate merges it at once.${isOfRelease && source !== undefined ? ` How it ends is told on #${source}.` : ""}`,
  ];
  return { title: fallTitle(member, fall, fellows), body: body.filter((part) => part !== undefined).join("\n\n") };
}

const BACK = "It only lowers a weight or gives something back";
const HARMLESS: Readonly<Record<Fall["kind"], string>> = {
  abort: BACK,
  lower: BACK,
  takeBack: BACK,
  toZero: BACK,
  rollback: BACK,
  adopt: "It moves no traffic: the state follows what the manifests say",
  retry: "It moves no traffic",
};

/** The pull request that proposes 0 for a weight without a release. Tidegate does not merge it by itself. */
export function offerPull(member: Member): PullText {
  const { state, target, manifest, edit } = member;
  const found = { kind: "orphan", weight: manifest.weight, what: "" } as const;
  const since =
    edit === undefined ? "" : ` It came with ${code(edit.commit.slice(0, 10))} by ${escaped(edit.by, LONGEST_NAME)}.`;
  const body = [
    `${manifest.weight}% of the traffic of ${state.service} in ${target} goes to the canary, and no release wants that.${since}`,
    waysOut(member, found),
    "Tidegate does not merge this by itself, and starts no release here meanwhile.",
  ];
  return { title: offerTitle(member), body: body.join("\n\n") };
}

/** One line that names a weight without a release: "checkout 25% → 0% · prod · a weight without a release". */
export function offerTitle(member: Member): string {
  return fallTitle(member, { kind: "toZero", by: "", from: member.manifest.weight });
}

function commandList(): string {
  return COMMANDS.map((verb) => `- \`${GRAMMAR[verb].usage}\`: ${GRAMMAR[verb].help}`).join("\n");
}
