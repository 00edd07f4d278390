import type { GateRuling } from "../core/gates.ts";
import { unreachable } from "../core/unreachable.ts";
import { errorWords } from "./gate-errors.ts";
import { gaugesWords } from "./gate-gauges.ts";
import { latencyWords } from "./gate-latency.ts";
import type { Missing, Times } from "./lacking.ts";

/** What is said of one gate, by check, title, commit and answer alike. */
export type GateWords = {
  /** Its numbers in one clause: "canary errors 0.5% against 0.5%, ratio 1.02 (0.58–1.69)"; undefined where it has none. */
  readonly numbers: string | undefined;
  /** What its verdict rests on, as a sentence with the number that decides; undefined while there is none. */
  readonly grounds: string | undefined;
  /** Its numbers as rows of a table: what, canary, stable, bound; none where it has none. `limit`: the error rate that an arm by itself must stay below. */
  readonly rows: (limit: number | undefined) => readonly (readonly string[])[];
  /** What its windows held, as a sentence. */
  readonly seen: string | undefined;
  /** What it waits for; undefined where for nothing. */
  readonly missing: (times: Times) => Missing | undefined;
  /** Data comes and nothing is wrong with it: there is too little of it. */
  readonly isOfTraffic: boolean;
};

/** The words of a ruling, by its kind. */
export function wordsOf(ruling: GateRuling): GateWords {
  switch (ruling.gate) {
    case "errors":
      return errorWords(ruling);
    case "latency":
      return latencyWords(ruling);
    case "gauges":
      return gaugesWords(ruling);
    default:
      return unreachable(ruling);
  }
}
