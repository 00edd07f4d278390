import type { Fall } from "./action.ts";
import type { Change } from "./change.ts";
import { divergence } from "./divergence.ts";
import { isSentBesides } from "./fall.ts";
import { NO_EVIDENCE } from "./gate/evidence.ts";
import type { Sha } from "./names.ts";
import { climbs, type Step } from "./plan.ts";
import { begin, blockOf, isBumped, nothing, saidOf, byWeightAlone, withTarget } from "./proposal.ts";
import type { Member } from "./snapshot.ts";
import type { Blocked, Override, ReleaseState, ServiceState, TargetState } from "./state.ts";
import { unreachable } from "./unreachable.ts";
import { NO_WEIGHT, type Weight } from "./weight.ts";

/** A commit that a person asks for, or whose hand edit asks for it, and that is merged at once. */
export type Asked = {
  readonly fall: Extract<Fall, { readonly kind: "adopt" | "toZero" | "retry" | "rollback" }>;
  /** The comment's id; 0 where an edit asks. */
  readonly comment: number;
};

/** What the commit changes. It never raises a weight above what the route has. */
export function landingOf(member: Member, base: Sha, { fall, comment }: Asked): Change {
  const heard = Math.max(member.state.heard, comment);
  switch (fall.kind) {
    case "adopt":
      return adopted(member, base, { by: fall.by, comment: comment === 0 ? undefined : comment, heard });
    case "toZero":
      return toZero(member, base, heard);
    case "retry":
      return retried(member, base, { block: fall.block, heard });
    case "rollback":
      return rolledBack(member, base, { commit: fall.to.commit, image: fall.to.image, by: fall.by, heard });
    default:
      return unreachable(fall);
  }
}

/** The weight to 0, where no release wants one. */
export function toZero(member: Member, base: Sha, heard = member.state.heard): Change {
  return { ...nothing(member, base), weight: NO_WEIGHT, state: { ...member.state, heard } };
}

type Adopting = { readonly by: string; readonly comment: number | undefined; readonly heard: number };

/** The state follows the manifests: the release stands at the step whose weight the route has, and its evidence begins anew. */
function adopted(member: Member, base: Sha, adopting: Adopting): Change {
  const found = divergence(member);
  const { heard } = adopting;
  if (found?.kind === "stable")
    return { ...nothing(member, base), state: { ...stableAdopted(member, adopting), heard } };
  const weight = member.manifest.weight;
  const step = stepAt(member, weight);
  const release = step && releaseAt(member, step, adopting);
  const at: TargetState = { ...byWeightAlone(member.at), weight, release };
  const holds = member.state.holds.filter(({ target }) => target !== member.target);
  return {
    ...nothing(member, base),
    // The weight as it is, so that nothing else goes to the canary.
    weight: isSentBesides(member.manifest) ? weight : undefined,
    canaryReplicas: step?.replicas === undefined ? undefined : Math.max(step.replicas, member.manifest.canary.replicas),
    state: { ...withTarget(member, at), holds, heard },
  };
}

/** The climbing step that commits a weight; undefined where the plan has none. */
export function stepAt({ plan }: Pick<Member, "plan">, weight: Weight): Step | undefined {
  return plan.steps.find((step) => step.weight === weight && climbs(step));
}

function releaseAt(member: Member, step: Step, { by, comment }: Adopting): ReleaseState {
  const known = member.at.release;
  const isRise = step.weight > member.at.weight;
  const override: Override | undefined = isRise
    ? { by, comment, commit: comment === undefined ? member.edit?.commit : undefined, reach: "step" }
    : undefined;
  return {
    ...(known ?? begin(member)),
    step: step.index,
    evidence: NO_EVIDENCE,
    latency: undefined,
    gauges: undefined,
    override,
    skips: saidOf(member).skips,
  };
}

/** Stable is what a person made it; what stands on the canary beside it starts no release by itself. */
function stableAdopted(member: Member, { by }: Adopting): ServiceState {
  const { image, template } = member.manifest.canary;
  const stable = member.manifest.stable.image;
  const block: Blocked = {
    image,
    template: image === stable ? template : undefined,
    commit: undefined,
    by: "person",
    reason: `${by} adopted another version as stable`,
  };
  const isBlocked = !isBumped(member) || blockOf(member) !== undefined;
  const state = withTarget(member, { ...member.at, stable });
  return isBlocked ? state : { ...state, blocked: [...state.blocked, block] };
}

type Retrying = { readonly block: Blocked; readonly heard: number };

/** The block goes; where the version was taken back and its commit is given, the canary gets it again, at weight 0. */
function retried(member: Member, base: Sha, { block, heard }: Retrying): Change {
  const blocked = member.state.blocked.filter(
    ({ image, template }) => image !== block.image || template !== block.template,
  );
  const isThere = isBumped(member) || block.commit === undefined;
  const { image, template } = member.manifest.canary;
  return {
    ...nothing(member, base),
    canaryTemplate: isThere ? undefined : { kind: "asAt", commit: block.commit, aborted: { image, template } },
    state: { ...member.state, blocked, heard },
  };
}

type RollingBack = {
  readonly commit: Sha;
  readonly image: TargetState["stable"];
  readonly by: string;
  readonly heard: number;
};

/** Stable and canary get the pod template that stable had at a commit; what they leave is blocked. No traffic moves between them. */
function rolledBack(member: Member, base: Sha, { commit, image, by, heard }: RollingBack): Change {
  const left = member.manifest.stable;
  const block: Blocked = {
    image: left.image,
    template: left.image === image ? left.template : undefined,
    commit: undefined,
    by: "person",
    reason: `rolled back by ${by}`,
  };
  const state = withTarget(member, { ...member.at, stable: image });
  return {
    ...nothing(member, base),
    stableTemplate: { kind: "asAt", commit },
    canaryTemplate: { kind: "asStableAt", commit, aborted: { image: left.image, template: left.template } },
    state: { ...state, heard, blocked: [...state.blocked.filter((one) => one.image !== left.image), block] },
  };
}
