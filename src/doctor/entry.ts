/** Areas in the order in which they are told. */
export const AREAS = [
  "App",
  "Installation",
  "Webhooks",
  "Charts",
  "Clock",
  "Git",
  "Repository",
  "Rules",
  "Configuration",
  "Services",
  "Metrics",
] as const;

export type Area = (typeof AREAS)[number];
export type Severity = "ok" | "warning" | "error";

/** What a finding always means, whatever was found; `fix` is absent where there is nothing to mend. */
export type Entry = { readonly area: Area; readonly severity: Severity; readonly means: string; readonly fix?: string };
