/** Where a comment is written: the open step (else the bump's pull request), the bump's, or the newest of ours, open or not. */
export type Place = "step" | "bump" | "last";

export type StepDeed =
  | "close"
  | "reopen"
  | "draft"
  | "ready"
  | "retitle"
  | "retarget"
  | "push"
  | "unpush"
  | "update"
  | "delete"
  | "merge";

/** How a version comes: by a pull request, pushed to the tracked branch, or in a pull request with other changes of the pod and beside it. */
export type Bumping = "pull" | "push" | "mixed";

/** What people do, and when (milliseconds since the story's beginning); all the rest follows. */
export type Event = {
  readonly at: number;
  /** Stands or falls with the others of that name; "always" is left out of no story. */
  readonly with?: string;
} & (
  | {
      readonly kind: "bump";
      readonly service: string;
      readonly tag: string;
      /** The places that it reaches, where the service has several. */
      readonly places?: readonly string[];
      readonly how: Bumping;
      /** How long its pull request stays open, milliseconds; "green": until tidegate/plan has passed. */
      readonly open: number | "green";
      readonly labels?: readonly string[];
    }
  /** The newest bump's change of the canary's file taken back, as GitHub's Revert button does. */
  | { readonly kind: "revert"; readonly service: string }
  /** Another change of the canary's pod template, without another image. */
  | { readonly kind: "amend"; readonly service: string }
  | {
      readonly kind: "comment";
      readonly service: string;
      readonly author: string;
      readonly body: string;
      readonly on: Place;
      /** What becomes of it a little later. */
      readonly later?: "edited" | "deleted";
    }
  /** A press of a button of the step's check. */
  | { readonly kind: "press"; readonly service: string; readonly by: string; readonly verb: string }
  | { readonly kind: "step"; readonly service: string; readonly deed: StepDeed; readonly by: string }
  /** The canary's weight written into the route by hand; "back": to what the state says; "down": to the plan's weight below, as soon as there is one. */
  | { readonly kind: "weigh"; readonly service: string; readonly to: number | "back" | "down" }
  /** The image of stable written by hand; "back": to what the state says. */
  | { readonly kind: "stable"; readonly service: string; readonly to: string }
  /** "hold": a hold is written into it, as soon as a release is under way. */
  | { readonly kind: "state"; readonly service: string; readonly deed: "garble" | "delete" | "mend" | "hold" }
  /** "steps": the plan's weights are changed. */
  | { readonly kind: "config"; readonly deed: "garble" | "steps" | "mend" }
  | { readonly kind: "trunk"; readonly deed: "rename" | "dropBump"; readonly service: string }
  | { readonly kind: "unrelated" }
);

/** An event in a few words, for a trace. */
export function wordsOf(event: Event): string {
  switch (event.kind) {
    case "bump":
      return `bump of ${event.service} to ${event.tag} (${event.how}${event.labels === undefined ? "" : `, ${event.labels.join()}`})`;
    case "comment":
      return `${event.author} writes ${JSON.stringify(event.body)} on the ${event.on} of ${event.service}${event.later === undefined ? "" : `, later ${event.later}`}`;
    case "press":
      return `${event.by} presses ${event.verb} on the step of ${event.service}`;
    case "step":
      return `${event.by}: ${event.deed} the step of ${event.service}`;
    case "weigh":
      return `the route of ${event.service} by hand: ${event.to}`;
    case "stable":
      return `stable of ${event.service} by hand: ${event.to}`;
    case "state":
      return event.deed === "hold"
        ? `${event.service} is to be held in its state file`
        : `${event.deed} the state file of ${event.service}`;
    case "config":
      return `${event.deed} the configuration`;
    case "trunk":
      return event.deed === "rename"
        ? "the tracked branch is renamed"
        : `the bump of ${event.service} is forced off the tracked branch`;
    case "unrelated":
      return "something else lands";
    default:
      return `${event.kind} of ${event.service}`;
  }
}
