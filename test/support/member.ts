import { DEFAULT_GATE, DEFAULT_PARTS } from "../../src/core/gate/settings.ts";
import { NO_EVIDENCE } from "../../src/core/gate/evidence.ts";
import { image, type Image } from "../../src/core/image.ts";
import type { Manifest, Workload } from "../../src/core/manifest.ts";
import { name, sha, type Sha } from "../../src/core/names.ts";
import { planOf, type Policy, type Wave } from "../../src/core/plan.ts";
import { proposalOf, withTarget } from "../../src/core/proposal.ts";
import { read } from "../../src/core/reading.ts";
import type { Bump, Member, StepPull } from "../../src/core/snapshot.ts";
import type { ReleaseState, ServiceState, TargetState } from "../../src/core/state.ts";
import { NO_WEIGHT, weight } from "../../src/core/weight.ts";
import type { Arm, Pods, Window } from "../../src/core/window.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
/** When the world of the builders has its bump landed: noon, a multiple of every window. */
export const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);

/** A commit id that is told from others by one hexadecimal digit or a few. */
export function commit(digits: string): Sha {
  return sha(digits.repeat(40).slice(0, 40));
}

export const HEAD = commit("a");
export const OLD = version("1.41.0");
export const NEW = version("1.42.0");
export const BUMP: Bump = {
  commit: commit("b"),
  before: commit("c"),
  was: { image: OLD, template: templateOf(OLD) },
  source: 4812,
  labels: [],
  at: NOON,
};

export function version(tag: string): Image {
  return image(`registry.example.com/checkout:${tag}`);
}

/** Warm-up, 5, 25, 50, promotion, drain, rest. */
export const POLICY: Policy = {
  wave: { index: 0, of: 1, targets: ["*"] },
  onAbort: "member",
  weights: [weight(5), weight(25), weight(50)],
  bakeMs: 10 * MINUTE,
  windowMs: MINUTE,
  settleMs: 15 * SECOND,
  deadlineMs: 120 * MINUTE,
  onDeadline: "hold",
  warmUpMs: 0,
  mergeEveryMs: MINUTE,
  evidence: "compare",
  assumedAfterMs: undefined,
  reports: undefined,
  gate: DEFAULT_GATE,
  parts: DEFAULT_PARTS,
  latency: undefined,
  rules: [],
  secondBump: "supersede",
  gatherMs: 5 * MINUTE,
  expedite: undefined,
  page: [],
};

/** What a test wants otherwise; nested parts are spread over the default ones. */
export type MemberChanges = Partial<Omit<Member, "at" | "state" | "manifest" | "policy">> & {
  readonly at?: Partial<TargetState>;
  readonly state?: Partial<Omit<ServiceState, "targets">>;
  readonly manifest?: Partial<Manifest>;
  readonly policy?: Partial<Policy>;
};

/** The workload of an arm, whose pod template's digest follows from its image. */
export function workload(arm: Arm, of: Image, replicas = arm === "stable" ? 10 : 0): Workload {
  const said = { image: of, template: templateOf(of), besides: "besides" };
  return { deployment: name(`checkout-${arm}`), container: name("app"), replicas, ...said };
}

export function templateOf(of: Image): string {
  return Buffer.from(of).toString("hex").slice(-16);
}

/** `checkout` in `prod`, at rest on the old version, nothing to do; the timeline is empty. State and target always agree. */
export function member(changes: MemberChanges = {}): Member {
  const { at, state, manifest, policy, ...rest } = changes;
  const target = rest.target ?? name("prod");
  const merged = { ...POLICY, ...policy };
  const stable = manifest?.stable ?? workload("stable", OLD);
  const bare: Member = {
    state: { ...SERVICE, ...state },
    target,
    at: { ...TARGET, ...at },
    manifest: { weight: NO_WEIGHT, canary: workload("canary", OLD), stable, ...manifest },
    plan: planOf(merged, 10),
    planName: "usual",
    policy: merged,
    fellows: [],
    sharing: [],
    behind: [],
    landings: new Map(),
    changedAt: NOON,
    ended: undefined,
    bump: undefined,
    beforePromotion: undefined,
    pull: undefined,
    kept: undefined,
    closed: undefined,
    refusal: undefined,
    obstacle: undefined,
    edit: undefined,
    merger: undefined,
    past: [],
    leftovers: [],
    heard: [],
    timeline: read([]),
    ...rest,
  };
  return { ...bare, state: withTarget(bare, bare.at) };
}

const SERVICE: ServiceState = {
  service: name("checkout"),
  template: { name: "canary-gateway", revision: commit("d") },
  owned: ["apps/checkout/prod/tidegate/"],
  claims: [],
  targets: new Map(),
  blocked: [],
  holds: [],
  heard: 0,
};

/** Two Knative Services behind a Route. */
export const KNATIVE: TargetState["manifests"] = {
  layout: "workloads",
  router: "KnativeRoute",
  destinations: undefined,
  canary: "canary.yaml",
  stable: "stable.yaml",
  route: "route.yaml",
};

const TARGET: TargetState = {
  namespace: name("checkout"),
  manifests: {
    layout: "workloads",
    router: "HTTPRoute",
    destinations: undefined,
    canary: "apps/checkout/prod/canary.yaml",
    stable: "apps/checkout/prod/tidegate/stable.yaml",
    route: "apps/checkout/prod/tidegate/route.yaml",
  },
  arms: { canary: name("checkout-canary"), stable: name("checkout-stable"), by: "service" },
  weight: NO_WEIGHT,
  stable: OLD,
  release: undefined,
};

/** The bump has landed and nothing else; the pull request of the warm-up is open and as it should be. */
export function waiting(changes: MemberChanges = {}): Member {
  const manifest = { canary: workload("canary", NEW), ...changes.manifest };
  return withPull(member({ bump: BUMP, ...changes, manifest }));
}

/** The same in the second of two waves, while the first has it still to do. */
export function queued(changes: MemberChanges = {}): Member {
  const first: Wave = { index: 0, of: 2, targets: ["staging"] };
  const wave: Wave = { index: 1, of: 2, targets: ["prod"] };
  const behind = [{ target: name("staging"), wave: first, weight: weight(25), doing: "underWay" as const }];
  const policy = { wave, ...changes.policy };
  return { ...waiting({ behind, ...changes, policy }), pull: undefined };
}

/** The release of 1.42.0 whose step `index` has landed, one step every 20 minutes since noon; the pull request of the next one is open and as it should be. */
export function inFlight(
  index: number,
  changes: MemberChanges & { readonly release?: Partial<ReleaseState> } = {},
): Member {
  const { release: changed, ...rest } = changes;
  const { steps } = planOf({ ...POLICY, ...rest.policy }, 10);
  const step = steps[index];
  if (step === undefined) throw new RangeError(`The plan has no step ${index}.`);
  const promoted = index >= steps.findIndex(({ kind }) => kind === "promote");
  const release: ReleaseState = { ...RELEASE, step: index, ...changed };
  const current = promoted ? NEW : OLD;
  const manifest = {
    weight: step.weight,
    canary: workload("canary", NEW, step.replicas),
    stable: workload("stable", current),
    ...rest.manifest,
  };
  const landings = new Map(steps.slice(0, index + 1).map((landed) => [landed.index, landingOf(landed.index)]));
  const at = { weight: step.weight, stable: current, release, ...rest.at };
  return withPull(member({ bump: BUMP, landings, changedAt: landingOf(index), ...rest, manifest, at }), rest);
}

/** When step `index` lands in the world of `inFlight`, milliseconds. */
export function landingOf(index: number): number {
  return NOON + index * 20 * MINUTE;
}

const RELEASE: ReleaseState = {
  image: NEW,
  from: OLD,
  template: templateOf(NEW),
  commit: BUMP.commit,
  source: BUMP.source,
  since: BUMP.at,
  step: 0,
  evidence: NO_EVIDENCE,
  plan: "usual",
  override: undefined,
  skips: [],
  aborting: undefined,
};

function withPull(bare: Member, given: Partial<Pick<Member, "pull">> = {}): Member {
  if ("pull" in given) return bare;
  const proposed = proposalOf(bare, HEAD)?.state;
  return proposed === undefined ? bare : { ...bare, pull: stepPull({ proposed }) };
}

export function stepPull(changes: Partial<StepPull> = {}): StepPull {
  return {
    number: 4813,
    branch: "tidegate/checkout/prod/bbbbbbbbbb/step",
    headSha: commit("e"),
    draft: false,
    foreign: undefined,
    moves: [name("prod")],
    proposed: undefined,
    current: true,
    ...changes,
  };
}

/** Requests and failures of an arm in each window, the same in all or by the window's number. `undefined` is a gap. */
export type Traffic = readonly [requests: number, failed: number] | undefined;
export type TrafficOf = Traffic | ((window: number) => Traffic);

export type WindowsOf = {
  /** Start of the first one, milliseconds. */
  readonly from: number;
  readonly count: number;
  readonly lengthMs?: number;
  readonly canary?: TrafficOf;
  readonly stable?: TrafficOf;
  readonly pods?: Window["pods"];
};

/** Closed windows without a break, oldest first. */
export function windows({ from, count, lengthMs = MINUTE, canary, stable, pods = {} }: WindowsOf): readonly Window[] {
  return Array.from({ length: count }, (_, index) => ({
    start: from + index * lengthMs,
    end: from + (index + 1) * lengthMs,
    counts: { ...countsOf("canary", canary, index), ...countsOf("stable", stable, index) },
    pods,
  }));
}

function countsOf(arm: Arm, traffic: TrafficOf | undefined, index: number): Window["counts"] {
  const seen = typeof traffic === "function" ? traffic(index) : traffic;
  return seen === undefined ? {} : { [arm]: { requests: seen[0], failed: seen[1] } };
}

/** What kube-state metrics say of a member whose pods are all as git wants them. */
export function podsOf({ manifest }: Member): Window["pods"] {
  const ready = ({ image: of, replicas }: Workload): readonly Pods[] =>
    replicas === 0 ? [] : [{ image: of, ready: replicas, total: replicas }];
  return { canary: ready(manifest.canary), stable: ready(manifest.stable) };
}

/** The member with the windows of its running step, measured from its last landing and with all pods as git wants them. */
export function measured(
  of: Member,
  traffic: Omit<WindowsOf, "from" | "pods"> & Partial<Pick<WindowsOf, "from" | "pods">>,
): Member {
  return { ...of, timeline: read(windows({ from: of.changedAt, pods: podsOf(of), ...traffic })) };
}
