import { read, unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { ArmLabel, RequestSettings } from "../../core/requests.ts";
import type { Arm, Counts, Window } from "../../core/window.ts";
import type { TimelineQuestion } from "../../ports/metrics.ts";
import { exact, partsFor, shared, type Claim, type Clause } from "./claims.ts";
import { countsPerWindow, versionsPerWindow } from "./counters.ts";
import type { Counter, Grid } from "./counters.ts";
import { identityOf } from "./series.ts";
import type { Series } from "./series.ts";

/** Whose requests are whose arm's. */
export type ArmClaims = { readonly [arm in Arm]: Claim };

type CountsByArm = { readonly [arm in Arm]?: Counts };

/** What requests say of each window. */
export type Requested = { readonly counts: CountsByArm; readonly versions: Window["versions"] };

const ARMS: readonly Arm[] = ["canary", "stable"];

/** What tells the arms of a member. */
type Arming = Pick<TimelineQuestion, "namespace" | "arms" | "workloads">;

/** How the arms are told apart by labels of requests; unavailable, a sentence, where they cannot be. */
export function armsOf(question: Arming, settings: RequestSettings): Reading<ArmClaims> {
  const told = toldBy(question, settings);
  if (told === undefined)
    return unavailable("Requests are counted by Service alone: arms that share one cannot be told apart.");
  const { label, called } = told;
  if (called.canary === called.stable) {
    return unavailable(
      `Canary and stable are both ${called.canary} in the label ${label.label}: their requests cannot be told apart.`,
    );
  }
  const { canary } = settings;
  if (label !== settings.arm || canary === undefined)
    return read({ canary: claimOf(label, "canary"), stable: claimOf(label, "stable") });
  // The label of the Service is stable's for both: it is that of the Ingress that both are reached by.
  const apart = (parts: Clause): Claim =>
    claimOf(label, "stable").flatMap((clause) => parts.map((part) => [...clause, part]));
  return read({
    canary: apart(partsFor(canary, { namespace: question.namespace, arm: called.canary })),
    stable: apart([exact(canary.label, "")]),
  });

  function claimOf(by: ArmLabel, arm: Arm): Claim {
    const { namespace } = question;
    const within = settings.namespaceLabel === undefined ? [] : [exact(settings.namespaceLabel, namespace)];
    return partsFor(by, { namespace, arm: called[arm] }).map((part) => [...within, part]);
  }
}

type Told = { readonly label: ArmLabel; readonly called: TimelineQuestion["workloads"] };

/** The label that tells the arms apart, and what it calls them; each arm has a workload of its own also where it has a Service. */
function toldBy({ arms, workloads }: Arming, { arm, workload }: RequestSettings): Told | undefined {
  if (arms.by === "workload") return workload && { label: workload, called: arms };
  if (arm !== undefined) return { label: arm, called: arms };
  return workload && { label: workload, called: workloads };
}

/** The series of one member: of all requests, and of the failed ones. */
export type RequestSeries = { readonly all: readonly Series[]; readonly failed: readonly Series[] };

/**
 * Counts of each window. Failed requests are told by the identity of their series alone and counted from the samples of all requests:
 * the two answers cannot disagree about a number, and failed can never exceed requests.
 */
export function requestedOver(
  { all, failed }: RequestSeries,
  arms: ArmClaims,
  grid: Grid,
  versionLabel: string | undefined,
): Reading<readonly Requested[]> {
  const counters = countersOf(all, failed);
  if (counters.kind === "unavailable") return counters;
  const byArm = byArmOf(counters.value, arms);
  const versions = versionsByArm(byArm, grid, versionLabel);
  return read(countsByArm(byArm, grid).map((counts, index) => ({ counts, versions: versions?.[index] })));
}

type CountersByArm = { readonly [arm in Arm]: readonly Counter[] };

function byArmOf(counters: readonly Counter[], arms: ArmClaims): CountersByArm {
  const labelled = counters.map((counter) => ({ labels: counter.series.labels, counter }));
  const [canary = [], stable = []] = shared([arms.canary, arms.stable], labelled);
  return { canary: canary.map(({ counter }) => counter), stable: stable.map(({ counter }) => counter) };
}

function versionsByArm(
  counters: CountersByArm,
  grid: Grid,
  label: string | undefined,
): readonly Window["versions"][] | undefined {
  if (label === undefined) return undefined;
  const [canary = [], stable = []] = ARMS.map((arm) => versionsPerWindow(counters[arm], grid, label));
  return canary.map((ofCanary, index) => ({ canary: ofCanary, stable: stable[index] ?? [] }));
}

function countersOf(all: readonly Series[], failed: readonly Series[]): Reading<readonly Counter[]> {
  const failures = new Set(failed.map(identityOf));
  const counters = all.map((series) => ({ series, failed: failures.has(identityOf(series)) }));
  if (counters.filter((counter) => counter.failed).length < failures.size) {
    return unavailable("Prometheus knows failed requests that it does not count as requests.");
  }
  const isBelowZero = all.some(({ samples }) => samples.some(({ value }) => value < 0));
  return isBelowZero ? unavailable("A request counter is below zero.") : read(counters);
}

/**
 * Counts of both arms per window. A canary of which nothing is sampled while stable is, has zeros: it has no pods, or none that was ever asked,
 * and either way the split sent it nothing. Stable gets no such zeros: a missing stable is a missing reference.
 */
function countsByArm(counters: CountersByArm, grid: Grid): readonly CountsByArm[] {
  const [canary = [], stable = []] = ARMS.map((arm) => countsPerWindow(counters[arm], grid));
  return stable.map((ofStable, index) => {
    const ofCanary = canary[index] ?? (ofStable && { requests: 0, failed: 0 });
    if (ofCanary === undefined) return {};
    return ofStable === undefined ? { canary: ofCanary } : { canary: ofCanary, stable: ofStable };
  });
}
