import { ETA_AT_MOST_MS, type Eta } from "../core/gate/eta.ts";
import type { Silence } from "../core/gate/latest.ts";
import type { Policy } from "../core/plan.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Arm } from "../core/window.ts";
import { count, duration, whole } from "./numbers.ts";
import { armText } from "./terms.ts";

/** What a waiting gate misses, as a clause. `quantity`: only time and traffic, nothing speaks against the step. */
export type Missing = { readonly kind: "quantity" | "quality"; readonly what: string };

export function quality(what: string): Missing {
  return { kind: "quality", what };
}

export function quantity(what: string): Missing {
  return { kind: "quantity", what };
}

/** What is missing by how far an end is; undefined where that is not reckoned. */
export function etaMissing(eta: Eta | undefined, arm: Arm = "canary"): Missing | undefined {
  switch (eta?.kind) {
    case undefined:
      return undefined;
    case "passes":
      return lacking(eta, arm);
    case "blocks":
      return quality(`as errors go, the gate fails in about ${duration(eta.inMs)}`);
    case "noTraffic":
      return quality("no requests to compare in this step");
    case "never":
      return quality(`errors cannot decide within ${duration(ETA_AT_MOST_MS)} at this traffic`);
    default:
      return unreachable(eta);
  }
}

function lacking({ requests, inMs, given }: Extract<Eta, { readonly kind: "passes" }>, arm: Arm): Missing {
  const more = `${whole(requests)} more ${arm} requests, about ${duration(inMs)} at this traffic`;
  return given === "alike"
    ? quality(`${more} if canary and stable fail alike from now on; so far ${armText(arm)} fails more often`)
    : quantity(more);
}

/** How long a window is, and how long after a step is live none is judged: 0 where all of them are. Milliseconds. */
export type Times = Pick<Policy, "windowMs" | "warmUpMs">;

/** That no window has closed that could be judged. */
export function firstWindowText({ windowMs, warmUpMs }: Times): string {
  const when = warmUpMs === 0 ? "in this step" : `after the warm-up of ${duration(warmUpMs)} in this step`;
  return `the first whole window of ${duration(windowMs)} ${when}`;
}

/** That nothing was counted lately; `what`: what the metrics have none of. */
export function silenceText(reason: Silence, times: Times, what = "samples"): string {
  switch (reason.kind) {
    case "noWindows":
      return firstWindowText(times);
    case "noSamples":
      return `the metrics have no ${what} of ${armText(reason.arm)} in the last ${count(reason.windows, "window")}`;
    case "noTraffic":
      return `no requests to ${armText(reason.arm)} in the last ${count(reason.windows, "window")}`;
    default:
      return unreachable(reason);
  }
}
