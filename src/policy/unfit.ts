import type { Unfit } from "../core/policy.ts";
import { objections } from "../opt-in/judge.ts";
import type { Ground, Refused } from "../opt-in/model.ts";
import { overlayOf } from "../opt-in/overlay.ts";
import { refused } from "../opt-in/refused.ts";
import type { Addition } from "./additions.ts";

/** Why opting a service in would be refused in one of its targets, whichever template were asked for; undefined where nothing speaks against it. */
export function unfitOf(ground: Ground, { service, targets }: Addition): Unfit | undefined {
  for (const target of targets) {
    const overlay = overlayOf(ground, service, target);
    const against: readonly Refused[] =
      overlay.kind === "err"
        ? overlay.error
        : objections(overlay.value.made, overlay.value.deployment)
            // It is a slip, and no reason to be without a template.
            .filter(({ code }) => code !== "missing")
            .map(({ code, refusal }) => refused(code, target.name, refusal));
    const [first] = against;
    if (first !== undefined) {
      const { path, line, found, why, advice } = first;
      return { path, line, found, why, advice };
    }
  }
  return undefined;
}
