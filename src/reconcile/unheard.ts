import type { Action } from "../core/action.ts";
import type { BranchRules } from "../ports/forge.ts";
import type { Sight } from "./look.ts";
import { freshMemory } from "./memory.ts";

/** Sight that asks GitHub nothing of what people say and do there: git and measurements alone tell what must be taken back. What is seen so is good for nothing else. */
export function withoutPeople(sight: Sight): Sight {
  const forge: Sight["forge"] = {
    ...sight.forge,
    openPulls: none,
    pullsOf: none,
    closedPulls: none,
    closedBy: nobody,
    mergedBy: nobody,
    rules: async () => NO_RULES,
    comments: none,
    reports: none,
  };
  return { ...sight, forge, memory: freshMemory(), hearing: "none" };
}

/** It takes weight or a version away, or looks again, and is decided by git and measurements alone. */
export function isSafeUnheard(action: Action): boolean {
  return action.kind === "wakeAt" || isFall(action);
}

function isFall(action: Action): boolean {
  return action.kind === "land" && WAYS_BACK.some((kind) => kind === action.fall.kind);
}

const WAYS_BACK = ["abort", "lower", "takeBack"] as const;

async function none(): Promise<readonly never[]> {
  return [];
}

async function nobody(): Promise<undefined> {
  return undefined;
}

const NO_RULES: BranchRules = {
  checks: [],
  approvals: 0,
  codeOwners: false,
  mergeQueue: false,
  signatures: false,
  linear: false,
  bypass: "unknown",
};
