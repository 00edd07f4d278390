import { CATALOGUE, type FindingId } from "./catalogue.ts";
import type { Area, Severity } from "./entry.ts";

/** One thing that was looked at and how it is. `about` is the App, an installation's account or a repository; `at` an address or a file with its line. */
export type Finding = {
  readonly id: FindingId;
  readonly area: Area;
  readonly severity: Severity;
  readonly about: string;
  readonly found: string;
  readonly means: string;
  readonly fix: string | undefined;
  readonly at: string | undefined;
};

/** What is found of one subject, in one sentence; the rest the catalogue says. */
export type Found = { readonly about: string; readonly found: string; readonly at?: string | undefined };

/** A finding by its id. */
export function finding(id: FindingId, { about, found, at }: Found): Finding {
  const entry = CATALOGUE[id];
  const { area, severity, means } = entry;
  return { id, area, severity, about, found, means, fix: "fix" in entry ? entry.fix : undefined, at };
}

/** A part that could not be looked at, in its area. */
export function notLookedAt(area: Area, about: string, reason: string): Finding {
  return { ...finding("not-looked-at", { about, found: `Not looked at: ${reason}` }), area };
}

/** The worst severity among findings. */
export function worst(findings: readonly Pick<Finding, "severity">[]): Severity {
  const ranked: readonly Severity[] = ["error", "warning"];
  return ranked.find((severity) => findings.some((one) => one.severity === severity)) ?? "ok";
}
