import { isName, sha, type Name } from "../../core/names.ts";
import { ok, type Result } from "../../core/result.ts";
import type { Arms, ImagePlace, RolloutFiles, ServiceState, TargetState } from "../../core/state.ts";
import { NO_WEIGHT } from "../../core/weight.ts";
import { peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { resourcesOf } from "../resource.ts";
import { claimPromotion, isBlueGreen, promotionWritten } from "../routers/rollout-promotion.ts";
import { claimSteps, stepsWritten } from "../routers/rollout-steps.ts";
import { readSpec, SERVICES, type RolloutSpec, type Strategy } from "./rollout-spec.ts";
import { readTemplate, templateOf } from "./rollout.ts";

/** An existing Rollout whose steps, or whose switch, are to be Tidegate's; `workload` has the pod template, and may be the same file. What is not said is as the Rollout says it. */
export type ClaimOf = {
  readonly rollout: TextFile;
  readonly workload: TextFile;
  readonly target: Name;
  readonly service?: Name | undefined;
  readonly namespace?: Name | undefined;
  /** Where people bump the version, and the file that is in, if an overlay says another one than `workload`. */
  readonly image?: { readonly place: ImagePlace; readonly file: TextFile } | undefined;
};

/** What opting in writes: the Rollout's file at rest, and the service's state. */
export type Claimed = { readonly rollout: string; readonly state: ServiceState };

const TEMPLATE = { name: "claimed-rollout", revision: sha("0".repeat(40)) };

/**
 * What to write so that releases go by the steps, or by the switch, of an existing Rollout; refused where its controller could not be driven by them alone.
 * Stable is taken to run the pod template that the files have now.
 */
export function claimRollout(claim: ClaimOf): Result<Claimed, Refusal> {
  const said = attempt(() => saidOf(claim));
  if (said.kind === "err") return said;
  const { service, namespace, arms, strategy } = said.value;
  const { rollout } = claim;
  const resting = STEERED[strategy].claim(rollout, { namespace });
  if (resting.kind === "err") return resting;
  const was = STEERED[strategy].written(rollout, { namespace });
  if (was.kind === "err") return was;
  const spec = readSpec({ path: rollout.path, text: resting.value }, { arms, manifests: filesOf(claim) });
  if (spec.kind === "err") return spec;
  const claims = [{ path: rollout.path, at: STEERED[strategy].at, was: was.value }];
  const { deployment } = spec.value;
  return claimedAs(claim, { rollout: resting.value, template: TEMPLATE, service, namespace, arms, deployment, claims });
}

/** What is found of a Rollout or a Canary that is claimed; `rollout` is the text of its file at rest, and `deployment` what has the pod template, as in its spec. */
export type Found = Pick<TargetState, "namespace" | "arms"> &
  Pick<ServiceState, "service" | "template" | "claims"> &
  Pick<RolloutSpec, "deployment"> & { readonly rollout: string };

/** The claim of what is found at rest, with the version that its pod template has now on record as stable's. */
export function claimedAs(claim: ClaimOf, found: Found): Result<Claimed, Refusal> {
  const { service, namespace, arms, template, claims, deployment, rollout } = found;
  const { workload, image: bumped, target } = claim;
  const files = filesOf(claim);
  const texts = new Map([workload, ...(bumped ? [bumped.file] : [])].map(({ path, text }) => [path, text]));
  const run = readTemplate(texts, files, templateOf({ deployment }, { namespace }, service));
  if (run.kind === "err") return run;
  const manifests: RolloutFiles = { ...files, stableTemplate: run.value.template };
  const at = { namespace, manifests, arms, weight: NO_WEIGHT, stable: run.value.image, release: undefined };
  const targets = new Map([[target, at]]);
  return ok({ rollout, state: { service, template, owned: [], claims, targets, blocked: [], holds: [], heard: 0 } });
}

function filesOf({ rollout, workload, image: bumped }: ClaimOf): RolloutFiles {
  return {
    layout: "rollout",
    rollout: rollout.path,
    workload: workload.path,
    ...(bumped && { image: bumped.place }),
    stableTemplate: "",
  };
}

/** What is claimed of a Rollout, the edit that puts it at rest, and what that replaces. */
const STEERED = {
  canary: { at: "spec.strategy.canary.steps", claim: claimSteps, written: stepsWritten },
  blueGreen: {
    at: "spec.strategy.blueGreen.autoPromotionEnabled",
    claim: claimPromotion,
    written: promotionWritten,
  },
} as const satisfies Readonly<Record<Strategy, unknown>>;

type Said = {
  readonly service: Name;
  readonly namespace: Name;
  readonly arms: Arms;
  readonly strategy: Strategy;
};

function saidOf({ rollout, service, namespace }: ClaimOf): Said {
  const source = readSource(rollout);
  const [found] = resourcesOf(source, "argoproj.io", "Rollout");
  if (found === undefined) return refuse(source, 0, "no Rollout", "the file of a Rollout has it");
  const { tree } = found;
  const at = (path: YamlPath, why: string) => nameAt(source, tree, path, why);
  const called = service ?? at(["metadata", "name"], "it is what the service is called: say --service");
  const inside = namespace ?? at(["metadata", "namespace"], "say --namespace");
  const strategy: Strategy = isBlueGreen(rollout, { namespace: inside }) ? "blueGreen" : "canary";
  const [canary, stable] = [SERVICES[strategy].canary, SERVICES[strategy].stable];
  const labelled = peek(tree, canary) === undefined && peek(tree, stable) === undefined ? labelsOf(tree) : undefined;
  const why = `canary and stable are told apart by ${String(canary.at(-1))} and ${String(stable.at(-1))}; without them by a label that canaryMetadata and stableMetadata give to pods (docs/rollouts.md)`;
  const arms = labelled ?? ({ canary: at(canary, why), stable: at(stable, why), by: "service" } as const);
  return { service: called, namespace: inside, arms, strategy };
}

/** What our own template calls the label by which pods of two arms are told apart. */
const ARM = "rollout-arm";

/** The names of the arms by the only label whose values are such, or by the one that is called as ours. */
function labelsOf(tree: Tree): Arms | undefined {
  const under = (arm: "canary" | "stable") => {
    const labels = peek(tree, ["spec", "strategy", "canary", `${arm}Metadata`, "labels"]);
    return labels?.kind === "map" ? labels.entries.map(({ key }) => key) : [];
  };
  const value = (arm: "canary" | "stable", key: string) =>
    peekText(tree, ["spec", "strategy", "canary", `${arm}Metadata`, "labels", key]);
  const all = under("canary").flatMap((key): readonly (Arms & { readonly key: string })[] => {
    const [canary, stable] = [value("canary", key), value("stable", key)];
    return isName(canary) && isName(stable) && canary !== stable ? [{ key, canary, stable, by: "workload" }] : [];
  });
  const found = all.length === 1 ? all[0] : all.find(({ key }) => key === ARM);
  return found && { canary: found.canary, stable: found.stable, by: found.by };
}

function nameAt(source: Source, tree: Tree, path: YamlPath, why: string): Name {
  const text = peekText(tree, path);
  if (isName(text)) return text;
  const said = text === undefined ? `no ${String(path.at(-1))}` : `the ${String(path.at(-1))} ${quote(text)}`;
  return refuse(source, peek(tree, path) ?? tree, said, why);
}
