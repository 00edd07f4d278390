import type { Backtested, BacktestOf } from "./backtest.ts";
import { isCommand, isTelling, type Command, type CommandError, type Verb } from "./commands.ts";
import type { Name, Sha } from "./names.ts";
import type { Plan } from "./plan.ts";

/** Verbs that put a service on a template or take it off: of services, not of releases. */
export type OptVerb = "opt-in" | "opt-out";

/** A command that is heard of a service, whether or not it has releases. */
export type OptCommand = Extract<Command, { readonly verb: OptVerb }>;

export function isOptCommand(command: Command): command is OptCommand {
  return command.verb === "opt-in" || command.verb === "opt-out";
}

/** Whether a line is about opting in or out, mistakes in it too. */
export function isOpting(parsed: Command | CommandError): boolean {
  const verb = verbOf(parsed);
  return verb === "opt-in" || verb === "opt-out";
}

/** Whether a line asks for a back-test, mistakes in it too. */
export function isPlaying(parsed: Command | CommandError): boolean {
  return verbOf(parsed) === "backtest";
}

function verbOf(parsed: Command | CommandError): Verb | undefined {
  if (isCommand(parsed)) return parsed.verb;
  return parsed.kind === "unknownCommand" ? parsed.didYouMean : "command" in parsed ? parsed.command : undefined;
}

/** Everything of opting in and out that one look has found out. */
export type Opting = {
  readonly asked: readonly OptAsked[];
  readonly pulls: readonly OptPull[];
  readonly offers: readonly Offer[];
  /** Open pull requests of ours whose turn to be looked into has not come: nothing new is said on them. */
  readonly waiting: readonly OptWaiting[];
};

/** `isNew`: it has not been looked into since it, or the tracked branch, has moved. */
export type OptWaiting = { readonly number: number; readonly headSha: Sha; readonly isNew: boolean };

/** An unanswered comment with commands about opting in or out, or about the past of what is to be opted in: what each of its lines comes to, in their order. */
export type OptAsked = { readonly comment: Heeded; readonly said: readonly OptSaid[] };

/** A comment as far as an answer needs it. */
export type Heeded = { readonly id: number; readonly pull: number; readonly human: { readonly login: string } };

/** What one line comes to, as things stand. */
export type OptSaid =
  | { readonly kind: "mistaken"; readonly error: CommandError }
  /** It does not tell which service, or which template: a question, in a sentence, and what there is to choose from. */
  | {
      readonly kind: "unclear";
      readonly verb: SaidVerb;
      readonly why: string;
      readonly choices: readonly string[];
    }
  | {
      readonly kind: "meant";
      readonly verb: SaidVerb;
      readonly service: string;
      readonly found: OptFound;
    }
  /** What the past says of what is to be opted in; `found` once that is known, as Markdown. */
  | {
      readonly kind: "played";
      readonly verb: "backtest";
      readonly of: readonly Backtested[];
      readonly found: string | undefined;
    }
  /** It is of releases, and said where a service is opted in or out: `pull`, as far as that is known. */
  | { readonly kind: "elsewhere"; readonly verb: Verb; readonly pull: OptPull | undefined };

/** Verbs that are heard of services without a template. */
export type SaidVerb = OptVerb | "backtest";

export type OptFound =
  /** `why` is a sentence for the person. */
  | { readonly kind: "denied"; readonly why: string }
  /** What speaks against it, each with file, line, reason and advice. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  /** A later command of this look is about the same service, and goes. */
  | { readonly kind: "superseded" }
  /** The branch is not ours alone: somebody's commits are on it, or somebody's pull request is open from it. */
  | { readonly kind: "taken"; readonly by: string; readonly pull: number | undefined }
  /** Somebody has closed the pull request since this was asked for. */
  | { readonly kind: "closed"; readonly pull: number }
  /** It is open, and brings what it should. */
  | { readonly kind: "open"; readonly pull: number }
  /** It is to be pushed, and opened where it is not. */
  | ({ readonly kind: "due" } & OptDue);

/** What is to be pushed. `anew`: the open pull request whose words tell of another wish, by its number. `declined`: the rules of the repository did not let it in. */
export type OptDue = {
  readonly change: OptChange;
  readonly anew: number | undefined;
  readonly declined?: OptDeclined | undefined;
};

/** `why`: GitHub's own words. `isTold`: whoever asked knows. */
type OptDeclined = { readonly why: string; readonly isTold: boolean };

/** What was asked for: everything that its commit follows from besides the tracked branch. */
export type OptWish = {
  readonly verb: OptVerb;
  readonly service: Name;
  /** As the repository's inventory finds it; `checkout@apps/checkout` where several have that name. */
  readonly called: string;
  /** Undefined of opting out. */
  readonly template: string | undefined;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** All that the service has where it is absent. */
  readonly targets?: readonly Name[] | undefined;
  /** Where nothing in the repository says one. */
  readonly namespace?: Name | undefined;
  /** Who asked. */
  readonly by: string;
};

/** What opting in or out writes, and what is to be known of it. */
export type OptChange = {
  readonly wish: OptWish;
  readonly base: Sha;
  /** Whole texts by path; undefined for files that go. */
  readonly files: ReadonlyMap<string, string | undefined>;
  readonly touched: readonly OptFile[];
  readonly targets: readonly OptTarget[];
  /** The targets of which this is the first of two steps: once it is seen live, the same said again makes the second. */
  readonly first: readonly Name[];
  /** Requests go to other pods of the same version by it: those of a Rollout join those of a Deployment, or one of them gives way to the other. */
  readonly isHandover?: boolean;
  /** The targets in which an object that a controller follows stays as it stands, but for what releases write in it. */
  readonly standing?: readonly Name[];
  readonly remarks: readonly OptRemark[];
  /** What the template proposes as lines of the configuration; undefined where it proposes nothing. */
  readonly proposed: string | undefined;
};

/** `isOwned`: only Tidegate writes it while the service is opted in; others are people's. */
export type OptFile = {
  readonly path: string;
  readonly what: "added" | "changed" | "removed";
  readonly isOwned: boolean;
};

/** How releases of a target would go, by what they would be of; `problem`, a sentence, where configuration does not tell. */
export type OptTarget = { readonly target: Name } & (
  | { readonly kind: "planned"; readonly plan: Plan; readonly member: Backtested }
  | { readonly kind: "unplanned"; readonly problem: string }
);

/** What whoever reviews the change is to know, and where that is written; `line` is from 1. */
export type OptRemark = { readonly path: string; readonly line: number; readonly says: string };

/** An open pull request of ours that opts a service in or out. */
export type OptPull = {
  readonly number: number;
  readonly headSha: Sha;
  readonly verb: OptVerb;
  readonly service: Name;
  readonly standing: OptStanding;
  /** What opts objects in as they stand: whether a version may be on its way by their controllers; absent of any other. */
  readonly settling?: OptSettling | undefined;
  /** Its words, `body`, wait for what the past says, which is `found` once it is known; absent where they do not. */
  readonly awaits?: { readonly body: string; readonly found: string | undefined } | undefined;
};

/**
 * The newest commit that may have changed a pod template, its version being rolled out `until` then at most, milliseconds; undefined where git does not tell.
 * `waits`: after that it may wait for a person, or how long it takes is not known. `isOver`: `until` has passed.
 */
export type OptSettling = {
  readonly commit: Sha | undefined;
  readonly until: number;
  readonly waits: boolean;
  readonly isOver?: boolean;
};

export type OptStanding =
  | { readonly kind: "current"; readonly change: OptChange }
  /** The tracked branch has moved, so that it would write something else now. */
  | { readonly kind: "outdated"; readonly change: OptChange }
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  /** `trespasses`: what others have changed on it that only Tidegate writes. */
  | { readonly kind: "foreign"; readonly by: string; readonly trespasses: readonly string[] };

/** A pull request of others that bumps images of services without a template, which nothing else is said of. */
export type Offer = { readonly headSha: Sha; readonly services: readonly Offered[] };

export type Offered = {
  /** As `/opt-in` takes it. */
  readonly service: string;
  readonly targets: readonly string[];
  readonly offer:
    /** `more`: templates beside those. */
    | { readonly kind: "fits"; readonly templates: readonly OfferedTemplate[]; readonly more: number }
    /** Too many services at once to say more. */
    | { readonly kind: "untried" }
    /** The first reason against it. */
    | { readonly kind: "none"; readonly why: string };
};

/** `needs`: the parameters that must be given. */
export type OfferedTemplate = { readonly name: string; readonly title: string; readonly needs: readonly string[] };

/** The branch of a service's pull request; names have no slashes, and branches of releases have more of them. */
export function optBranchOf({ verb, service }: { readonly verb: OptVerb; readonly service: string }): string {
  return `tidegate/${verb}/${service}`;
}

/** The verb and the service that a branch of ours is of; undefined where it is another one. */
export function optOfBranch(branch: string): { readonly verb: OptVerb; readonly service: string } | undefined {
  const [, verb, service] = /^tidegate\/(opt-in|opt-out)\/([^/]+)$/.exec(branch) ?? [];
  if (service === undefined) return undefined;
  return { verb: verb === "opt-in" ? "opt-in" : "opt-out", service };
}

/** What is to be pushed: what was asked for goes before what is only outdated, each branch once. */
export function optsDue({ asked, pulls }: Opting): readonly OptDue[] {
  const outdated = pulls.flatMap(({ standing }) =>
    standing.kind === "outdated" ? [{ change: standing.change, anew: undefined }] : [],
  );
  const wanted = asked.flatMap(({ said }) => said.flatMap(dueIn));
  return [...new Map([...outdated, ...wanted].map((due) => [optBranchOf(due.change.wish), due])).values()];
}

/** Whether two wishes are one, whoever has said them. */
export function isSameWish(one: OptWish, two: OptWish): boolean {
  return wishKey(one) === wishKey(two);
}

/** What the words of a pull request that opts in wait for; the same while the same is wished for. */
export function pastOf(pull: number, { wish }: OptChange): BacktestOf {
  return { kind: "opt-in", pull, wish: wishKey(wish) };
}

function wishKey({ verb, called, template, parameters, targets, namespace }: OptWish): string {
  return JSON.stringify([verb, called, template, parameters, targets, namespace]);
}

/** Of what is to be opted in, what a back-test can be asked of. */
export function backtestedIn({ wish, targets }: OptChange): readonly Backtested[] {
  return wish.verb === "opt-out" ? [] : targets.flatMap((target) => (target.kind === "planned" ? [target.member] : []));
}

/** Whether an answer can be given: what it promises is there, and what it asks for is known. */
export function isAnswerable({ said }: OptAsked): boolean {
  return said.every((one) => dueIn(one).length === 0 && (one.kind !== "played" || one.found !== undefined));
}

/** Whether its asker is to be told that what it asks for is declined, and has not been. */
export function isDeclined({ said }: OptAsked): boolean {
  return said.flatMap(dueIn).some(({ declined }) => declined?.isTold === false);
}

/** What a line asks to be pushed. */
export function dueIn(said: OptSaid): readonly OptDue[] {
  return said.kind === "meant" && said.found.kind === "due" ? [said.found] : [];
}

/** What a line has come to, in the words that are had for every command. */
export function optOutcome(said: OptSaid): "done" | "nothingTo" | "denied" | "mistaken" | "told" {
  if (said.kind === "mistaken") return "mistaken";
  if (said.kind === "played") return "told";
  if (said.kind === "elsewhere") return isTelling(said.verb) ? "told" : "nothingTo";
  if (said.kind === "unclear") return "nothingTo";
  if (said.found.kind === "denied") return "denied";
  return said.found.kind === "open" || said.found.kind === "due" ? "done" : "nothingTo";
}
