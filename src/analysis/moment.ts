import { err, ok, type Result } from "../core/result.ts";
import { goDuration } from "./go-duration.ts";

const OFFSET = /([+-])\s*duration\(\s*(["'])([^"']*)\2\s*\)/g;

/**
 * How far from the time of a measurement an expression of time lies, milliseconds: `now() - duration("5m")` is -300000. Of Argo's expressions of time these are
 * the ones that a range is written with; whatever else there is, is refused.
 */
export function offsetOf(text: string): Result<number, string> {
  const rest = /^\s*now\(\)(.*)$/s.exec(text)?.[1];
  if (rest === undefined || rest.replaceAll(OFFSET, "").trim() !== "")
    return err(`it is now(), or now() with durations, such as now() - duration("5m")`);
  const parts = [...rest.matchAll(OFFSET)].map(([, sign, , written = ""]) => ({ sign, ms: goDuration(written) }));
  if (parts.some(({ ms }) => ms === undefined)) return err("a duration is written such as 30s, 5m or 1h");
  return ok(parts.reduce((sum, { sign, ms = 0 }) => (sign === "-" ? sum - ms : sum + ms), 0));
}
