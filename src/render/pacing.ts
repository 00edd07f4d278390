import type { Held, HeldBy } from "../core/pacing.ts";
import { unreachable } from "../core/unreachable.ts";
import { count, duration, utc, whole } from "./numbers.ts";

/** That something waits for room in GitHub's limits, until when and why, as a sentence of plain text without its stop. */
export function waitsText(what: string, { until, by }: Held, near: number): string {
  return `GitHub's limits: ${what} waits until ${utc(until, near)}, ${reasonText(by)}`;
}

/** Why something may not be sent yet, as a clause. */
export function reasonText(by: HeldBy): string {
  switch (by.kind) {
    case "turn":
      return "one step at a time in this repository";
    case "merges":
      return `at most ${count(by.most, "merge")} in ${duration(by.perMs)} into one repository`;
    case "pushes":
      return `at most ${by.most === 1 ? "1 push" : `${whole(by.most)} pushes`} in ${duration(by.perMs)} to one repository`;
    case "content":
      return `at most ${whole(by.most)} pull requests, merges and comments in ${duration(by.perMs)}`;
    case "points":
      return `at most ${whole(by.most)} points of requests in ${duration(by.perMs)}`;
    case "writes":
      return `at most ${count(by.most, "write")} in ${duration(by.perMs)}`;
    case "requests":
      return `the hour's ${whole(by.most)} requests are used up but for those kept for aborts`;
    case "refused":
      return "GitHub has refused a request for its rate";
    default:
      return unreachable(by);
  }
}
