import { leafOf, type Action, type Fall, type Falling, type Moving } from "../core/action.ts";
import type { Change } from "../core/change.ts";
import type { Step } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import type { Override, Skip } from "../core/state.ts";
import type { Verdict } from "../core/verdict.ts";
import { LONGEST_NAME } from "./divergence.ts";
import { numbersOf } from "./evidence.ts";
import { fallBlocks, fallEffect, fallReason, fallTitle } from "./fall.ts";
import { plain } from "./markdown.ts";
import { offerTitle } from "./pull.ts";
import { effectOf, releaseOf, stepTitle, weightBefore } from "./step.ts";
import { wordText } from "./title.ts";

/** A commit's message; `body` ends with its trailers. Plain text. */
export type Message = { readonly title: string; readonly body: string };

/** The message of a step's commit: of base, state and plan alone, so that the same step is the same commit. `fellows`: others that it moves. */
export function stepMessage(member: Member, step: Step, { state }: Change, fellows: readonly Member[] = []): Message {
  const members = [member, ...fellows];
  const said = members.map(({ target }) => state.targets.get(target)?.release);
  const held = new Set(members.map(({ target }) => target));
  const holds = state.holds.filter(({ target }) => held.has(target));
  return message(
    stepTitle(member, step, fellows),
    eachOf(
      members,
      (of) => of.target,
      (of) => [sentenceOf(of, stepIn(of, step)), factsOf(of, stepIn(of, step))],
    ),
    [
      ...trailersOf(member, fellows),
      ["Step", leafOf(step)],
      ["Override", once(said.map((release) => release?.override && overrideText(release.override)))],
      ["Skip", once(said.map((release) => release && skipsText(release.skips)))],
      ["Hold", once(holds.map(({ by }) => plain(by)))],
    ],
  );
}

/** The message of a step as it lands: what moved, and on whose word. A step that landed without its `Merged` was merged by hand. */
export function mergeMessage(action: Extract<Action, { readonly kind: "merge" }>): Message {
  const { fellows = [], member, step, number } = action;
  const moving: readonly Moving[] = [action, ...fellows];
  const others = fellows.map((one) => one.member);
  return message(
    `${stepTitle(member, step, others)} (#${number})`,
    eachOf(moving, targetOf, (one) => [sentenceOf(one.member, one.step), factsOf(one.member, one.step), wordOf(one)]),
    [
      ...trailersOf(member, others),
      ["Step", leafOf(step)],
      ["Merged", once(moving.map(mergedOn))],
      ["Override", once(moving.map(({ override }) => override && overrideText(override)))],
      ["Skip", once(moving.map(({ skips }) => skipsText(skips)))],
    ],
  );
}

/** The message of a commit that is merged at once: why, what it does, and the verdict's numbers where a gate failed. `fellows`: others that it takes along. */
export function fallMessage(member: Member, fall: Fall, fellows: readonly Falling[] = []): Message {
  const falling: readonly Falling[] = [{ member, fall }, ...fellows];
  const said = (one: Falling) => [
    fallReason(one.member, one.fall),
    fallEffect(one.member, one.fall),
    fallBlocks(one.member, one.fall),
  ];
  return message(fallTitle(member, fall, fellows), eachOf(falling, targetOf, said), [
    ...trailersOf(
      member,
      fellows.map((one) => one.member),
    ),
    ["Fall", FALL[fall.kind]],
    ...wordTrailer(fall),
    ["Bump", fall.kind === "retry" ? fall.block.commit : undefined],
  ]);
}

function targetOf({ member }: { readonly member: Member }): string {
  return member.target;
}

/** What is said of each; of several, a paragraph each under the name of its target. */
function eachOf<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  said: (one: T) => readonly (string | undefined)[],
): readonly (string | undefined)[] {
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) return said(first);
  return all.map(
    (one) =>
      `${nameOf(one)}: ${said(one)
        .filter((words) => words !== undefined)
        .join("\n")}`,
  );
}

/** The same step in the plan of another member, which may have other pods. */
function stepIn({ plan }: Member, { index }: Step): Step {
  const step = plan.steps[index];
  if (step === undefined) throw new RangeError(`The plan has no step ${index}.`);
  return step;
}

function once(words: readonly (string | undefined)[]): string | undefined {
  const said = [...new Set(words.filter((word) => word !== undefined))];
  return said.length === 0 ? undefined : said.join("; ");
}

/** The message of the commit that sends a weight without a release to 0, when somebody merges it. */
export function offerMessage(member: Member): Message {
  const { manifest } = member;
  const fall = `${manifest.weight}% of the traffic goes to the canary, and no release wants that.`;
  return message(
    offerTitle(member),
    [fall, fallEffect(member, { kind: "toZero", by: "", from: manifest.weight })],
    [...trailersOf(member), ["Fall", FALL.toZero]],
  );
}

const FALL: Readonly<Record<Fall["kind"], string>> = {
  abort: "abort",
  lower: "lower",
  takeBack: "take-back",
  adopt: "adopt",
  toZero: "to-zero",
  retry: "retry",
  rollback: "rollback",
};

function wordTrailer(fall: Fall): readonly Trailer[] {
  return "aborting" in fall ? [["Abort", fall.aborting.by]] : [["By", plain(fall.by, LONGEST_NAME)]];
}

function mergedOn({ override, skips }: Moving): "gate" | "override" | "skip" {
  if (override !== undefined) return "override";
  return skips.length === 0 ? "gate" : "skip";
}

function overrideText({ by, reach }: Override): string {
  return `${plain(by)}${reach === "full" ? " (to the end of the release)" : ""}`;
}

function skipsText(skips: readonly Skip[]): string | undefined {
  if (skips.length === 0) return undefined;
  return skips.map(({ gate, by, reason }) => `${gate} by ${plain(by)}: ${plain(reason)}`).join("; ");
}

type Trailer = readonly [key: string, value: string | undefined];

function message(title: string, paragraphs: readonly (string | undefined)[], trailers: readonly Trailer[]): Message {
  const lines = trailers.filter(([, value]) => value !== undefined).map(([key, value]) => `Tidegate-${key}: ${value}`);
  return { title, body: [...paragraphs.filter((paragraph) => paragraph !== undefined), lines.join("\n")].join("\n\n") };
}

function trailersOf({ state, target }: Member, fellows: readonly Member[] = []): readonly Trailer[] {
  return [
    ["Service", state.service],
    ["Target", [target, ...fellows.map((fellow) => fellow.target)].join(", ")],
  ];
}

function sentenceOf(member: Member, step: Step): string {
  const effect = effectOf(member, step);
  return `${effect.charAt(0).toUpperCase()}${effect.slice(1)}.`;
}

function factsOf(member: Member, step: Step): string {
  const { image, from, source } = releaseOf(member);
  const replicas =
    step.replicas === undefined ? "" : `, canary replicas ${member.manifest.canary.replicas} → ${step.replicas}`;
  const weights = `Weight ${weightBefore(member.plan, step)}% → ${step.weight}%${replicas}.`;
  const origin = source === undefined ? "" : `, from #${source}`;
  return `${weights}\nImage ${from === image ? `${image} with a new pod template` : `${from} → ${image}`}${origin}.`;
}

function wordOf({ member, verdict, override, skips }: Moving): string {
  const numbers = verdict && numbersOf(verdict, member);
  const word = wordText({ override, skips });
  if (override !== undefined) return `${word}${gateSaid(verdict, numbers)}.`;
  if (skips.length > 0) return `${word}${numbers === undefined ? "" : `; seen all the same: ${numbers}`}.`;
  return `${word}: ${numbers ?? "what is committed is seen live"}.`;
}

function gateSaid(verdict: Verdict | undefined, numbers: string | undefined): string {
  if (verdict === undefined) return "";
  const word = verdict.kind === "wait" ? "was still waiting" : "had passed";
  return `; the gate ${word}${numbers === undefined ? "" : `: ${numbers}`}`;
}
