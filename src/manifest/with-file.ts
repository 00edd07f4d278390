import { err, type Result } from "../core/result.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";

/** `work` on a file of the member, or the refusal that there is none. */
export function withFile<T>(
  texts: ReadonlyMap<string, string>,
  path: string,
  work: (file: TextFile) => Result<T, Refusal>,
): Result<T, Refusal> {
  const text = texts.get(path);
  if (text !== undefined) return work({ path, text });
  return err({ path, line: 1, found: "no file", why: "the service's state says that it is one of its manifests" });
}
