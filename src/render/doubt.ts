import { withoutStop } from "./markdown.ts";
import { utc } from "./numbers.ts";

/** Why a head is not merged of which GitHub does not say whether it can be, as a clause. Times are milliseconds. */
export function doubtReason(reason: string, since: number, now: number): string {
  return `it has not said since ${utc(since, now)} whether it can be merged: ${withoutStop(reason)}`;
}
