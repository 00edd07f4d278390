import type { Offer, Offered, OfferedTemplate, OptPull, OptSettling } from "../core/opting.ts";
import { unreachable } from "../core/unreachable.ts";
import { settled, type Check, type Settled } from "./check.ts";
import { code, escaped, list } from "./markdown.ts";
import { utc } from "./numbers.ts";
import { movesText } from "./opt-message.ts";
import { aboutText } from "./opt-pull.ts";

const MOST_REASONS = 20;
const MOST_SERVICES = 20;
const LONGEST_REASON = 1_000;

/** What merging a pull request does that opts a service in or out, on that pull request. */
export function optCheck(pull: OptPull): Check {
  return settled({ name: "tidegate/plan", headSha: pull.headSha, text: undefined, ...standingOf(pull) });
}

type Standing = Pick<Settled, "conclusion" | "title" | "body">;

function standingOf({ service, verb, standing, settling }: OptPull): Standing {
  const way = verb === "opt-in" ? "in" : "out";
  switch (standing.kind) {
    case "current":
    case "outdated": {
      const about = aboutText(standing.change).join("\n\n");
      return settling === undefined || (settling.isOver === true && !settling.waits)
        ? {
            conclusion: "success",
            title: `Merging ${standing.change.first.length === 0 ? "opts" : "is the first of two steps to opt"} ${service} ${way}; ${movesText(standing.change)}`,
            body: about,
          }
        : unsettled(settling, about);
    }
    case "refused":
      return {
        conclusion: "action_required",
        title: `${service} cannot be opted ${way} as things stand`,
        body: `${reasonList(standing.reasons)}\n\nClose this, or mend that on the tracked branch.`,
      };
    case "foreign":
      return {
        conclusion: standing.trespasses.length === 0 ? "neutral" : "action_required",
        title: `Not what Tidegate wrote: ${standing.by} has commits on it`,
        body: [
          "Tidegate leaves this branch alone as long as somebody else's commits are on it, does not say what merging it does, and does not remove it before they have landed.",
          ...(standing.trespasses.length === 0
            ? []
            : [
                `They change what only Tidegate writes:\n\n${list(
                  standing.trespasses.map((path) => escaped(path)),
                  MOST_REASONS,
                )}`,
              ]),
          `Say ${code(`/${verb} ${service}`)} when they are gone.`,
        ].join("\n\n"),
      };
    default:
      return unreachable(standing);
  }
}

/** Merged while a version is on its way, its release would be lost: what is given no requests any more counts as what stable runs. */
function unsettled({ commit, until, waits, isOver }: OptSettling, about: string): Standing {
  const since = commit === undefined ? "a version" : `the version of ${commit.slice(0, 7)}`;
  const look =
    "Whether it has arrived only the cluster tells (the phase of what its controller follows, or the health of what delivers it).";
  if (isOver === true)
    return {
      conclusion: "neutral",
      title: `Have a look before you merge: ${since} may wait for somebody`,
      body: [
        `By what the controller is told, ${since} may have stopped on its way for a person. ${look} Merge this when none is on its way.`,
        about,
      ].join("\n\n"),
    };
  const at = utc(until, 0);
  return {
    conclusion: "action_required",
    title: `Not before ${at}: ${since} may be on its way`,
    body: [
      `The controller may roll ${since} out until ${at}, by the pauses of its steps and its progress deadline. Merged before that, this would leave it without requests and take it for what stable runs. ${waits ? `After that it may wait for somebody. ${look}` : "The check follows by itself."}`,
      about,
    ].join("\n\n"),
  };
}

/** What is offered to whoever bumps services that have no template. */
export function offerCheck({ headSha, services }: Offer): Check {
  const [first, second] = services;
  const whose = second === undefined ? (first?.service ?? "") : `${services.length} services`;
  const title = `Not opted in: merging deploys ${whose} at once`;
  const body = [
    "Tidegate does not steer what this bumps, so nothing is delivered step by step.",
    list(services.map(offeredItem), MOST_SERVICES),
    "A comment with that line opens a pull request to review; nothing that runs changes by it.",
  ];
  const isOffered = services.some(({ offer }) => offer.kind !== "none");
  return settled({
    name: "tidegate/plan",
    headSha,
    conclusion: "neutral",
    title,
    body: body.slice(0, isOffered ? 3 : 2).join("\n\n"),
    text: undefined,
  });
}

function offeredItem({ service, targets, offer }: Offered): string {
  const whose = `**${escaped(service)}** (${escaped(targets.join(", "))})`;
  switch (offer.kind) {
    case "none":
      return `${whose} cannot be opted in as it is: ${escaped(offer.why, LONGEST_REASON)}`;
    case "untried":
      return `${whose}: ${code(`/opt-in ${service}`)}`;
    case "fits":
      return `${whose}: ${offer.templates.map((template) => lineFor(service, template)).join(", or ")}${offer.more === 0 ? "" : `, or ${offer.more} more templates: ${code(`/opt-in ${service}`)} lists them`}`;
    default:
      return unreachable(offer);
  }
}

function lineFor(service: string, { name, title, needs }: OfferedTemplate): string {
  const parameters = needs.map((need) => ` ${need}=…`).join("");
  return `${code(`/opt-in ${service} ${name}${parameters}`)} (${escaped(title)})`;
}

function reasonList(reasons: readonly string[]): string {
  return list(
    reasons.map((reason) => escaped(reason, LONGEST_REASON)),
    MOST_REASONS,
  );
}
