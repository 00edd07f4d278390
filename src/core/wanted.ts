import { branchOf, leafOf, stepBranchOf } from "./action.ts";
import type { Change } from "./change.ts";
import { divergence } from "./divergence.ts";
import { toZero } from "./landing.ts";
import type { Sha } from "./names.ts";
import { nextStep, proposalOf, saidOf } from "./proposal.ts";
import { setProposalOf } from "./sets.ts";
import type { Member } from "./snapshot.ts";

/** The branch that a member's open pull request is to have; undefined where it is to have none. */
export function wantedBranch(member: Member): string | undefined {
  if (divergence(member)?.kind === "orphan") return branchOf(member, TO_ZERO);
  const step = nextStep(member);
  return step && stepBranchOf(member, leafOf(step));
}

/** What a pull request is to change that these members have open together. */
export function wantedChange(members: readonly Member[], base: Sha): Change | undefined {
  const [first] = members;
  if (first === undefined) return undefined;
  if (divergence(first)?.kind === "orphan") return toZero(first, base);
  if (members.length === 1) return proposalOf(first, base);
  const moves = first.pull?.moves ?? [];
  return setProposalOf(
    members.map((member) => ({ member, said: saidOf(member), isMoving: moves.includes(member.target) })),
    base,
  );
}

export const TO_ZERO = "to-zero";
