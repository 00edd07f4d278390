import type { Policy } from "../core/plan.ts";
import type { Reconfigured } from "../core/snapshot.ts";
import { code, table } from "./markdown.ts";
import { count, duration } from "./numbers.ts";
import { nameOf } from "./obstacle.ts";
import { waveName } from "./wave.ts";

/** What merging a configuration that can be used changes, for a title: plain text. */
export function reconfiguredTitle({ replanned }: Reconfigured): string {
  const otherwise = count(replanned.length, "member");
  return replanned.length === 0
    ? "This configuration can be used, and changes nothing for what is there"
    : `This configuration can be used: releases of ${otherwise} go otherwise once it is merged`;
}

const MOST_ROWS = 8;

/** Whose releases go otherwise, and how, as a table; nothing where none does. */
export function reconfiguredText({ replanned }: Reconfigured): readonly string[] {
  if (replanned.length === 0) return [];
  const shown = replanned.length > MOST_ROWS ? replanned.slice(0, MOST_ROWS - 1) : replanned;
  const rows = shown.map(({ member, policy }) => {
    const [now, then] = [member.policy, policy].map(goesBy);
    return [nameOf(member), now ?? "", then === now ? "the same, with other settings" : (then ?? "")];
  });
  const rest = replanned.length - shown.length;
  const more = rest === 0 ? [] : [[`and ${rest} more`, "", ""]];
  return [
    `Until this is merged, all goes by the configuration of the tracked branch. Then:`,
    table(["member", "now", "then"], [...rows, ...more]),
  ];
}

function goesBy({ wave, weights, bakeMs, evidence }: Policy): string {
  const steps = weights.map((weight) => `${weight}%`).join(" → ");
  const parts = [waveName(wave), steps, `${duration(bakeMs)} each`, code(`evidence: ${evidence}`)];
  return parts.filter((part) => part !== undefined).join(", ");
}
