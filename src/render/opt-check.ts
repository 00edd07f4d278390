import type { Offer, Offered, OfferedTemplate, OptPull } from "../core/opting.ts";
import { unreachable } from "../core/unreachable.ts";
import { settled, type Check, type Settled } from "./check.ts";
import { code, escaped, list } from "./markdown.ts";
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

function standingOf({ service, verb, standing }: OptPull): Standing {
  const way = verb === "opt-in" ? "in" : "out";
  switch (standing.kind) {
    case "current":
    case "outdated":
      return {
        conclusion: "success",
        title: `Merging ${standing.change.first.length === 0 ? "opts" : "is the first of two steps to opt"} ${service} ${way}; ${movesText(standing.change)}`,
        body: aboutText(standing.change).join("\n\n"),
      };
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
