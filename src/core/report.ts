import type { Name, Sha } from "./names.ts";
import type { Reading } from "./reading.ts";
import { unreachable } from "./unreachable.ts";

/** Whose word on GitHub counts for it that a commit runs in a target, where the metrics do not show it. */
export type ReportSource = {
  /** The login of the account that posts; of an App `slug[bot]`. */
  readonly by: string;
  /** In `label`, `{service}`, `{target}` and `{namespace}` stand for the member's; all else for itself. */
  readonly of: Posted;
  /** How long after it a change counts as live, milliseconds: a sync that is over is no pod that is ready. */
  readonly afterMs: number;
};

/** Where it is posted: under a commit status's context, or as a deployment to an environment. */
export type Posted = { readonly kind: "status" | "deployment"; readonly label: string };

/** What the tool that delivers says of a commit; `at` is when it said so, milliseconds. */
export type Report = { readonly commit: Sha; readonly at: number; readonly outcome: "success" | "failure" };

/** The report of a change, that there is none, or why nobody knows. */
export type Reported = Reading<Report | undefined>;

/** A member's own place, as the placeholders of a source have it. */
export type ReportPlace = { readonly service: Name; readonly target: Name; readonly namespace: Name };

/** Where a member's reports are posted. */
export function postedFor({ of: { kind, label } }: ReportSource, place: ReportPlace): Posted {
  const said = label.replace(/\{(service|target|namespace)\}/g, (_, word: string) => wordOf(word, place));
  return { kind, label: said };
}

function wordOf(word: string, { service, target, namespace }: ReportPlace): string {
  return new Map<string, string>(Object.entries({ service, target, namespace })).get(word) ?? word;
}

/**
 * What some reports of commits that all carry a change come to: the first success; else the failure of the newest of them, by the order of `carriers`, newest first.
 * A failure after a success is of something that came later.
 */
export function reportOf(reports: readonly Report[], carriers: readonly Sha[]): Report | undefined {
  const own = reports.filter(({ commit }) => carriers.includes(commit));
  const [success] = own.filter(({ outcome }) => outcome === "success").toSorted((a, b) => a.at - b.at);
  const [failure] = own.toSorted((a, b) => carriers.indexOf(a.commit) - carriers.indexOf(b.commit));
  return success ?? failure;
}

/** How people call where a report is posted: "status argocd/checkout". */
export function postedText({ kind, label }: Posted): string {
  switch (kind) {
    case "status":
      return `status ${label}`;
    case "deployment":
      return `deployment to ${label}`;
    default:
      return unreachable(kind);
  }
}
