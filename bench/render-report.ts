import type { Outcome } from "./render-outcome.ts";
import type { Case } from "./render-run.ts";

type Counts = { readonly [reason: string]: number };

/** Of overlays, folders and charts, a chart with each of its values files counted as one; and of the Deployments in them. */
export type Figures = {
  readonly tried: number;
  /** Those that render, whole or mended. */
  readonly rendered: number;
  readonly overlays: number;
  readonly folders: number;
  readonly charts: number;
  /** Of `rendered`: those that render only without what the archive lacks, or with it made up for. */
  readonly mended: number;
  /** Of `rendered`: those with a Deployment that was opted in. */
  readonly optedIn: number;
  readonly optedInOf: { readonly [kind in Case["kind"]]: number };
  readonly deployments: number;
  /** The share of the opted-in Deployments after which nothing but what was intended differs, at every step. */
  readonly changedOnlyIntended: number;
  /** Of `rendered`: those with a Deployment to opt in, and of these the ones where each is refused. */
  readonly candidates: number;
  readonly refusedWhole: number;
  /** Of `rendered`: those without one, by what they have instead. */
  readonly without: Counts;
  readonly refused: Counts;
  readonly failures: Counts;
  readonly unrendered: Counts;
};

export function figuresOf(cases: readonly Case[]): Figures {
  const outcomes = cases.flatMap((one) => one.outcomes);
  const rendered = cases.filter((one) => !one.outcomes.some(({ kind }) => kind === "unrendered"));
  const opted = outcomes.filter(isOptedIn);
  const optedInCases = rendered.filter((one) => one.outcomes.some(isOptedIn));
  const optedOf = (kind: Case["kind"]) => optedInCases.filter((one) => one.kind === kind).length;
  const intended = opted.filter(({ kind }) => kind === "intended");
  return {
    tried: cases.length,
    rendered: rendered.length,
    overlays: rendered.filter(({ kind }) => kind === "overlay").length,
    folders: rendered.filter(({ kind }) => kind === "folder").length,
    charts: rendered.filter(({ kind }) => kind === "chart").length,
    mended: rendered.filter(({ isMended }) => isMended).length,
    optedIn: optedInCases.length,
    optedInOf: { overlay: optedOf("overlay"), folder: optedOf("folder"), chart: optedOf("chart") },
    deployments: opted.length,
    changedOnlyIntended: opted.length === 0 ? 0 : intended.length / opted.length,
    candidates: rendered.filter((one) => !one.outcomes.some(({ kind }) => kind === "without")).length,
    refusedWhole: rendered.filter(isRefused).length,
    without: countsOf(outcomes, "without"),
    refused: countsOf(outcomes, "refused"),
    failures: countsOf(outcomes, "different"),
    unrendered: countsOf(outcomes, "unrendered"),
  };
}

function isOptedIn({ kind }: Outcome): boolean {
  return kind === "intended" || kind === "different";
}

function isRefused({ outcomes }: Case): boolean {
  return outcomes.every(({ kind }) => kind === "refused");
}

function countsOf(outcomes: readonly Outcome[], kind: Outcome["kind"]): Counts {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.kind !== kind || outcome.kind === "intended") continue;
    const reason = kind === "unrendered" ? whyUnrendered(outcome.reason) : outcome.reason;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}

// In the order in which they are looked for: what a program says is long, and names one place of many.
const WHYS: readonly (readonly [string, RegExp])[] = [
  ["what is rendered differs each time", /differs each time/],
  ["a chart of another registry", /missing in charts\/ directory|You may need to run `helm (?:repo|dependency)/],
  ["a remote base", /https?:\/\/|git@|github\.com|proxyconnect/],
  ["nothing of it is in the archive", /kustomization\.ya?ml is empty/],
  ["a patch of what is not in the archive", /no matches for Id|failed to find unique target|no resource matches/],
  ["a file that is not in the archive", /no such file|doesn't exist|not found|must resolve to a file|unable to find/],
  ["values that must be given", /required|nil pointer|values don't meet|execution error|wrong type/],
];

function whyUnrendered(said: string): string {
  return WHYS.find(([, pattern]) => pattern.test(said))?.[0] ?? "something else";
}

/** What is printed for people. */
export function linesOf(
  figures: Figures,
  tools: { readonly kustomize: string; readonly helm: string },
  shown: readonly Case[],
): readonly string[] {
  const {
    tried,
    rendered,
    overlays,
    folders,
    charts,
    mended,
    optedIn,
    optedInOf,
    deployments,
    candidates,
    refusedWhole,
  } = figures;
  return [
    ...shown.flatMap((one) => one.outcomes.flatMap(shownLine)),
    `kustomize ${tools.kustomize}; helm ${tools.helm}`,
    `${tried} overlays, folders and charts tried, ${rendered} render (${overlays} overlays, ${folders} folders that Flux makes overlays of, ${charts} charts with values; ${mended} of them mended)`,
    `${candidates} of them have a Deployment to opt in: ${optedIn} opted in (${optedInOf.overlay} overlays, ${optedInOf.folder} folders, ${optedInOf.chart} charts), with ${deployments} Deployments; ${refusedWhole} refused`,
    `changed only what was intended  ${(100 * figures.changedOnlyIntended).toFixed(2)} %`,
    ...section("failed", figures.failures),
    ...section("refused, of Deployments", figures.refused),
    ...section("without a Deployment to opt in; instead", figures.without),
    ...section("do not render", figures.unrendered),
  ];
}

function shownLine(outcome: Outcome): readonly string[] {
  if (outcome.kind !== "refused" && outcome.kind !== "different") return [];
  return [`${outcome.kind}: ${outcome.path} ${outcome.service}: ${outcome.reason}`];
}

function section(title: string, counts: Counts): readonly string[] {
  const entries = Object.entries(counts);
  if (entries.length === 0) return [];
  return [`${title}:`, ...entries.map(([reason, count]) => `${String(count).padStart(6)}  ${reason}`)];
}
