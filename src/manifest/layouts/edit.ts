import type { Result } from "../../core/result.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";

/** What a change is made of besides its intent. */
export type Material = {
  /** The member's files at the change's base, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The files whose pod templates are given back, at the commits that the change names; the same paths. */
  readonly older: { readonly canary?: string; readonly stable?: string };
};

/** One file of a change, and what is done to its text. */
export type Edit = { readonly path: string; readonly work: (file: TextFile) => Result<string, Refusal> };
