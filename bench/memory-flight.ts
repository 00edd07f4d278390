import { parseState } from "../src/config/state-file.ts";
import { printState } from "../src/config/state-text.ts";
import { NO_EVIDENCE } from "../src/core/gate/evidence.ts";
import { sha } from "../src/core/names.ts";
import { planOf, type Step } from "../src/core/plan.ts";
import type { Result } from "../src/core/result.ts";
import type { ReleaseState } from "../src/core/state.ts";
import { weight } from "../src/core/weight.ts";
import { applyChange } from "../src/manifest/change.ts";
import { readMember } from "../src/manifest/member.ts";
import { pathsOf } from "../src/sandbox/fleet.ts";

/** Texts by path. */
export type Files = ReadonlyMap<string, string>;

/** Canary weights that releases of the benchmark go by, and how long each is baked (hours): longer than it runs. */
export const STEPS = { weights: [5, 25, 50], bakeHours: 24 } as const;

/** Which release a service has under way: the commit that brought its version, and when that landed, milliseconds. */
export type Begun = { readonly commit: string; readonly since: number };

/** A service's files after a bump bot has brought a version. */
export function bumped(files: Files, service: string, version: string): Files {
  const { canary } = pathsOf(service);
  const text = (files.get(canary) ?? "").replace(/(image: \S+):[^:\s]+/, `$1:${version}`);
  return new Map([...files, [canary, text]]);
}

/** A service's files after a step of its release has landed, by index in the plan: edited as Tidegate edits them. The steps before must be in the files. */
export function stepped(files: Files, service: string, begun: Begun, index: number): Files {
  const path = pathsOf(service).state;
  const state = valueOf(parseState({ path, text: files.get(path) ?? "" }));
  const [[target, at] = none(`${path} has no target.`)] = state.targets;
  const { canary, stable } = valueOf(readMember(files, at, state.service));
  const step = stepAt(stable.replicas, index);
  const release: ReleaseState = {
    image: canary.image,
    from: at.stable,
    template: canary.template,
    commit: sha(begun.commit),
    source: undefined,
    since: begun.since,
    step: step.index,
    evidence: NO_EVIDENCE,
    plan: "usual",
    override: undefined,
    skips: [],
    aborting: undefined,
  };
  const next = { ...state, targets: new Map([[target, { ...at, weight: step.weight, release }]]) };
  const change = {
    service: state.service,
    target,
    base: release.commit,
    weight: step.weight,
    canaryReplicas: step.replicas,
    stableTemplate: undefined,
    canaryTemplate: undefined,
    state: next,
  };
  const texts = valueOf(applyChange({ files, older: {} }, change));
  return new Map([...files, ...texts, [path, printState(next)]]);
}

/** The step of that index for a stable of so many replicas. */
export function stepAt(stableReplicas: number, index: number): Step {
  const { weights, bakeHours } = STEPS;
  const { steps } = planOf({ weights: weights.map(weight), bakeMs: bakeHours * 3_600_000 }, stableReplicas);
  return steps[index] ?? none(`A plan has no step ${index}.`);
}

function valueOf<T>(result: Result<T, unknown>): T {
  return result.kind === "ok" ? result.value : none(JSON.stringify(result.error));
}

function none(why: string): never {
  throw new Error(why);
}
