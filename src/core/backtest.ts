import type { Manifest } from "./manifest.ts";
import type { Name } from "./names.ts";
import type { Policy } from "./plan.ts";
import type { TargetState } from "./state.ts";

/** A service in a target, as far as a back-test needs it: it may be one that is not opted in yet. */
export type Backtested = {
  readonly state: { readonly service: Name };
  readonly target: Name;
  readonly at: TargetState;
  readonly manifest: Manifest;
  readonly policy: Policy;
};

/** What a back-test is an answer to: a comment by its number, or the words of the pull request that opts a service in; `wish` is what that was made for. */
export type BacktestOf =
  | { readonly kind: "comment"; readonly id: number }
  | { readonly kind: "opt-in"; readonly pull: number; readonly wish: string };
