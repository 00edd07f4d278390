/** `error`: traffic would be lost, or a release could not be trusted. `warning`: it bites under circumstances that the repository does not say. */
export type Severity = "error" | "warning";

/** A rule as its catalogue has it: what is found, why that is a pitfall, and what mends it. */
export type Entry = {
  readonly area: Area;
  readonly severity: Severity;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
};

/** What rules are about, in the order in which people read of them. */
export const AREAS = ["Traffic", "Endpoints", "Delivery", "Replicas", "Controllers", "Analysis"] as const;
export type Area = (typeof AREAS)[number];

/** What a rule found, as a sentence's beginning without its full stop; `line` counts from 1. */
export type Found = { readonly path: string; readonly line: number; readonly what: string };
