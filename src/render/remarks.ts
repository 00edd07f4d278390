import { code } from "./markdown.ts";
import { expediteOf, type Bump, type Obstacle } from "./obstacle.ts";

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
  ];
}

/** The pull request changes more of the canary's pod template than the image. */
export function isMixed({ member, to }: Bump): boolean {
  const { canary } = member.manifest;
  return canary.image !== to.canary.image && canary.besides !== to.canary.besides;
}

function isTemplateAlone({ to }: Bump): boolean {
  return to.stable.image === to.canary.image;
}
