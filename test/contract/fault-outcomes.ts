import type { ForgeFault } from "../../src/adapters/github/error.ts";
import { unreachable } from "../../src/core/unreachable.ts";
import type { ForgeReader, ForgeWriter, MergeOutcome } from "../../src/ports/forge.ts";
import type { FaultName } from "../../src/sandbox/github/fault-catalogue.ts";

export type ReaderCall = keyof ForgeReader;
export type WriterCall = keyof ForgeWriter;
export type ForgeCall = ReaderCall | WriterCall;

/**
 * What a caller of the port sees of a call that met a fault once, and whether the call had its effect. Of a value: `truth`, what it would have been without the fault;
 * `least`, what counts where GitHub does not say (no access, no team, no rules and a bypass unknown, nothing that waits for an answer); `old`, the truth of a moment ago.
 */
export type Seen = { readonly happened: boolean } & (
  | { readonly kind: "value"; readonly said: "truth" | "least" | "old" }
  | { readonly kind: "throws"; readonly fault: ForgeFault }
  | { readonly kind: "outcome"; readonly outcome: MergeOutcome["kind"] }
);

export const READERS: readonly ReaderCall[] = [
  "repository",
  "openPulls",
  "pullsOf",
  "closedPulls",
  "closedBy",
  "mergedBy",
  "rules",
  "check",
  "comments",
  "answered",
  "standing",
  "inTeam",
];

export const WRITERS: readonly WriterCall[] = [
  "openPull",
  "mergePull",
  "closePull",
  "rewordPull",
  "report",
  "say",
  "react",
  "noteAsked",
];

/** What is seen of a call that meets a fault at its write, or, where the fault is of reads, at its first read; undefined where it cannot meet it. */
export function seenAs(call: ForgeCall, fault: FaultName): Seen | undefined {
  switch (fault) {
    case "primaryLimit":
      return refused(call, "throttled");
    case "expiredToken":
      return done(call);
    case "secondaryLimit":
    case "secondaryLimitBare":
    case "tooMany":
    case "tooManyBare":
      return heldBack(call);
    case "contentLimit":
      return isWriter(call) ? heldBack(call) : undefined;
    case "errorAfter":
    case "timeoutAfter":
      return isWriter(call) ? done(call) : undefined;
    case "forbidden":
      return refused(call, "forbidden");
    case "renamed":
      return refused(call, "gone");
    case "notMergeable":
      return call === "mergePull" ? merge("refused") : undefined;
    case "baseModified":
      return call === "mergePull" ? merge("unknown") : undefined;
    case "mergeableNull":
      return call === "mergePull" ? merge("unknown") : undefined;
    case "conflict":
      return isWriter(call) ? (call === "mergePull" ? merge("moved") : thrown("conflict")) : undefined;
    case "unprocessable":
      return isWriter(call) ? (call === "mergePull" ? merge("refused") : thrown("invalid")) : undefined;
    case "errorBefore":
    case "unavailable":
    case "timeoutBefore":
      return unanswered(call);
    case "truncatedList":
      return WRITES_ALONE.has(call) ? undefined : done(call);
    case "staleRead":
      return WRITES_ALONE.has(call) ? undefined : stale(call);
    case "graphqlErrors":
      return undefined;
    default:
      return unreachable(fault);
  }
}

/** These read nothing unless their write has failed. */
const WRITES_ALONE: ReadonlySet<ForgeCall> = new Set<ForgeCall>(["openPull", "closePull", "rewordPull", "react"]);

/** These give what counts where GitHub does not say, instead of failing. */
const CLOSED: Readonly<Record<"throttled" | "forbidden" | "gone", ReadonlySet<ForgeCall>>> = {
  throttled: new Set<ForgeCall>(),
  forbidden: new Set<ForgeCall>(["standing", "inTeam", "rules"]),
  gone: new Set<ForgeCall>(["standing", "inTeam", "rules", "answered", "react"]),
};

function isWriter(call: ForgeCall): call is WriterCall {
  return WRITERS.some((writer) => writer === call);
}

function done(call: ForgeCall): Seen {
  if (call === "mergePull") return { kind: "outcome", outcome: "merged", happened: true };
  return { kind: "value", said: "truth", happened: isWriter(call) };
}

function refused(call: ForgeCall, fault: "throttled" | "forbidden" | "gone"): Seen {
  if (CLOSED[fault].has(call)) return { kind: "value", said: "least", happened: false };
  return call === "mergePull" && fault !== "throttled" ? merge("refused") : thrown(fault);
}

/** For a minute: a read waits for it, and so does what nobody would write again; another write leaves it to a later look. */
function heldBack(call: ForgeCall): Seen {
  return isWriter(call) && call !== "noteAsked" ? refused(call, "throttled") : done(call);
}

/** A read is tried again; a write has one try, and a look tells that it did nothing. */
function unanswered(call: ForgeCall): Seen {
  if (!isWriter(call)) return done(call);
  return call === "mergePull" ? merge("unknown") : thrown("transient");
}

function stale(call: ForgeCall): Seen {
  return isWriter(call) ? done(call) : { kind: "value", said: "old", happened: false };
}

function merge(outcome: MergeOutcome["kind"]): Seen {
  return { kind: "outcome", outcome, happened: false };
}

function thrown(fault: ForgeFault): Seen {
  return { kind: "throws", fault, happened: false };
}
