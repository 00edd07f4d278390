import { backtestedIn, type OptChange, type OptFile, type OptTarget } from "../core/opting.ts";
import { code, details, escaped, fenced, list } from "./markdown.ts";
import { optTitle } from "./opt-message.ts";
import { pastToCome } from "./opt-past.ts";
import type { PullText } from "./pull.ts";
import { planTable } from "./step.ts";

const MOST_FILES = 60;
const MOST_REMARKS = 40;
const MOST_PLANS = 20;

/** The pull request that opts a service in or out. `isPlayed`: releases are played over its past without anybody asking for it. */
export function optPull(change: OptChange, isPlayed: boolean): PullText {
  const body = [
    ...aboutText(change),
    `Asked for by ${escaped(change.wish.by)}. Tidegate does not merge this; people do. While it is open, Tidegate keeps it as the tracked branch asks for, unless somebody else's commits are on it.`,
    // Last: it is as long as there is room for.
    ...(isPlayed ? [pastToCome()] : playText(change)),
  ];
  return { title: optTitle(change.wish), body: body.join("\n\n") };
}

/** What merging it does, and what is to be known of it: paragraphs of Markdown. */
export function aboutText(change: OptChange): readonly string[] {
  const { wish, touched, remarks } = change;
  return [
    mergingText(change),
    `What changes:\n\n${list(touched.map(fileItem), MOST_FILES)}`,
    ...(remarks.length === 0
      ? []
      : [
          `To be known:\n\n${list(
            remarks.map(({ path, line, says }) => `line ${line} of ${escaped(path)}: ${escaped(says)}`),
            MOST_REMARKS,
          )}`,
        ]),
    ...(wish.verb === "opt-in" ? releasesText(change) : []),
  ];
}

function mergingText(change: OptChange): string {
  const { wish, targets } = change;
  const places = escaped(targets.map(({ target }) => target).join(", "));
  const service = escaped(wish.service);
  if (wish.verb === "opt-out")
    return `Merging takes ${service} off its template in ${places}: what opting in has added goes, and what people have changed since stays. ${trafficText(change)}${haste(change)}. ${stepText(change) ?? `${isAsItStands(change) ? "From then on its controller moves a bump by what is written there" : "From then on merging a bump deploys it at once"}. ${code(`/opt-in ${wish.service}`)} opts it in again.`}`;
  const words = [
    ...wish.parameters.map(([name, value]) => `${name}=${value}`),
    ...(wish.namespace === undefined ? [] : [`--namespace ${wish.namespace}`]),
  ];
  const given = words.map(code).join(", ");
  return `Merging puts ${service} on the template ${code(wish.template ?? "")} in ${places}${given === "" ? "" : `, with ${given}`}. ${trafficText(change)}. ${stepText(change) ?? `${renderedText(change)}. From then on a bump starts a release.`}`;
}

function renderedText(change: OptChange): string {
  if (change.isHandover === true) return "The Deployment is rendered with no pods";
  return isAsItStands(change)
    ? "Of what is rendered now that alone differs which releases write"
    : "Nothing that is rendered now differs";
}

function isAsItStands({ standing = [] }: Pick<OptChange, "standing">): boolean {
  return standing.length > 0;
}

/** What merging does to requests. */
function trafficText(change: Pick<OptChange, "isHandover" | "standing">): string {
  if (change.isHandover === true) return "Requests go to other pods of the same version by it";
  return isAsItStands(change)
    ? "**Merge it while no version is on its way**: no traffic moves by it then, and git cannot tell"
    : "No traffic moves by it";
}

/** What a bump would do that this cannot follow in time, where the version is stable's by merging it. */
function haste({ wish, first, standing = [], targets, isHandover = false }: OptChange): string {
  const isLastStep = isHandover && first.length === 0;
  if (isLastStep || standing.length === targets.length) return "";
  return `. **Merge it while no bump of ${escaped(wish.service)} is being merged**: a version that lands in the seconds before, so that this check has not followed, goes to everybody at once, and no release takes it back`;
}

/** What is to follow, where this is not all of it. */
function stepText({ wish, first }: OptChange): string | undefined {
  if (first.length === 0) return undefined;
  const pods = wish.verb === "opt-in" ? "Rollout" : "Deployment";
  return `This is the first of two steps in ${escaped(first.join(", "))}: once all pods of the ${pods} are ready there, the same command again opens the second. Whether they are is people's word.`;
}

function releasesText({
  wish: { service, template = "" },
  targets,
  standing = [],
  proposed,
}: OptChange): readonly string[] {
  return [
    ...targets.slice(0, MOST_PLANS).map((target) => planText(service, target)),
    ...(proposed === undefined
      ? []
      : [
          `${standing.length > 0 ? "What stood there, and else the template" : "The template"} ${code(template)} proposes, as lines of ${code(".github/tidegate.yml")}:\n\n${fenced(proposed.trimEnd(), "yaml")}`,
        ]),
    `To undo it: ${code(`/opt-out ${service}`)}, which gives back the same files.`,
  ];
}

function playText(change: OptChange): readonly string[] {
  return backtestedIn(change).length === 0
    ? []
    : [`${code("/backtest")} here plays releases over the past of what runs now, before the merge and after it.`];
}

function planText(service: string, of: OptTarget): string {
  if (of.kind === "unplanned")
    return `How releases of ${escaped(service)} in ${escaped(of.target)} would go is not known: ${escaped(of.problem, 1_000)}`;
  const title = `How releases in ${of.target} go: ${of.plan.steps.length} steps, with their gates`;
  return details(title, planTable(of.plan, -1, of.member.policy.evidence));
}

function fileItem({ path, what, isOwned }: OptFile): string {
  return `${what}: ${escaped(path)} (${isOwned ? "Tidegate's" : "yours"})`;
}
