/** A request as a fault rule sees it. `route` is the pattern, e.g. `/repos/{owner}/{repo}/pulls/{number}/merge`. */
export type FaultRequest = {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  /** By which of its names the caller called the sandbox, with the port; callers that use different ones can be told apart. */
  readonly host: string;
  readonly body: unknown;
  /** The address, with its query, was answered with 200 before while there was a fault rule: a stale answer to it can be given. */
  readonly isRemembered: boolean;
};

/** A refusal in place of the answer. */
export type Refusal = {
  readonly kind: "respond";
  readonly when: "before" | "after";
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The page that `documentation_url` points to. */
  readonly docs?: string;
  /** The primary limit: nothing remains, until this many milliseconds from now. */
  readonly exhaustedMs?: number;
};

/** What goes wrong with an answer after the request was served. On git's routes the connection is cut instead, or nothing happens where that would be no read of a list. */
export type Distortion =
  /** The length of the whole body is announced, and the connection is cut in the middle of it. */
  | { readonly kind: "breakOff" }
  /** A list's page lacks its last items, and nothing says so. */
  | { readonly kind: "loseItems"; readonly count: number }
  /** A GET is answered as it was when its address was last read without a fault; as it is, where it never was. */
  | { readonly kind: "stale" };

/** What goes wrong with a request; `after` means that its effect has happened and only the answer is lost or false. */
export type Fault =
  | Refusal
  | Distortion
  /** `meanwhile` is awaited before the connection is cut: what else goes wrong at that moment. */
  | { readonly kind: "drop"; readonly when: "before" | "after"; readonly meanwhile?: () => Promise<void> }
  | { readonly kind: "delay"; readonly ms: number }
  /** GitHub does not get round to working out whether a pull request can be merged: reading it gives null, and merging it is refused with 405. */
  | { readonly kind: "mergeableNull" };

/** Asked before each request's effect; what it awaits happens first, so a rule may also change the world. */
export type FaultHook = (request: FaultRequest) => Fault | undefined | Promise<Fault | undefined>;
