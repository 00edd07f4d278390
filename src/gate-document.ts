import { instantText } from "./config/instant.ts";
import type { Asked } from "./config/gate-file.ts";
import { NO_EVIDENCE } from "./core/gate/evidence.ts";
import { explainAlone } from "./core/gate/explain-alone.ts";
import { explain } from "./core/gate/explain.ts";
import { aloneQuestionOf, questionOf } from "./core/question.ts";
import type { Member } from "./core/snapshot.ts";
import type { Stage } from "./core/stage.ts";
import type { Window } from "./core/window.ts";
import { verdictIn } from "./render/record.ts";

/** What the error gate was asked of a member; nothing where its errors are not judged as it stands. */
export function askedOf(member: Member, stage: Stage): readonly Asked[] {
  const verdict = verdictIn(stage);
  const place = { service: member.state.service, target: member.target };
  const ruling = verdict?.rulings.find(({ gate }) => gate === "errors");
  if (ruling?.gate === "errors") return [{ ...place, kind: "compare", question: questionOf(member, ruling) }];
  const health = verdict?.health;
  return health === undefined ? [] : [{ ...place, kind: "alone", question: aloneQuestionOf(member, health) }];
}

/** The question as a file of windows, and every term of the answer: what `--windows` reads again. */
export function documentOf(asked: Asked): unknown {
  const place = { version: 1, service: asked.service, target: asked.target };
  if (asked.kind === "alone") {
    const { arm, settings, windows, isProof } = asked.question;
    const against = isProof ? "proof" : "limit";
    const explanation = explainAlone(asked.question);
    return { ...place, suspect: arm, against, settings, windows: windows.map((one) => written(0, one)), explanation };
  }
  const { suspect, before, steps, settings } = asked.question;
  return {
    ...place,
    suspect,
    against: "other",
    settings,
    before: before === NO_EVIDENCE || suspect === "stable" ? undefined : before,
    windows: steps.flatMap(({ step, windows }) => windows.map((window) => written(step, window))),
    explanation: explain(asked.question),
  };
}

function written(step: number, { start, end, counts: { canary, stable } }: Window): unknown {
  return { step, start: instantText(start), end: instantText(end), canary: canary ?? null, stable: stable ?? null };
}
