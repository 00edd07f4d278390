/** A request as a fault rule sees it. `route` is the pattern, e.g. `/repos/{owner}/{repo}/pulls/{number}/merge`. */
export type FaultRequest = {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly body: unknown;
};

/** What goes wrong with a request; `after` means that its effect has happened and only the answer is lost or false. */
export type Fault =
  | {
      readonly kind: "respond";
      readonly when: "before" | "after";
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** `meanwhile` is awaited before the connection is cut: what else goes wrong at that moment. */
  | { readonly kind: "drop"; readonly when: "before" | "after"; readonly meanwhile?: () => Promise<void> }
  | { readonly kind: "delay"; readonly ms: number };

/** Asked before each request's effect; what it awaits happens first, so a rule may also change the world. */
export type FaultHook = (request: FaultRequest) => Fault | undefined | Promise<Fault | undefined>;
