import { refused } from "../refused.ts";
import type { Refused } from "../model.ts";

/** Of a claim of which nobody knows what it replaced: claimed by hand, or by an earlier version. */
export function unrecorded(target: string, path: string): Refused {
  const refusal = { path, line: 1, found: "a claim without what was there before", why: "nobody has recorded it" };
  return refused("edited", target, refusal, WRITE_IT);
}

const WRITE_IT = "write it into the claim as was, as it stood in the file; empty where nothing did";
