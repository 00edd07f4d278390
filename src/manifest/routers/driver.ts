import type { Result } from "../../core/result.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { joining } from "./join.ts";
import { listRules, type ListKind } from "./list-kind.ts";
import type { RouteOf, Router } from "./router.ts";
import { ruleRouter } from "./split.ts";

/** A router of a kind of object, and how the canary comes into one that has stable alone. */
export type Driver = Router & { readonly entry: Entry };

/**
 * `beside`: the canary's backend stands beside stable's in one object. `join` adds it at weight 0 in every rule that sends to stable, and `leave` takes it away
 * again; at weight 0 that gives the very text from before. `object`: the canary has an object of its own, and `canaryOf` gives its text, made from stable's, at weight 0.
 */
export type Entry =
  | { readonly kind: "beside"; readonly join: TextEdit; readonly leave: TextEdit }
  | { readonly kind: "object"; readonly canaryOf: TextEdit };

type TextEdit = (file: TextFile, of: RouteOf) => Result<string, Refusal>;

/** The driver of a kind of object with lists of weighted backends. */
export function listDriver(kind: ListKind): Driver {
  const rules = listRules(kind);
  return { ...ruleRouter(rules), entry: { kind: "beside", ...joining(rules, kind) } };
}
