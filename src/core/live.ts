import { copied } from "./copied.ts";
import type { EvidenceKind } from "./plan.ts";
import { podsSince, podsUnseen, type Wanted } from "./pods-unseen.ts";
import type { Report, Reported } from "./report.ts";
import { requestsIn, shiftOf, tellsShare, type Shift, type Split } from "./shift.ts";
import { unreachable } from "./unreachable.ts";
import { toldLive, unshownOf, type Unshown } from "./unshown.ts";
import { NO_WEIGHT } from "./weight.ts";
import type { Phase, Window } from "./window.ts";

/** What a landed change must look like in the cluster. */
export type Expected = {
  /** Shares in per cent, before and now. */
  readonly from: number;
  readonly weight: number;
  /** Pods that the canary must have ready, on `canaryImage`; with 0 it must have none left. Undefined on a way back, which a broken canary must not stop. */
  readonly canaryReplicas: number | undefined;
  /** Its pods come when they are asked: with 0 replicas none need be there, and those that are must be on `canaryImage`, one of them ready. */
  readonly mayBeIdle?: true | undefined;
  readonly canaryImage: string;
  /** Stable must run nothing but this image, with this many ready; undefined where the change does not touch stable. */
  readonly stable: { readonly image: string; readonly replicas: number } | undefined;
  /** What the target's steps are judged on, and so how much traffic there is to see a share in. */
  readonly evidence: EvidenceKind;
  /** Testers go to the canary, and nobody else. */
  readonly testers?: true | undefined;
  /** Copies of so many per cent of the requests go to the canary, and no request does. */
  readonly mirror?: number | undefined;
  /** From when on the change counts as live where nothing shows it, milliseconds; undefined where it must be seen. */
  readonly assumedFrom: number | undefined;
  /** What the tool that delivers has reported of the change, where its word counts for what nothing shows; undefined where it does not. */
  readonly reported?: Reported | undefined;
  /** How long after its word, milliseconds; at once where nothing is said. */
  readonly afterReportMs?: number | undefined;
};

/** Why a change is not seen live yet. Shares are fractions of 1. */
export type Unseen =
  | { readonly kind: "noWindow" }
  | { readonly kind: "noCounts" }
  | { readonly kind: "noPods"; readonly arm: "canary" | "stable" }
  | {
      readonly kind: "share";
      readonly observed: number;
      readonly wanted: number;
      readonly requests: number;
      readonly split: Split;
    }
  | { readonly kind: "draining"; readonly requests: number }
  /** No copy of a request is counted for the canary; `requests` are those of stable, of which copies are to be sent. */
  | { readonly kind: "copies"; readonly requests: number }
  | {
      readonly kind: "pods";
      readonly arm: "canary" | "stable";
      readonly ready: number;
      readonly wanted: number;
      readonly image: string;
    }
  | { readonly kind: "leaving"; readonly arm: "canary" | "stable"; readonly pods: number }
  /** Requests were answered by another version, whatever the pods say. */
  | { readonly kind: "version"; readonly arm: "canary" | "stable"; readonly answered: string; readonly wanted: string }
  /** Nothing shows the change; it counts as live from `from` on, milliseconds. */
  | { readonly kind: "assuming"; readonly from: number }
  /** Nothing shows the change, and the tool that delivers has not said that it runs: it said that it failed, nothing, or nobody knows for a `problem`. */
  | { readonly kind: "unreported"; readonly failed: Report | undefined; readonly problem: string | undefined }
  /** The pods of both versions bear one name and run one image. */
  | { readonly kind: "alike" }
  /** What the Argo Rollouts controller says of the Rollout speaks against it; `wanted` is what it should come to, where it may still. */
  | { readonly kind: "controller"; readonly phase: Phase; readonly wanted: Phase | undefined };

/** In what a change was seen. */
export type SeenIn =
  /** The canary's share of the requests. */
  | "share"
  /** That the canary was sent no request. */
  | "quiet"
  /** That it was sent copies of requests. */
  | "copies"
  /** Versions and ready replicas alone. */
  | "pods"
  /** What the Argo Rollouts controller says of the Rollout, alone. */
  | "controller"
  /** The word of the tool that delivers, or, with a share, that and the share. */
  | "reported"
  /** Nothing, or, with a share, nothing but that: the rest is assumed. */
  | "assumed";

/** `since` is the start of the first window that shows the change, milliseconds; `phase` what the Argo Rollouts controller says beside it, where it says anything. */
export type Liveness =
  | {
      readonly kind: "live";
      readonly since: number;
      readonly by: SeenIn;
      readonly share: number | undefined;
      readonly deviates: boolean;
      readonly phase?: Phase | undefined;
      /** On whose word, where it is `reported`. */
      readonly report?: Report | undefined;
    }
  | { readonly kind: "unseen"; readonly why: Unseen };

const QUIET_WINDOWS = 2;

/**
 * Whether a change that landed is what runs, by the windows that began after it landed, oldest first.
 * A share: it has passed the midpoint between old and new with evidence 1/ALPHA, counted from where it last looked unmoved, and lies within BAND since then,
 * or since it came right again after somebody had moved it.
 * Weight 0: no canary request in two whole windows. Versions and replicas: as the last window's pods say.
 * Where nothing is compared, the pods must have been so without a break, and where requests are too few or not counted, they alone show the change.
 */
export function livenessOf(expected: Expected, all: readonly Window[]): Liveness {
  const windows = expected.evidence === "compare" ? all : unbroken(all);
  const unshown = unshownOf(expected);
  return unshown === undefined ? shown(expected, windows) : shownOrTold(expected, unshown, windows);
}

function shown(expected: Wanted, windows: readonly Window[]): Liveness {
  const last = windows.at(-1);
  if (last === undefined) return unseen({ kind: "noWindow" });
  const pods = podsUnseen(expected, last);
  if (pods !== undefined) return unseen(pods);
  const since = podsSince(expected, windows);
  const { from, weight: to, testers, mirror } = expected;
  // How many testers there are nobody knows: a share says nothing of them.
  if ((from === to && to > 0) || testers === true) return live(since, "pods");
  if (mirror !== undefined) return copied(expected, windows, since);
  if (to === 0) return quiet(expected, windows, since);
  return shifted(expected, windows, since);
}

/**
 * What can be seen must be as expected all the same. Pods of which nothing was known since the change, and requests of which none was counted,
 * are taken to be so from the time on that counts for them.
 */
function shownOrTold(expected: Expected, unshown: Unshown, windows: readonly Window[]): Liveness {
  const isBlind = windows.every(({ pods }) => pods.canary === undefined && pods.stable === undefined);
  const isMute = !showsTraffic(expected, windows);
  if (windows.length === 0 || !(isBlind || isMute)) return shown(expected, windows);
  const rest: Wanted = { ...expected, isBlind };
  const seen = shown(isMute ? { ...rest, ...WITHOUT_MOVE } : rest, windows);
  if (seen.kind === "unseen") return seen;
  const { share, deviates } = seen;
  const told = toldLive(unshown, windows, seen.since);
  return told.kind === "live" ? { ...told, share, deviates } : told;
}

/** Any weight: a change from it to itself is seen in pods alone. */
const WITHOUT_MOVE = { from: 1, weight: 1, mirror: undefined };

/** Whether requests show what they are to show: a share, where it changes, or that there are none to the canary. */
function showsTraffic({ from, weight: to }: Expected, windows: readonly Window[]): boolean {
  if (to === NO_WEIGHT) return windows.some(({ counts }) => counts.canary !== undefined);
  return to === from || requestsIn(windows) > 0;
}

function shifted(expected: Expected, windows: readonly Window[], podsAsExpected: number): Liveness {
  switch (expected.evidence) {
    case "compare":
      return moved(expected, windows);
    case "health":
      return movedAsFarAsTold(expected, windows, podsAsExpected);
    case "bake":
      return live(podsAsExpected, "pods");
    default:
      return unreachable(expected.evidence);
  }
}

function live(since: number, by: SeenIn): Liveness {
  return { kind: "live", since, by, share: undefined, deviates: false };
}

/** The windows after the last one that is missing: what nobody has read shows nothing. */
function unbroken(windows: readonly Window[]): readonly Window[] {
  const hole = windows.findLastIndex(({ start }, index) => start !== (windows[index - 1]?.end ?? start));
  return windows.slice(Math.max(0, hole));
}

function unseen(why: Unseen): Liveness {
  return { kind: "unseen", why };
}

function quiet({ evidence }: Expected, windows: readonly Window[], podsAsExpected: number): Liveness {
  const tail = windows.slice(-QUIET_WINDOWS);
  const requests = tail.reduce((sum, { counts }) => sum + (counts.canary?.requests ?? 0), 0);
  if (requests > 0) return unseen({ kind: "draining", requests });
  if (tail.length < QUIET_WINDOWS) return unseen({ kind: "noWindow" });
  const isCounted = tail.every(({ counts }) => counts.canary !== undefined);
  if (!isCounted && evidence === "compare") return unseen({ kind: "noCounts" });
  const isQuiet = evidence === "compare" ? isCountedQuiet : isToldQuiet;
  if (!tail.every(isQuiet)) return unseen({ kind: "noPods", arm: "canary" });
  const busy = windows.findLastIndex((window) => !isQuiet(window));
  return live(Math.max(podsAsExpected, windows[busy + 1]?.start ?? 0), isCounted ? "quiet" : "pods");
}

function isCountedQuiet({ counts }: Window): boolean {
  return counts.canary?.requests === 0;
}

/** Where no request may be counted at all, a provider that knows the pods and no request of theirs says so. */
function isToldQuiet({ counts, pods }: Window): boolean {
  return counts.canary === undefined ? pods.canary !== undefined : counts.canary.requests === 0;
}

function moved(expected: Expected, windows: readonly Window[]): Liveness {
  const shift = shiftOf(expected, windows);
  switch (shift.kind) {
    case "moved":
      return { kind: "live", since: shift.since, by: "share", share: shift.share, deviates: shift.deviates };
    case "unmoved":
      return unseen(movedElsewhere(shift));
    case "uncounted":
      return unseen({ kind: "noCounts" });
    default:
      return unreachable(shift);
  }
}

function movedElsewhere({ share, ...rest }: Extract<Shift, { readonly kind: "unmoved" }>): Unseen {
  return { ...rest, kind: "share", observed: share };
}

/** The share, where there are requests enough to tell it; with fewer, the pods alone. */
function movedAsFarAsTold(expected: Expected, windows: readonly Window[], podsAsExpected: number): Liveness {
  const counted = windows.filter(({ counts }) => counts.canary !== undefined && counts.stable !== undefined);
  const seen = moved(expected, counted);
  if (seen.kind === "live") return { ...seen, since: Math.max(seen.since, podsAsExpected) };
  return tellsShare(expected, counted) ? seen : live(podsAsExpected, "pods");
}
