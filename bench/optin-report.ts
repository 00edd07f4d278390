import type { Outcome } from "./optin-run.ts";

export type Figures = {
  /** Services in targets. */
  readonly members: number;
  readonly deployments: number;
  /** Those that an Argo Rollout of people's runs, and how many of them convert as they stand. */
  readonly rollouts: number;
  readonly steered: number;
  /** Of the Deployments, the ones asked for: not a chart's, stateless, with a Service, not somebody else's already. */
  readonly wanted: number;
  readonly converted: number;
  readonly share: number;
  readonly crashed: number;
  readonly notSame: number;
  readonly rendered: number;
  readonly unrendered: number;
  readonly different: number;
  readonly reasons: readonly (readonly [codes: string, count: number])[];
};

// Who has one of these is none that is to be opted in: no workload to split, no traffic, state, another's.
const NOT_WANTED: ReadonlySet<string> = new Set([
  "kind",
  "helm",
  "no-service",
  "no-service-object",
  "volume",
  "recreate",
  "no-pods",
  "hook",
  "controller",
]);

/** What all outcomes come to. */
export function figuresOf(outcomes: readonly Outcome[]): Figures {
  const count = (is: (one: Outcome) => boolean) => outcomes.filter(is).length;
  const isWanted = ({ kind, refused, besides }: Outcome) =>
    kind === "deployment" && ![...refused.map(({ code }) => code), ...besides].some((code) => NOT_WANTED.has(code));
  const wanted = count(isWanted);
  const isConverted = (one: Outcome) => one.converted !== undefined;
  const converted = count((one) => one.kind !== "rollout" && isConverted(one));
  const reasons = Map.groupBy(
    outcomes.filter(({ refused }) => refused.length > 0),
    ({ refused }) => [...new Set(refused.map(({ code }) => code))].join(" + "),
  );
  return {
    members: outcomes.length,
    deployments: count(({ kind }) => kind === "deployment"),
    rollouts: count(({ kind }) => kind === "rollout"),
    steered: count((one) => one.kind === "rollout" && isConverted(one)),
    wanted,
    converted,
    share: wanted === 0 ? 0 : converted / wanted,
    crashed: count(({ crash }) => crash !== undefined),
    notSame: count((one) => one.converted === "not-same"),
    rendered: count(({ rendered }) => rendered === "intended"),
    unrendered: count(({ rendered }) => rendered === "unrendered"),
    different: count(({ rendered }) => rendered === "different"),
    reasons: [...reasons].map(([codes, all]) => [codes, all.length] as const).toSorted((a, b) => b[1] - a[1]),
  };
}

type Shown = { readonly show: string | undefined; readonly kustomize: string | undefined };

/** The figures for people. */
export function linesOf(figures: Figures, outcomes: readonly Outcome[], { show, kustomize }: Shown): readonly string[] {
  const { members, deployments, wanted, converted, share, rollouts, steered } = figures;
  const { notSame, crashed, rendered, unrendered, different } = figures;
  return [
    `${members} services in targets, ${deployments} of them run by Deployments`,
    `${wanted} of those are stateless, plain or Kustomize's, and have a Service: ${converted} convert (${(100 * share).toFixed(1)} %, target 90 %)`,
    `${rollouts} are run by Argo Rollouts of their own: ${steered} convert as they stand`,
    `taken back at once: ${converted + steered - notSame} the same to the byte, ${notSame} not; crashes: ${crashed}`,
    kustomize === undefined
      ? "kustomize: not run"
      : `kustomize (${kustomize}): ${rendered} differ as intended, ${different} otherwise, ${unrendered} did not render before`,
    "",
    "refused:",
    ...figures.reasons.map(([codes, count]) => `  ${String(count).padStart(4)}  ${codes}`),
    ...outcomes.flatMap((one) => shownOf(one, show)),
  ];
}

function shownOf(
  { repository, service, target, refused, crash, converted, rendered }: Outcome,
  show: string | undefined,
): readonly string[] {
  const own = refused.filter(({ code }) => show === "all" || code === show);
  const who = `${repository} ${service} ${target}`;
  return [
    ...(crash === undefined ? [] : [`${who}: ${crash}`]),
    ...(converted === "not-same" ? [`${who}: taking it back gives other files`] : []),
    ...(rendered === "different" ? [`${who}: it renders otherwise`] : []),
    ...own.map(({ code, path, line, found, why }) => `${who}: ${code}: ${path}:${line}: ${found}; ${why}`),
  ];
}
