import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SHARED_PATH } from "../config/shared-config.ts";
import { UserError } from "../core/error.ts";
import { sha } from "../core/names.ts";
import type { BaseOf } from "../ports/shared.ts";

/** The text of what a configuration extends, by a checkout of that repository or the file in it. Throws a UserError where there is none. */
export function sharedTextAt(place: string): string {
  if (!existsSync(place)) throw new UserError(`There is no folder and no file ${place}.`);
  const path = statSync(place).isDirectory() ? join(place, SHARED_PATH) : place;
  if (!existsSync(path)) throw new UserError(`There is no ${path}.`);
  return readFileSync(path, "utf8");
}

/** What a configuration is laid over, as it lies there. */
export function baseAt(place: string): BaseOf {
  const text = sharedTextAt(place);
  const id = sha(createHash("sha1").update(text).digest("hex"));
  return async (named) => ({ kind: "read", repo: named ?? place, now: { id, text }, before: [] });
}
