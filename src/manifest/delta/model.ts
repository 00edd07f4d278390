import type { OtherChange } from "../images/others.ts";
import type { Member } from "../services/inventory.ts";
import type { Place } from "../services/model.ts";

/** A version that becomes another, or an image that becomes another one of the same version; `image` is the one after. */
export type Move = {
  readonly image: string | undefined;
  readonly imageFrom: string | undefined;
  readonly from: string;
  readonly to: string;
};

/** What a bump is to a service that reads its file: it runs the new version; another place says what it runs; or nothing in the repository tells. */
export type Effect = "runs" | "overruled" | "unclear";

/** A bump as one service gets it in one target; `set` is the line that says the version after the change. */
export type MemberBump = Member & Move & { readonly set: Place; readonly effect: Effect };

/** A bump in a file that no service is known to read. */
export type LooseBump = Move & { readonly set: Place };

/** A change that is no image's. `unread`: a file that cannot be read, in which anything may have changed. */
export type Besides = Place & {
  readonly kind: OtherChange["kind"] | "mode" | "unread" | "new-service" | "removed-service";
  readonly what: string;
};

/** What lies between two commits; `bump`: nothing but bumps, `mixed`: bumps and other changes, `none`: no bump. */
export type Delta = {
  readonly kind: "bump" | "mixed" | "none";
  readonly bumps: readonly MemberBump[];
  readonly loose: readonly LooseBump[];
  readonly besides: readonly Besides[];
};
