import type { Sha } from "./names.ts";

/** How much is asked: nothing is looked for, it is said, or it fails. */
export type Ruling = "off" | "advise" | "require";

/** `error`: traffic would be lost, or a release could not be trusted. `warning`: it bites under circumstances that the repository does not say. */
type Severity = "error" | "warning";

/** What configuration asks of pull requests; always the tracked branch's, never what a pull request would make of it. */
export type PullPolicy = {
  /** Of a new service that these files place; `exempt`: why configuration lets it go without a template. */
  readonly workload: (service: string, paths: readonly string[]) => { ruling: Ruling; exempt: string | undefined };
  readonly pitfall: (one: Pick<Pitfall, "rule" | "severity" | "path">) => Ruling;
  /** Whether nothing is asked anywhere. */
  readonly isOff: boolean;
  /** All that it asks, a clause each, for people. */
  readonly said: readonly string[];
};

/** Why opting in would refuse a workload: what was found where, why, and what to do; clauses without full stops. */
export type Unfit = {
  readonly path: string;
  readonly line: number;
  readonly found: string;
  readonly why: string;
  readonly advice: string;
};

/** A service in a target that it is new in. */
export type NewTarget = {
  readonly name: string;
  /** The files that place it there: an overlay's own, not those of a base that others have as well; each of them is asked for by itself. */
  readonly paths: readonly string[];
  /** Why it cannot be opted in there; undefined where it can. */
  readonly unfit: Unfit | undefined;
};

/** A service that a pull request brings without a template, in all the targets that it brings it to or in some. */
export type NewWorkload = {
  /** `freed`: it was there and could not be opted in, and now it can. */
  readonly how: "added" | "freed";
  /** As `tidegate opt-in` takes it: with its folder where several have one name. */
  readonly service: string;
  readonly targets: readonly NewTarget[];
  /** The service has no other targets. */
  readonly isWhole: boolean;
  /** Of its first workload. */
  readonly kind: string;
  readonly path: string;
  readonly line: number;
};

/** A pitfall that is there with a pull request and was not before; `line` is from 1. */
export type Pitfall = {
  readonly rule: string;
  readonly severity: Severity;
  readonly path: string;
  readonly line: number;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  /** The pull request changes its file. */
  readonly isChanged: boolean;
};

/** Files of which it is not known what a pull request brings with them; `why` is a clause. */
export type Unread = { readonly why: string; readonly paths: readonly string[] };

/** What a pull request brings that policy is about. */
export type Brought = {
  readonly workloads: readonly NewWorkload[];
  readonly pitfalls: readonly Pitfall[];
  readonly unread: Unread | undefined;
};

/** What becomes of a new workload. */
export type Standing =
  | { readonly kind: "advised" | "required" }
  | { readonly kind: "exempt"; readonly reason: string }
  | { readonly kind: "unfit"; readonly unfit: Unfit };

export type JudgedWorkload = { readonly workload: NewWorkload; readonly standing: Standing };
export type JudgedPitfall = { readonly pitfall: Pitfall; readonly isFailing: boolean };

/** All that is said of a pull request; `failure` where configuration requires what it lacks. `unread`: why not all was looked into, a clause. */
export type Judgement = {
  readonly conclusion: "success" | "neutral" | "failure";
  readonly workloads: readonly JudgedWorkload[];
  readonly pitfalls: readonly JudgedPitfall[];
  readonly unread: string | undefined;
};

/** A pull request with what is said of it. */
export type PolicedPull = { readonly number: number; readonly headSha: Sha; readonly judgement: Judgement };

/** What was said before and does not hold any more. */
export const MENDED: Judgement = { conclusion: "success", workloads: [], pitfalls: [], unread: undefined };

/** What policy says of what a pull request brings; undefined where there is nothing to say. */
export function judged(brought: Brought, policy: PullPolicy): Judgement | undefined {
  const workloads = brought.workloads.flatMap((workload) => standingOf(workload, policy));
  const pitfalls = brought.pitfalls.flatMap((pitfall) => {
    const ruling = policy.pitfall(pitfall);
    return ruling === "off" ? [] : [{ pitfall, isFailing: ruling === "require" }];
  });
  const unread = unreadBy(brought, policy);
  if (workloads.length + pitfalls.length === 0 && unread === undefined) return undefined;
  const conclusion = conclusionOf({ workloads, pitfalls, unread });
  return { workloads, pitfalls, unread: unread?.why, conclusion };
}

type Dark = Pick<Unread, "why"> & { readonly isFailing: boolean };

/** What is required could otherwise be passed by in a file that cannot be read, or in a pull request that is large enough. */
function unreadBy({ unread }: Brought, policy: PullPolicy): Dark | undefined {
  const asked = (unread?.paths ?? [])
    .map((path) => policy.workload("", [path]))
    .filter(({ ruling, exempt }) => ruling !== "off" && exempt === undefined);
  if (unread === undefined || asked.length === 0) return undefined;
  return { why: unread.why, isFailing: asked.some(({ ruling }) => ruling === "require") };
}

/** Each target by itself: what lets one of them go lets no other go. Those of which the same is said are told together. */
function standingOf(workload: NewWorkload, policy: PullPolicy): readonly JudgedWorkload[] {
  const asked = workload.targets.flatMap((target) => {
    const { ruling, exempt } = askedOf(workload.service, target, policy);
    return ruling === "off" ? [] : [{ target, standing: standing(target, ruling, exempt) }];
  });
  return [...Map.groupBy(asked, ({ standing: { kind } }) => kind).values()].flatMap((some) => {
    const targets = some.map(({ target }) => target);
    const isWhole = workload.isWhole && targets.length === workload.targets.length;
    return some.slice(0, 1).map((one) => ({ workload: { ...workload, targets, isWhole }, standing: one.standing }));
  });
}

type Asked = ReturnType<PullPolicy["workload"]>;

/** The strictest of what is asked where each file lies: what lets go of one folder lets nothing go that a file elsewhere brings. */
function askedOf(service: string, { paths }: NewTarget, { workload }: PullPolicy): Asked {
  const [strictest] = paths
    .map((path) => workload(service, [path]))
    .toSorted((a, b) => STRICTEST.indexOf(rankOf(a)) - STRICTEST.indexOf(rankOf(b)));
  return strictest ?? workload(service, []);
}

const STRICTEST = ["require", "advise", "exempt", "off"] as const;

function rankOf({ ruling, exempt }: Asked): (typeof STRICTEST)[number] {
  return ruling === "off" || exempt === undefined ? ruling : "exempt";
}

// Somebody's reason says more than what Tidegate cannot do.
function standing({ unfit }: NewTarget, ruling: Ruling, exempt: string | undefined): Standing {
  if (exempt !== undefined) return { kind: "exempt", reason: exempt };
  if (unfit !== undefined) return { kind: "unfit", unfit };
  return { kind: ruling === "require" ? "required" : "advised" };
}

function conclusionOf({
  workloads,
  pitfalls,
  unread,
}: Pick<Judgement, "workloads" | "pitfalls"> & { readonly unread: Dark | undefined }): Judgement["conclusion"] {
  const kinds = new Set(workloads.map(({ standing: { kind } }) => kind));
  if (kinds.has("required") || pitfalls.some(({ isFailing }) => isFailing) || unread?.isFailing === true)
    return "failure";
  return kinds.has("advised") || pitfalls.length > 0 || unread !== undefined ? "neutral" : "success";
}
