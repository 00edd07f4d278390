import type { Blob } from "./git.ts";

/** What a configuration is laid over: nothing, the shared file of a repository, or one that should be there and cannot be read. */
export type Base =
  | { readonly kind: "none" }
  /** `now`: the file at the default branch's head; `before`: its earlier versions, newest first. */
  | { readonly kind: "read"; readonly repo: string; readonly now: Blob | undefined; readonly before: readonly Blob[] }
  /** `why`: a sentence's end. */
  | { readonly kind: "unread"; readonly repo: string; readonly why: string };

/** Tells what a repository's configuration is laid over. `named`: what it says that it extends. Never throws. */
export type BaseOf = (named: string | undefined) => Promise<Base>;
