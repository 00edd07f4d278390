import type { Manifest } from "../core/manifest.ts";
import type { EvidenceKind } from "../core/plan.ts";
import { untoldStep } from "../core/rollout.ts";
import { code, escaped } from "./markdown.ts";
import { expediteOf, nameOf, type Bump, type Obstacle } from "./obstacle.ts";
import { named } from "./wave.ts";

/** Releases that a pull request would touch, and the labels that it has. */
export type Labelled = { readonly bumps: readonly Bump[]; readonly labels: readonly string[] };

/** What is to be known of the releases that a pull request starts, each where it applies: paragraphs of Markdown. `first` is the worst that is in their way. */
export function remarks({ bumps, labels }: Labelled, first: Obstacle | undefined): readonly string[] {
  const hotfix = bumps.map((bump) => expediteOf(bump, labels)).find((found) => found !== undefined);
  const [bump] = bumps;
  const label = bump?.member.policy.expedite?.label;
  const isOrdinary = first?.kind === "queued" || first?.kind === "batched";
  return [
    ...(hotfix === undefined
      ? []
      : [
          `The label ${code(hotfix.label)} asks for the plan of hotfixes: it waits in no queue, and its steps are its own.`,
        ]),
    ...(isOrdinary && hotfix === undefined && label !== undefined
      ? [`The label ${code(label)} makes it a hotfix, which waits in no queue and goes by a plan of its own.`]
      : []),
    ...(bumps.some(isMixed)
      ? [
          "Besides the image this changes other parts of the pod template: they are released, judged and taken back with it.",
        ]
      : []),
    ...(bumps.some(isTemplateAlone)
      ? [
          "Where the image stays the same, the change of the pod template is a release of its own, judged like any other.",
        ]
      : []),
    ...untoldText(bumps),
  ];
}

/** Which steps of the releases nothing would show, and what to do about it first: a sentence for each kind. */
function untoldText(bumps: readonly Bump[]): readonly string[] {
  const kinds = Map.groupBy(bumps, ({ member, to }) => {
    const step = untoldStep(member, to);
    return step === "promote" ? promotionOf(to) : step && member.policy.evidence;
  });
  return [...kinds].flatMap(([kind, some]) => {
    const names = escaped(named(some.map(({ member }) => nameOf(member))));
    if (kind === undefined) return [];
    return [isPromotion(kind) ? PROMOTIONS[kind](names) : untoldWeights(names, kind)];
  });
}

/** Why nothing shows a promotion, or nothing but the controller. */
type Untold = "shared" | "scaled" | "switched" | "copied";

function promotionOf({ scaled, ratio, blueGreen, flagger }: Manifest): Untold {
  if (flagger !== undefined) return "copied";
  if (scaled === undefined || ratio !== undefined) return "shared";
  return blueGreen === true ? "switched" : "scaled";
}

function isPromotion(kind: EvidenceKind | Untold): kind is Untold {
  return kind in PROMOTIONS;
}

const PROMOTIONS: { readonly [kind in Untold]: (names: string) => string } = {
  copied: (names) =>
    `Both Deployments of ${names} run one image before and after Flagger promotes: nothing shows the promotion, so the last step waits for a person, who merges it once the Canary has ${code("Succeeded")}; or say ${code("observe: assumed")} for the target, or bring the change with a new image.`,
  shared: (names) =>
    `Pods make the share of ${names}, and those of both versions run one image: only the Argo Rollouts controller's own metrics can show the promotion, so have ${code("rollout_info")} scraped before this is merged, say ${code("observe: assumed")} for the target, or bring the change with a new image.`,
  scaled: (names) =>
    `Git does not say how many pods ${names} has, and those of both versions run one image: only the Argo Rollouts controller's own metrics can show the promotion, so have ${code("rollout_info")} scraped before this is merged, say ${code("observe: assumed")} for the target, or bring the change with a new image.`,
  switched: (names) =>
    `Git does not say how many pods ${names} has, and those of both versions run one image: nothing shows that the old ones have gone after the switch, so the last step waits for a person, who merges it once ${code("scaleDownDelaySeconds")} are over; or bring the change with a new image.`,
};

// A target that only bakes must be seen, so that nothing can be assumed of it.
function untoldWeights(names: string, evidence: EvidenceKind): string {
  const assumed = evidence === "bake" ? "" : `say ${code("observe: assumed")} for the target, or `;
  return `With ${code(`evidence: ${evidence}`)} the weights of ${names} show in pods, and those of both versions run one image: none would be seen to run, so ${assumed}bring the change with a new image.`;
}

/** The pull request changes more of the canary's pod template than the image. */
export function isMixed({ member, to }: Bump): boolean {
  const { canary } = member.manifest;
  return canary.image !== to.canary.image && canary.besides !== to.canary.besides;
}

function isTemplateAlone({ to }: Bump): boolean {
  return to.stable.image === to.canary.image;
}
