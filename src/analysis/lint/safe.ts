import { readCondition } from "../expr/condition.ts";
import type { Asked, Safe } from "./finding.ts";
import { passes, phasesFor, type Shape } from "./probes.ts";

/** Two conditions that are neither true without data, so that Argo finds it Inconclusive; undefined where they would not hold what they promise. */
export function safeForm(asked: Asked, shape: Shape): Safe | undefined {
  const safe = shape.guard === undefined ? undefined : guarded(asked, shape.guard);
  return safe !== undefined && keepsPromise(safe, asked, shape) ? safe : undefined;
}

type Both = { readonly successCondition: string; readonly failureCondition: string };

function guarded({ success, failure }: Asked, guard: string): Both | undefined {
  const [pass, fail] = [success?.text ?? `!(${failure?.text ?? ""})`, failure?.text ?? `!(${success?.text ?? ""})`];
  if (success === undefined && failure === undefined) return undefined;
  return { successCondition: `${guard} && (${pass})`, failureCondition: `${guard} && (${fail})` };
}

/** With data the phase is what it was; without, it is no pass. */
function keepsPromise(safe: Both, asked: Asked, { data, nothing, nan }: Shape): boolean {
  const [success, failure] = [readCondition(safe.successCondition), readCondition(safe.failureCondition)];
  if (success.kind === "err" || failure.kind === "err") return false;
  const written = { success: success.value, failure: failure.value };
  const before = phasesFor(asked, data).map(({ phase }) => phase);
  const isSame = phasesFor(written, data).every(({ phase }, index) => phase === before[index]);
  return isSame && !passes(written, [...nothing, ...nan]);
}
