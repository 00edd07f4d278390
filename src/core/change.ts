import type { Version } from "./manifest.ts";
import type { Name, Sha } from "./names.ts";
import type { ServiceState } from "./state.ts";
import type { Weight } from "./weight.ts";

/**
 * One commit's worth of intent for one member, in the domain's words; manifest/change.ts turns it into text.
 * A part that is undefined is left byte for byte as it is. The state goes in the same commit, so that they cannot disagree.
 */
export type Change = {
  readonly service: Name;
  readonly target: Name;
  /** The commit whose files are edited and whose child the commit becomes. */
  readonly base: Sha;
  readonly weight: Weight | undefined;
  /** Testers go to the canary, and nobody else: the weight is 0. */
  readonly testers?: boolean | undefined;
  /** Copies of so many per cent of the requests go to the canary, and no request does: the weight is 0. */
  readonly mirror?: number | undefined;
  readonly canaryReplicas: number | undefined;
  /** Where stable's pod template comes from: the canary's at `base` (promotion), or stable's own at an older commit (abort). */
  readonly stableTemplate: { readonly kind: "fromCanary" } | AsAt | undefined;
  /** The canary's pod template as it was at an older commit, or as stable has it or had it then: the bump taken back, where what was aborted still stands. */
  readonly canaryTemplate:
    | ((AsAt | { readonly kind: "asStable" } | { readonly kind: "asStableAt"; readonly commit: Sha }) & {
        readonly aborted: Version;
      })
    | undefined;
  readonly state: ServiceState;
  /** Further members of the service in the same commit; their state is this one. */
  readonly also?: readonly Change[];
};

type AsAt = { readonly kind: "asAt"; readonly commit: Sha };
