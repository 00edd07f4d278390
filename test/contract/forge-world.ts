import { afterEach, beforeEach, expect } from "vitest";

import type { Sha } from "../../src/core/names.ts";
import type { ForgeReader, ForgeWriter, MergeOutcome, NewCheck } from "../../src/ports/forge.ts";

/** A forge, and what people do beside it. ana administers, ben writes, cleo reads, dan is a stranger. */
export type ForgeWorld = {
  readonly forge: ForgeReader & ForgeWriter;
  /** The login under which the forge writes. */
  readonly bot: string;
  readonly now: () => number;
  /** Lets time go on, or waits. */
  readonly pass: (ms: number) => void | Promise<void>;
  /** What GitHub's time of something is expected to be that happens now. */
  readonly about: (at: number) => unknown;
  /** Ben commits files to a branch, which begins at `main`. */
  readonly push: (branch: string, files: Readonly<Record<string, string>>) => Promise<Sha>;
  /** Where a branch is; undefined where there is none. */
  readonly tip: (branch: string) => Promise<Sha | undefined>;
  readonly read: (branch: string, path: string) => Promise<string | undefined>;
  /** A person opens a pull request from a branch that is there, or from a fork of the repository. */
  readonly openAs: (user: string, branch: string, from: "branch" | "fork") => Promise<number>;
  readonly closeAs: (user: string, pull: number) => Promise<void>;
  readonly mergeAs: (user: string, pull: number) => Promise<void>;
  readonly markAs: (user: string, pull: number, marks: { readonly draft: boolean; readonly label: string }) => void;
  readonly deleteBranchAs: (user: string, branch: string) => Promise<void>;
  readonly commentAs: (user: string, pull: number, body: string) => Promise<number>;
  readonly editAs: (user: string, comment: number, body: string) => Promise<void>;
  readonly said: (pull: number) => Promise<readonly { readonly author: string; readonly body: string }[]>;
  readonly isOpen: (pull: number) => Promise<boolean>;
  readonly allow: (methods: readonly ("squash" | "merge" | "rebase")[]) => void;
  /** `main` takes a merge only where tidegate/gate has passed. */
  readonly requireGate: () => void;
  /** The rules of `main`, and how the App may pass them by. */
  readonly rule: (rules: Partial<Ruling>) => void;
  readonly setTeam: (team: string, members: readonly string[]) => void;
  /** Another App reports a run of that name. */
  readonly reportAsOther: (headSha: Sha, name: string) => Promise<void>;
  /** An account says of a commit under a context, or of its deployment to an environment, what became of it. */
  readonly statusAs: (
    user: string,
    headSha: Sha,
    context: string,
    state: "success" | "failure" | "pending",
  ) => Promise<void>;
  readonly deployAs: (user: string, headSha: Sha, environment: string, state: "success" | "failure") => Promise<void>;
  /** Requests that changed something, since the world began. */
  readonly writes: () => number;
  readonly close: () => Promise<void>;
};

export type Ruling = {
  readonly approvals: number;
  readonly codeOwners: boolean;
  readonly mergeQueue: boolean;
  readonly signatures: boolean;
  readonly linear: boolean;
  readonly bypass: "always" | "pullRequests" | "never";
};

const FILES = { "apps/checkout/route.yaml": "weight: 25\n" };
/** What a step is called. */
export const MESSAGE = { title: "checkout 5% → 25%", body: "Errors 0.4 % against 0.5 %." };
/** A passed gate, with changes. */
export const gate = (headSha: Sha, changes: Partial<NewCheck> = {}): NewCheck => ({
  name: "tidegate/gate",
  headSha,
  externalId: "e1",
  conclusion: "success",
  title: "Passed",
  summary: "All is well.",
  text: undefined,
  actions: [],
  ...changes,
});

type Worlds = {
  readonly world: () => Promise<ForgeWorld>;
  readonly proposed: () => Promise<Proposed>;
};

/** A world with a pull request of ours. */
type Proposed = ForgeWorld & {
  readonly headSha: Sha;
  readonly number: number;
  readonly merge: (head?: Sha) => Promise<MergeOutcome>;
};

/** Leaves the running test out, and says why. */
export type Skip = (why: string) => never;

/** Makes a world for one test. What cannot be done in it leaves the test out. */
export type MakeWorld = (skip: Skip) => Promise<ForgeWorld>;

/** Worlds for the tests of one suite, each ended after its test. */
export function worldsFor(make: MakeWorld): Worlds {
  const open: ForgeWorld[] = [];
  const running: { skip: Skip } = { skip: (why) => expect.unreachable(why) };
  beforeEach(({ skip }) => {
    running.skip = (why) => skip(`not run: ${why}`);
  });
  const world = async () => {
    const made = await make(running.skip);
    open.push(made);
    return made;
  };
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  return {
    world,
    proposed: async () => {
      const made = await world();
      const headSha = await made.push("tidegate/checkout", FILES);
      const number = await made.forge.openPull({ branch: "tidegate/checkout", base: "main", ...MESSAGE }, "step");
      const merge: Proposed["merge"] = (head = headSha) => made.forge.mergePull(number, head, MESSAGE, "step");
      return { ...made, headSha, number, merge };
    },
  };
}
