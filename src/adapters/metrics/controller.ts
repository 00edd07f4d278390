import type { Name } from "../../core/names.ts";
import { PHASES, type Phase } from "../../core/window.ts";
import { exact, selectorsFor, type Claim } from "./claims.ts";
import type { Series } from "./series.ts";

const INFO = "rollout_info";

/**
 * What the Argo Rollouts controller says of one Rollout. A scrape that does not honour the labels of what it scrapes
 * keeps `namespace` for the controller's own and calls the Rollout's `exported_namespace`.
 */
export function phaseClaim(namespace: Name, rollout: Name): Claim {
  return ["namespace", "exported_namespace"].map((label) => [exact(label, namespace), exact("name", rollout)]);
}

/** Asks for all that the claims are for. */
export function phaseQuery(claims: readonly Claim[]): string {
  return selectorsFor(INFO, [], claims).join(" or ");
}

/** The phases of `rollout_info` at any of the sampled times, in order; undefined where there is none, or one that is not known here. */
export function phasesOver(infos: readonly Series[]): (at: number) => readonly Phase[] | undefined {
  const said = new Map<number, Set<string>>();
  for (const { labels, samples } of infos) {
    for (const { at, value } of samples) {
      if (value === 1) said.set(at, (said.get(at) ?? new Set()).add(labels.get("phase") ?? ""));
    }
  }
  return (at) => {
    const told = said.get(at) ?? new Set();
    const known = PHASES.filter((phase) => told.has(phase));
    return known.length === 0 || known.length < told.size ? undefined : known;
  };
}
