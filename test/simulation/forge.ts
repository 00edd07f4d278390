import type { Permission } from "../../src/core/permissions.ts";
import type { Sha } from "../../src/core/names.ts";
import type {
  CheckRun,
  Comment,
  ForgeReader,
  ForgeWriter,
  MergeOutcome,
  NewCheck,
  Pull,
} from "../../src/ports/forge.ts";
import { pathsThatDiffer, type ModelGit } from "./git.ts";

type ModelPull = Pull & {
  readonly state: "open" | "closed" | "merged";
  readonly body: string;
  readonly mergedAs: Sha | undefined;
};

/** What a merge was, as the world saw it: for the laws, never for the bot. */
export type Merge = {
  readonly pull: number;
  readonly branch: string;
  readonly ours: boolean;
  readonly before: Sha;
  readonly after: Sha;
  readonly head: Sha;
  readonly at: number;
  readonly gate: CheckRun | undefined;
};

export type ModelForge = ForgeReader &
  ForgeWriter & {
    readonly merges: readonly Merge[];
    readonly pulls: () => readonly ModelPull[];
    readonly checks: () => readonly (CheckRun & { readonly text: string | undefined })[];
    readonly openAsPerson: (pull: {
      readonly branch: string;
      readonly title: string;
      readonly author: string;
    }) => number;
    readonly mergeAsPerson: (number: number) => MergeOutcome;
    readonly comment: (pull: number, author: string, body: string) => void;
    readonly said: (pull: number) => readonly string[];
  };

export type ForgeWorld = {
  readonly git: ModelGit;
  readonly now: () => number;
  readonly permission: (login: string) => Permission;
};

/** GitHub as a value: pull requests over the model's git, three-way merges by file, checks and comments. */
export function modelForge({ git, now, permission }: ForgeWorld): ModelForge {
  const pulls = new Map<number, ModelPull>();
  const checks: (CheckRun & { readonly text: string | undefined })[] = [];
  const comments: Comment[] = [];
  const reactions = new Set<number>();
  const stickies = new Map<string, string>();
  const merges: Merge[] = [];
  let nextNumber = 1;
  let nextId = 1;

  const head = (branch: string): Sha | undefined => git.refs.get(`refs/heads/${branch}`);
  const refresh = (pull: ModelPull): ModelPull => ({ ...pull, headSha: head(pull.branch) ?? pull.headSha });
  const open = (pull: Pick<Pull, "branch" | "title" | "ours" | "author">, body: string): number => {
    const headSha = head(pull.branch);
    if (headSha === undefined) throw new Error(`422: no branch ${pull.branch}`);
    const number = nextNumber++;
    pulls.set(number, {
      ...pull,
      number,
      body,
      headSha,
      base: "main",
      fromFork: false,
      draft: false,
      labels: [],
      state: "open",
      mergedAs: undefined,
    });
    return number;
  };
  const gateOf = (sha: Sha) => checks.findLast(({ headSha, name }) => headSha === sha && name === "tidegate/gate");

  const merge = (number: number, ours: boolean, message: string): MergeOutcome => {
    const found = pulls.get(number);
    const before = head("main");
    if (found === undefined || before === undefined) return { kind: "refused", reason: "not found" };
    if (found.state === "merged") return { kind: "refused", reason: "merged already" };
    if (found.state === "closed") return { kind: "refused", reason: "closed" };
    const pull = refresh(found);
    const base = git.mergeBase(before, pull.headSha);
    const theirs = pathsThatDiffer(git.filesAt(base), git.filesAt(pull.headSha));
    const since = new Set(pathsThatDiffer(git.filesAt(base), git.filesAt(before)));
    if (theirs.some((path) => since.has(path) && git.filesAt(before).get(path) !== git.filesAt(pull.headSha).get(path)))
      return { kind: "conflict" };
    const files = new Map(theirs.map((path) => [path, git.filesAt(pull.headSha).get(path) ?? ""]));
    const after = git.add({ parent: before, parents: [before], files, message, at: now() });
    git.refs.set("refs/heads/main", after);
    pulls.set(number, { ...pull, state: "merged", mergedAs: after });
    merges.push({
      pull: number,
      branch: pull.branch,
      ours,
      before,
      after,
      head: pull.headSha,
      at: now(),
      gate: gateOf(pull.headSha),
    });
    return { kind: "merged", sha: after };
  };

  return {
    merges,
    pulls: () => [...pulls.values()],
    checks: () => checks,
    openAsPerson: ({ branch, title, author }) => open({ branch, title, author, ours: false }, ""),
    mergeAsPerson: (number) => merge(number, false, `Merge pull request #${number}`),
    comment: (pull, author, body) =>
      comments.push({
        id: nextId++,
        pull,
        author,
        byBot: false,
        edited: false,
        at: now(),
        body,
        reactions: 0,
        asked: undefined,
      }),
    said: (pull) => [...stickies].filter(([key]) => key.startsWith(`${pull}/`)).map(([, text]) => text),

    repository: async () => ({ defaultBranch: "main", mergeMethods: ["squash"] }),
    openPulls: async () => [...pulls.values()].filter(({ state }) => state === "open").map(refresh),
    pullsOf: async (commit) =>
      [...pulls.values()]
        .filter(({ mergedAs }) => mergedAs === commit)
        .map(({ number, labels }) => ({ number, labels })),
    closedPulls: async () => [],
    closedBy: async () => undefined,
    mergedBy: async () => undefined,
    rules: async () => ({
      checks: [],
      approvals: 0,
      codeOwners: false,
      mergeQueue: false,
      signatures: false,
      linear: false,
      bypass: "always",
    }),
    check: async (headSha, name) => checks.findLast((check) => check.headSha === headSha && check.name === name),
    comments: async (since) => comments.filter(({ at }) => at >= since),
    answered: async (comment) => reactions.has(comment),
    standing: async (login) => ({ permission: permission(login), role: permission(login) }),
    inTeam: async () => false,

    openPull: async ({ branch, title, body }) => {
      const known = [...pulls.values()].find((pull) => pull.branch === branch && pull.state === "open");
      return known?.number ?? open({ branch, title, ours: true, author: "tidegate[bot]" }, body);
    },
    describePull: async (number, title, body) => {
      const pull = pulls.get(number);
      if (pull !== undefined) pulls.set(number, { ...pull, title, body });
    },
    mergePull: async (number, headSha, message) => {
      const pull = pulls.get(number);
      if (pull !== undefined && refresh(pull).headSha !== headSha) return { kind: "moved" };
      return merge(number, true, `${message.title}\n\n${message.body}`);
    },
    closePull: async (number) => {
      const pull = pulls.get(number);
      if (pull?.state === "open") pulls.set(number, { ...pull, state: "closed" });
    },
    report: async ({ headSha, name, externalId, conclusion, title, text }: NewCheck) => {
      checks.push({ id: nextId++, headSha, name, externalId, conclusion, title, text });
    },
    say: async (pull, topic, text) => void stickies.set(`${pull}/${topic}`, text),
    react: async (comment) => void reactions.add(comment),
    noteAsked: async () => undefined,
  };
}
