import { leafOf, type Action, type Fall } from "../core/action.ts";
import type { Change } from "../core/change.ts";
import { versionOf } from "../core/image.ts";
import type { Step } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import type { Verdict } from "../core/verdict.ts";
import { numbersOf } from "./evidence.ts";
import { fallEffect, fallReason, fallTitle, givesBack } from "./fall.ts";
import { plain } from "./markdown.ts";
import { effectOf, releaseOf, stepTitle, weightBefore } from "./step.ts";

/** A commit's message; `body` ends with its trailers. Plain text. */
export type Message = { readonly title: string; readonly body: string };

/** The message of a step's commit: of base, state and plan alone, so that the same step is the same commit. */
export function stepMessage(member: Member, step: Step, { state }: Change): Message {
  const said = state.targets.get(member.target)?.release?.override;
  const hold = state.holds.find(({ target }) => target === member.target);
  return message(
    stepTitle(member, step),
    [sentenceOf(member, step), factsOf(member, step)],
    [
      ...trailersOf(member),
      ["Step", leafOf(step)],
      ["Override", said && plain(said.by)],
      ["Hold", hold && plain(hold.by)],
    ],
  );
}

/** The message of a step as it lands: what moved, and on whose word. */
export function mergeMessage(action: Extract<Action, { readonly kind: "merge" }>): Message {
  const { member, step, number, override } = action;
  return message(
    `${stepTitle(member, step)} (#${number})`,
    [sentenceOf(member, step), factsOf(member, step), wordOf(action)],
    [...trailersOf(member), ["Step", leafOf(step)], ["Override", override && plain(override.by)]],
  );
}

/** The message of a commit on the way back: why, what it does, and the verdict's numbers where a gate failed. */
export function fallMessage(member: Member, fall: Fall): Message {
  const { image } = releaseOf(member);
  const blocks = givesBack(member, fall.aborting)
    ? `${versionOf(image)} does not start again by itself; a newer version does.`
    : undefined;
  return message(
    fallTitle(member, fall),
    [fallReason(member, fall), fallEffect(member, fall), blocks],
    [...trailersOf(member), ["Fall", FALL[fall.kind]], ["Abort", fall.aborting.by]],
  );
}

const FALL: Readonly<Record<Fall["kind"], string>> = { abort: "abort", lower: "lower", takeBack: "take-back" };

type Trailer = readonly [key: string, value: string | undefined];

function message(title: string, paragraphs: readonly (string | undefined)[], trailers: readonly Trailer[]): Message {
  const lines = trailers.filter(([, value]) => value !== undefined).map(([key, value]) => `Tidegate-${key}: ${value}`);
  return { title, body: [...paragraphs.filter((paragraph) => paragraph !== undefined), lines.join("\n")].join("\n\n") };
}

function trailersOf({ state, target }: Member): readonly Trailer[] {
  return [
    ["Service", state.service],
    ["Target", target],
  ];
}

function sentenceOf(member: Member, step: Step): string {
  const effect = effectOf(member, step);
  return `${effect.charAt(0).toUpperCase()}${effect.slice(1)}.`;
}

function factsOf(member: Member, step: Step): string {
  const { image, from, source } = releaseOf(member);
  const weights = `Weight ${weightBefore(member.plan, step)}% → ${step.weight}%, canary replicas ${member.manifest.canary.replicas} → ${step.replicas}.`;
  const origin = source === undefined ? "" : `, from #${source}`;
  return `${weights}\nImage ${from === image ? `${image} with a new pod template` : `${from} → ${image}`}${origin}.`;
}

function wordOf({ member, verdict, override }: Extract<Action, { readonly kind: "merge" }>): string {
  const numbers = verdict && numbersOf(verdict, member);
  if (override !== undefined) return `Overridden by ${plain(override.by)}${gateSaid(verdict, numbers)}.`;
  return `Passed: ${numbers ?? "what is committed is seen live"}.`;
}

function gateSaid(verdict: Verdict | undefined, numbers: string | undefined): string {
  if (verdict === undefined) return "";
  const word = verdict.kind === "wait" ? "was still waiting" : "had passed";
  return `; the gate ${word}${numbers === undefined ? "" : `: ${numbers}`}`;
}
