import type { Tree } from "../../yaml/tree.ts";
import type { Place } from "./ground.ts";
import type { KeyMeaning } from "./keys.ts";

/** A value and what its key says of it; `key` is as it is written, in a mapping, a path or a name. */
export type Said = KeyMeaning & { readonly key: string; readonly node: Tree; readonly place: Place };

/** What a value stands among: all that is said there, the key above, and the digest that belongs to it. */
export type Beside = { readonly said: readonly Said[]; readonly above: string; readonly digest?: Said | undefined };
