import type { Lane } from "./forge.ts";
import type { RepoKey } from "./queue.ts";

/** A piece of work that takes time. What is not bounded in number, an id or a repository, is for traces and log lines alone. */
export type Activity =
  | { readonly kind: "look"; readonly id: string; readonly key: RepoKey }
  /** A part of a look: reading all that there is, or doing what follows. */
  | { readonly kind: "part"; readonly part: "see" | "act" }
  /** `request` is the method and the path with its placeholders. */
  | { readonly kind: "forgeCall"; readonly request: string; readonly call: string; readonly lane: Lane }
  | { readonly kind: "gitCommand"; readonly command: string }
  /** `host` is one that the operator allows. */
  | { readonly kind: "providerQuery"; readonly host: string }
  /** A webhook whose signature was right, while it is handed on. */
  | { readonly kind: "delivery"; readonly id: string; readonly event: string }
  | { readonly kind: "sweep" };

export type Outcome<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "thrown"; readonly error: unknown };

/** How the members of a repository stood at the end of a look; nothing in it names a service. */
export type Standings = {
  /** Members by the kind of their stage; kinds that nobody stands at are left out. */
  readonly stages: ReadonlyMap<string, number>;
  /** Steps under judgement by what the gate says. */
  readonly verdicts: ReadonlyMap<"pass" | "wait" | "fail", number>;
  readonly releases: number;
  /** Members of a release under way whose metrics cannot be read. */
  readonly blind: number;
  /** Members whose deadline is over and that a person must decide. */
  readonly overdue: number;
  /** When the release under way that has stood longest last moved, milliseconds; undefined where there is none. */
  readonly oldestStep: number | undefined;
  /** Members whose abort this look decided, and that is not in git at its end. */
  readonly abortsWaiting: number;
};

/** Something that has happened. */
export type News =
  /** `event` only of one whose signature was right. */
  | { readonly kind: "webhook"; readonly status: number; readonly event: string | undefined; readonly seconds: number }
  | { readonly kind: "throttled"; readonly lane: Lane }
  | { readonly kind: "stood"; readonly key: RepoKey; readonly standings: Standings }
  /** Members that a merged step has moved, and on whose word. */
  | {
      readonly kind: "stepped";
      readonly key: RepoKey;
      readonly step: string;
      readonly on: "gate" | "person";
      readonly members: number;
    }
  /** Members that something merged at once has moved; `by`: on whose account an abort was. */
  | {
      readonly kind: "landed";
      readonly key: RepoKey;
      readonly what: string;
      readonly by: string | undefined;
      readonly members: number;
    }
  | { readonly kind: "heard"; readonly verb: string; readonly outcome: string }
  | { readonly kind: "swept"; readonly repositories: number };

/** Takes note of how the program does. It never throws and never waits, and nothing depends on it. */
export type Telemetry = {
  /** Does the work as a part of the activity around it. `cameTo` is its end in one word out of few; "done" or "failed" without it. */
  readonly during: <T>(
    activity: Activity,
    work: () => Promise<T>,
    cameTo?: (outcome: Outcome<T>) => string,
  ) => Promise<T>;
  readonly tell: (news: News) => void;
};
