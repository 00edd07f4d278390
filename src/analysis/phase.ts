/** What Argo says of a measurement, a metric or a run. */
export type Phase = "Pending" | "Running" | "Successful" | "Failed" | "Error" | "Inconclusive";

/** From the best to the worst. */
const ORDER: readonly Phase[] = ["Successful", "Running", "Pending", "Inconclusive", "Error", "Failed"];

export function isCompleted(phase: Phase): boolean {
  return phase !== "Pending" && phase !== "Running";
}

export function isWorse(phase: Phase, than: Phase): boolean {
  return ORDER.indexOf(phase) > ORDER.indexOf(than);
}
