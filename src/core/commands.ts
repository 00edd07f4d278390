import { alone, promoteOf, reasonOf, rollbackOf, skipOf } from "./arguments.ts";
import { GATES, type GateName } from "./gate/settings.ts";
import { name, type Name } from "./names.ts";
import { optInOf, optOutOf } from "./opt-arguments.ts";
import type { OptVerb } from "./opting.ts";

/** What a person may ask for in a comment or with a check's button. */
export type Verb =
  | "promote"
  | "abort"
  | "hold"
  | "resume"
  | "retry"
  | "adopt"
  | "skip"
  | "rollback"
  | "status"
  | "why"
  | "plan"
  | "backtest"
  | OptVerb
  | "help";

/** A line that was understood. `reason` is clean (no control or bidirectional characters) and at most 200 characters; `target`: it is about that one alone. */
export type Command = { readonly target?: Name } &
  /** `full` lets every step up to the end go without its gate, one after the other. */
  (
    | { readonly verb: "promote"; readonly reach: "step" | "full" }
    | { readonly verb: "abort" | "hold"; readonly reason: string | undefined }
    | { readonly verb: "skip"; readonly gate: GateName; readonly reason: string }
    /** `to`: a tag or the beginning of a digest, at most 128 of `A-Z a-z 0-9 _ . : @ -`; undefined is what ran before. */
    | { readonly verb: "rollback"; readonly to: string | undefined }
    /** `names`: of the service and of the template, as far as they are said; parameters as they are written. */
    | {
        readonly verb: "opt-in";
        readonly names: readonly string[];
        readonly parameters: readonly (readonly [name: string, value: string])[];
        /** All that the service has where it is absent. */
        readonly targets?: readonly Name[];
        /** Where nothing in the repository says one. */
        readonly namespace?: Name;
      }
    | { readonly verb: "opt-out"; readonly names: readonly string[] }
    | { readonly verb: Wordless }
  );

/** Verbs that only ask. */
export type Telling = "status" | "why" | "plan" | "backtest" | "help";

/** Whether a verb only asks. */
export function isTelling(verb: Verb): verb is Telling {
  return TELLING.some((telling) => telling === verb);
}

const TELLING: readonly Telling[] = ["status", "why", "plan", "backtest", "help"];

/** A line that was meant for us and is not understood. Words of others, such as `/lgtm`, are no errors. */
export type CommandError =
  | { readonly kind: "unknownCommand"; readonly word: string; readonly didYouMean: Verb }
  | { readonly kind: "unexpectedArgument"; readonly command: Verb; readonly argument: string }
  | {
      readonly kind: "missingArgument";
      readonly command: Verb;
      readonly what: "gate" | "reason" | "target" | "namespace";
    }
  | {
      readonly kind: "unknownArgument";
      readonly command: Verb;
      readonly argument: string;
      readonly allowed: readonly string[];
      readonly didYouMean?: string;
    }
  | { readonly kind: "tooManyCommands"; readonly limit: number };

/** One row of the grammar: how a verb is written, what it does, and the access to the repository that it needs at least. */
export type Rule = {
  readonly usage: string;
  readonly help: string;
  /** Lines as people write them, and what each is understood as. */
  readonly examples: readonly { readonly line: string; readonly command: Command }[];
  readonly needs: "read" | "write";
  readonly parse: (rest: string) => Command | CommandError;
};

/** Verbs that take nothing but a target. */
export type Wordless = "resume" | "retry" | "adopt" | "status" | "why" | "plan" | "backtest" | "help";

/** All there is to say: parser, help, permissions and the page of commands read this table. */
export const GRAMMAR: Readonly<Record<Verb, Rule>> = {
  promote: {
    usage: "/promote [step|full] [target]",
    help: "Merge the open step without waiting for its gate, or with `full` every step to the end; recorded as an override.",
    examples: [
      { line: "/promote", command: { verb: "promote", reach: "step" } },
      { line: "/promote full", command: { verb: "promote", reach: "full" } },
    ],
    needs: "write",
    parse: promoteOf,
  },
  abort: {
    usage: "/abort [target] [reason]",
    help: "End the release: take the image back and block the version.",
    examples: [
      { line: "/abort", command: { verb: "abort", reason: undefined } },
      { line: "/abort errors at checkout", command: { verb: "abort", reason: "errors at checkout" } },
    ],
    needs: "write",
    parse: (rest) => ({ verb: "abort", reason: reasonOf(rest) }),
  },
  hold: {
    usage: "/hold [target] [reason]",
    help: "Stay at the present weight until `/resume`.",
    examples: [
      { line: "/hold", command: { verb: "hold", reason: undefined } },
      { line: "/hold until ana is back", command: { verb: "hold", reason: "until ana is back" } },
    ],
    needs: "write",
    parse: (rest) => ({ verb: "hold", reason: reasonOf(rest) }),
  },
  resume: {
    usage: "/resume [target]",
    help: "Lift what holds the release: a `/hold`, a closed step, somebody's commit on the step's branch, a weight lowered by hand.",
    examples: [{ line: "/resume", command: { verb: "resume" } }],
    needs: "write",
    parse: (rest) => alone("resume", rest),
  },
  retry: {
    usage: "/retry [target]",
    help: "Unblock the version that was taken back, so that its release may start again.",
    examples: [{ line: "/retry", command: { verb: "retry" } }],
    needs: "write",
    parse: (rest) => alone("retry", rest),
  },
  adopt: {
    usage: "/adopt [target]",
    help: "Take a weight or a stable image that was changed by hand for what is wanted, and go on from there.",
    examples: [{ line: "/adopt", command: { verb: "adopt" } }],
    needs: "write",
    parse: (rest) => alone("adopt", rest),
  },
  skip: {
    usage: "/skip <gate> [target] <reason>",
    help: `Leave a gate (${GATES.map((gate) => `\`${gate}\``).join(", ")}) out for the rest of the release; recorded with its reason.`,
    examples: [
      {
        line: "/skip errors the provider is being moved",
        command: { verb: "skip", gate: "errors", reason: "the provider is being moved" },
      },
    ],
    needs: "write",
    parse: skipOf,
  },
  rollback: {
    usage: "/rollback [to] [target]",
    help: "Undo a finished release by git: go back to what ran before, or to the version named.",
    examples: [
      { line: "/rollback", command: { verb: "rollback", to: undefined } },
      { line: "/rollback 1.41.0", command: { verb: "rollback", to: "1.41.0" } },
    ],
    needs: "write",
    parse: rollbackOf,
  },
  status: {
    usage: "/status",
    help: "Say where the release stands.",
    examples: [{ line: "/status", command: { verb: "status" } }],
    needs: "read",
    parse: (rest) => alone("status", rest),
  },
  why: {
    usage: "/why",
    help: "Say everything that is missing before the next merge.",
    examples: [{ line: "/why", command: { verb: "why" } }],
    needs: "read",
    parse: (rest) => alone("why", rest),
  },
  plan: {
    usage: "/plan",
    help: "Show the release's steps.",
    examples: [{ line: "/plan", command: { verb: "plan" } }],
    needs: "read",
    parse: (rest) => alone("plan", rest),
  },
  backtest: {
    usage: "/backtest [target]",
    help: "Play releases over the service's past: how often its gate would have blocked good ones, what it would have found, how long a step takes, and what to write for this traffic.",
    examples: [{ line: "/backtest", command: { verb: "backtest" } }],
    needs: "write",
    parse: (rest) => alone("backtest", rest),
  },
  "opt-in": {
    usage: "/opt-in [service] [template] [param=value …] [--target T] [--namespace N]",
    help: "Open a pull request that puts a service on a template; nothing that is rendered now differs by it, and people merge it.",
    examples: [
      { line: "/opt-in", command: { verb: "opt-in", names: [], parameters: [] } },
      {
        line: "/opt-in checkout canary-gateway-api gateway=public",
        command: {
          verb: "opt-in",
          names: ["checkout", "canary-gateway-api"],
          parameters: [["gateway", "public"]],
        },
      },
      {
        line: "/opt-in checkout canary-istio --target prod-eu,prod-us",
        command: {
          verb: "opt-in",
          names: ["checkout", "canary-istio"],
          parameters: [],
          targets: [name("prod-eu"), name("prod-us")],
        },
      },
    ],
    needs: "write",
    parse: optInOf,
  },
  "opt-out": {
    usage: "/opt-out [service]",
    help: "Open a pull request that takes a service off its template, as it was before; people merge it.",
    examples: [{ line: "/opt-out checkout", command: { verb: "opt-out", names: ["checkout"] } }],
    needs: "write",
    parse: optOutOf,
  },
  help: {
    usage: "/help",
    help: "Show this list.",
    examples: [{ line: "/help", command: { verb: "help" } }],
    needs: "read",
    parse: (rest) => alone("help", rest),
  },
};

export const VERBS: readonly Verb[] = [
  "promote",
  "abort",
  "hold",
  "resume",
  "retry",
  "adopt",
  "skip",
  "rollback",
  "status",
  "why",
  "plan",
  "backtest",
  "opt-in",
  "opt-out",
  "help",
];

/** Tells the two apart: only a command has a `verb`, only an error a `kind`. */
export function isCommand(parsed: Command | CommandError): parsed is Command {
  return "verb" in parsed;
}

/** The help as Markdown, one list item per verb. */
export function helpText(): string {
  return VERBS.map((verb) => `- \`${GRAMMAR[verb].usage}\`: ${GRAMMAR[verb].help}`).join("\n");
}

/** Whether a command is about a member. */
export function isFor({ target }: Command, member: { readonly target: Name }): boolean {
  return target === undefined || target === member.target;
}
