import { leafOf } from "./action.ts";
import type { Change } from "./change.ts";
import { divergence } from "./divergence.ts";
import { toZero } from "./landing.ts";
import type { Sha } from "./names.ts";
import { nextStep, proposalOf } from "./proposal.ts";
import type { Member } from "./snapshot.ts";

/** The last part of the branch that a member's open pull request is to have; undefined where it is to have none. */
export function wantedLeaf(member: Member): string | undefined {
  if (divergence(member)?.kind === "orphan") return TO_ZERO;
  const step = nextStep(member);
  return step && leafOf(step);
}

/** What that pull request is to change. */
export function wantedChange(member: Member, base: Sha): Change | undefined {
  return divergence(member)?.kind === "orphan" ? toZero(member, base) : proposalOf(member, base);
}

export const TO_ZERO = "to-zero";
