import type { Sha } from "../../src/core/names.ts";
import type { Report } from "../../src/core/report.ts";
import type {
  BranchRules,
  CheckRun,
  Comment,
  ForgeReader,
  ForgeWriter,
  Login,
  MergeOutcome,
  NewCheck,
  Pull,
  Standing,
} from "../../src/ports/forge.ts";
import { pathsThatDiffer, type ModelGit } from "./git.ts";

/** A branch without rules. */
export const NO_RULES: BranchRules = {
  checks: [],
  approvals: 0,
  codeOwners: false,
  mergeQueue: false,
  signatures: false,
  linear: false,
  bypass: "unknown",
};

export const BOT = "tidegate[bot]";

export type ModelPull = Pull & {
  readonly state: "open" | "closed" | "merged";
  readonly body: string;
  readonly mergedAs: Sha | undefined;
  /** Who closed or merged it. */
  readonly endedBy: string | undefined;
  readonly changedAt: number;
};

export type ModelCheck = CheckRun & { readonly text: string | undefined };

/** What a merge was, as the world saw it: for the laws, never for the bot. */
export type Merge = {
  readonly pull: number;
  readonly branch: string;
  readonly base: string;
  /** Merged by the bot. */
  readonly ours: boolean;
  readonly by: string;
  readonly before: Sha;
  readonly after: Sha;
  readonly head: Sha;
  readonly at: number;
  readonly message: string;
  readonly gate: ModelCheck | undefined;
};

/** A word of the bot's in a pull request. */
export type Saying = { readonly pull: number; readonly topic: string; readonly text: string; readonly at: number };

/** A reaction of the bot's. */
export type Reacting = { readonly comment: number; readonly reaction: string; readonly at: number };

/** A commit status that says that a commit was delivered. */
export type Status = { readonly commit: Sha; readonly context: string; readonly by: string; readonly at: number };

/** A move of the tracked branch, as it happened: history may be rewritten later. */
export type Move = { readonly before: Sha; readonly after: Sha; readonly at: number };

export type ModelForge = ForgeReader &
  ForgeWriter & {
    readonly merges: readonly Merge[];
    readonly moves: readonly Move[];
    readonly pulls: () => readonly ModelPull[];
    readonly allComments: () => readonly Comment[];
    readonly checks: () => readonly ModelCheck[];
    readonly sayings: readonly Saying[];
    readonly reactions: readonly Reacting[];
    readonly trunk: () => string;
    /** The same, answering as of a moment ago: without the last change of what is asked for. */
    readonly stale: ForgeReader;
    /** Refs of git have moved by somebody's hand: heads follow, and a pull request whose branch is gone is closed. */
    readonly refsMoved: (by: string) => void;
    readonly pullHeads: () => ReadonlyMap<string, Sha>;
    readonly people: PeopleOfForge;
  };

/** What people do on the forge. */
export type PeopleOfForge = {
  readonly open: (pull: {
    readonly branch: string;
    readonly title: string;
    readonly author: string;
    readonly labels?: readonly string[];
  }) => number;
  readonly merge: (number: number, by: string) => MergeOutcome;
  readonly close: (number: number, by: string) => void;
  readonly reopen: (number: number) => boolean;
  readonly change: (
    number: number,
    change: Partial<Pick<ModelPull, "draft" | "title" | "body" | "base" | "labels">>,
  ) => void;
  readonly comment: (pull: number, author: string, body: string) => number;
  readonly editComment: (id: number, body: string) => void;
  readonly deleteComment: (id: number) => void;
  readonly renameTrunk: (to: string) => void;
  readonly post: (status: Omit<Status, "at">) => void;
};

export type ForgeWorld = {
  readonly git: ModelGit;
  readonly now: () => number;
  readonly standing: (login: string) => Standing;
  readonly teams: (login: string) => readonly string[];
};

type State = {
  readonly trunk: string;
  readonly pulls: ReadonlyMap<number, ModelPull>;
  readonly comments: readonly Comment[];
  readonly reacted: ReadonlySet<number>;
  readonly checks: readonly ModelCheck[];
  readonly statuses: readonly Status[];
};

/** How old an answer may be that is not the newest, milliseconds. */
const STALE_MS = 60_000;

/** GitHub as a value: pull requests over the model's git, three-way merges by file, checks and comments. */
export function modelForge(world: ForgeWorld): ModelForge {
  const { git, now } = world;
  const none = { pulls: new Map(), comments: [], reacted: new Set<number>(), checks: [], statuses: [] };
  let state: State = { trunk: "main", ...none };
  /** Each part as it was before its last change, and when that was. */
  let past: State = state;
  const changedAt = new Map<string, number>();
  const sayings: Saying[] = [];
  const reactions: Reacting[] = [];
  const merges: Merge[] = [];
  const moves: Move[] = [];
  let last = git.refs.get("refs/heads/main");
  let nextNumber = 1;
  let nextId = 1;

  const become = (change: Partial<State>) => {
    const parts = Object.keys(change) as (keyof State)[];
    past = { ...past, ...Object.fromEntries(parts.map((part) => [part, state[part]])) };
    for (const part of parts) changedAt.set(part, now());
    state = { ...state, ...change };
  };
  const put = (pull: ModelPull) =>
    become({ pulls: new Map([...state.pulls, [pull.number, { ...pull, changedAt: now() }]]) });
  const head = (branch: string): Sha | undefined => git.refs.get(`refs/heads/${branch}`);
  const end = (pull: ModelPull, how: "closed" | "merged", by: string, mergedAs?: Sha) =>
    put({ ...pull, state: how, endedBy: by, mergedAs });

  const open = (pull: Pick<Pull, "branch" | "title" | "ours" | "author" | "labels" | "base">, body: string): number => {
    const headSha = head(pull.branch);
    if (headSha === undefined) throw new Error(`422: no branch ${pull.branch}`);
    const number = nextNumber++;
    const fresh = { fromFork: false, draft: false, state: "open", mergedAs: undefined, endedBy: undefined } as const;
    put({ ...pull, ...fresh, number, body, headSha, changedAt: now() });
    return number;
  };
  const gateOf = (sha: Sha) =>
    state.checks.findLast(({ headSha, name }) => headSha === sha && name === "tidegate/gate");

  const merge = (number: number, by: string, message: string): MergeOutcome => {
    const pull = state.pulls.get(number);
    if (pull === undefined) return { kind: "refused", reason: "not found" };
    if (pull.state !== "open") return { kind: "refused", reason: pull.state };
    if (pull.draft) return { kind: "refused", reason: "Pull Request is still a draft" };
    const before = head(pull.base);
    if (before === undefined) return { kind: "refused", reason: "the base is gone" };
    const base = git.mergeBase(before, pull.headSha);
    const theirs = pathsThatDiffer(git.filesAt(base), git.filesAt(pull.headSha));
    const since = new Set(pathsThatDiffer(git.filesAt(base), git.filesAt(before)));
    if (theirs.some((path) => since.has(path) && git.filesAt(before).get(path) !== git.filesAt(pull.headSha).get(path)))
      return { kind: "conflict" };
    const files = new Map(theirs.map((path) => [path, git.filesAt(pull.headSha).get(path)]));
    const after = git.add({ parent: before, parents: [before], files, message, at: now(), author: pull.author });
    git.refs.set(`refs/heads/${pull.base}`, after);
    noteMove();
    end(pull, "merged", by, after);
    const gate = gateOf(pull.headSha);
    const { branch, headSha } = pull;
    const ours = by === BOT;
    merges.push({
      pull: number,
      branch,
      base: pull.base,
      ours,
      by,
      before,
      after,
      head: headSha,
      at: now(),
      message,
      gate,
    });
    return { kind: "merged", sha: after };
  };
  const noteMove = () => {
    const after = head(state.trunk);
    if (after === undefined || last === undefined || after === last) return;
    moves.push({ before: last, after, at: now() });
    last = after;
  };
  const refsMoved = (by: string) => {
    noteMove();
    for (const pull of state.pulls.values()) {
      if (pull.state !== "open") continue;
      const moved = head(pull.branch);
      if (moved === undefined) end(pull, "closed", by);
      else if (moved !== pull.headSha) put({ ...pull, headSha: moved });
    }
  };
  const login = (name: string | undefined): Login | undefined =>
    name === undefined ? undefined : { login: name, byBot: name.endsWith("[bot]") };

  const reader = (at: () => State): ForgeReader => ({
    repository: async () => ({ defaultBranch: at().trunk, mergeMethods: ["squash"] }),
    openPulls: async (base) => [...at().pulls.values()].filter((pull) => pull.state === "open" && pull.base === base),
    pullsOf: async (commit) =>
      [...at().pulls.values()]
        .filter(({ mergedAs }) => mergedAs === commit)
        .map(({ number, labels }) => ({ number, labels })),
    closedPulls: async (base, since) =>
      [...at().pulls.values()]
        .filter((pull) => pull.ours && pull.state === "closed" && pull.base === base && pull.changedAt >= since)
        .toSorted((a, b) => b.changedAt - a.changedAt || b.number - a.number)
        .map(({ number, branch, headSha, changedAt }) => ({ number, branch, headSha, at: changedAt })),
    closedBy: async (number) => {
      const pull = at().pulls.get(number);
      return pull === undefined || pull.state === "open" ? undefined : login(pull.endedBy);
    },
    mergedBy: async (number) => {
      const pull = at().pulls.get(number);
      return pull?.state === "merged" ? login(pull.endedBy) : undefined;
    },
    rules: async () => NO_RULES,
    check: async (headSha, name) => at().checks.findLast((check) => check.headSha === headSha && check.name === name),
    comments: async (since) =>
      at()
        .comments.filter((comment) => comment.at >= since)
        .map((comment) => ({ ...comment, reactions: Number(at().reacted.has(comment.id)) })),
    reports: async ({ by, posted: { kind, label } }, commits) =>
      kind === "status" ? commits.flatMap((commit) => newestOf(at().statuses, { commit, context: label, by })) : [],
    answered: async (comment) => at().reacted.has(comment),
    standing: async (who) => world.standing(who),
    inTeam: async (team, who) => world.teams(who).includes(team),
  });

  const writer: ForgeWriter = {
    openPull: async ({ branch, title, body, base }) => {
      const known = [...state.pulls.values()].find(
        (pull) => pull.branch === branch && pull.base === base && pull.state === "open",
      );
      return known?.number ?? open({ branch, title, base, ours: true, author: BOT, labels: [] }, body);
    },
    mergePull: async (number, headSha, message) => {
      const pull = state.pulls.get(number);
      if (pull !== undefined && pull.headSha !== headSha) return { kind: "moved" };
      return merge(number, BOT, `${message.title}\n\n${message.body}`);
    },
    closePull: async (number) => {
      const pull = state.pulls.get(number);
      if (pull?.state === "open") end(pull, "closed", BOT);
    },
    rewordPull: async (number, words) => {
      const pull = state.pulls.get(number);
      if (pull !== undefined) put({ ...pull, ...words });
    },
    report: async ({ headSha, name, externalId, conclusion, title, text }: NewCheck) => {
      const newest = state.checks.findLast((check) => check.headSha === headSha && check.name === name);
      if (newest?.externalId === externalId) return;
      become({ checks: [...state.checks, { id: nextId++, headSha, name, externalId, conclusion, title, text }] });
    },
    say: async (pull, topic, text) => {
      sayings.push({ pull, topic, text, at: now() });
    },
    react: async (comment, reaction) => {
      if (!state.comments.some(({ id }) => id === comment) || state.reacted.has(comment)) return;
      become({ reacted: new Set([...state.reacted, comment]) });
      reactions.push({ comment, reaction, at: now() });
    },
    noteAsked: async (pull, asked, verb) => {
      const body = `<!-- tidegate:asked by=${asked.by} head=${asked.headSha} -->\n/${verb}\n\nAsked by ${asked.by} with a button.`;
      comment({ pull, author: BOT, byBot: true, body, asked });
    },
  };
  const comment = (written: Pick<Comment, "pull" | "author" | "byBot" | "body" | "asked">): number => {
    const id = nextId++;
    become({ comments: [...state.comments, { ...written, id, edited: false, at: now(), reactions: 0 }] });
    return id;
  };

  const people: PeopleOfForge = {
    open: ({ branch, title, author, labels = [] }) =>
      open({ branch, title, author, labels, base: state.trunk, ours: false }, ""),
    // As GitHub writes it where a pull request is of one commit: with that commit's own body.
    merge: (number, by) => {
      const pull = state.pulls.get(number);
      return merge(number, by, pull === undefined ? "" : `${git.messageOf(pull.headSha)}\n\n(#${number})`);
    },
    close: (number, by) => {
      const pull = state.pulls.get(number);
      if (pull?.state === "open") end(pull, "closed", by);
    },
    reopen: (number) => {
      const pull = state.pulls.get(number);
      const other = [...state.pulls.values()].some((one) => one.state === "open" && one.branch === pull?.branch);
      // GitHub opens no pull request again whose branch is gone, was pushed anew, or has another one open.
      if (pull?.state !== "closed" || other || head(pull.branch) !== pull.headSha) return false;
      put({ ...pull, state: "open", endedBy: undefined });
      return true;
    },
    change: (number, change) => {
      const pull = state.pulls.get(number);
      if (pull?.state === "open") put({ ...pull, ...change });
    },
    comment: (pull, author, body) => comment({ pull, author, byBot: author.endsWith("[bot]"), body, asked: undefined }),
    editComment: (id, body) =>
      become({ comments: state.comments.map((one) => (one.id === id ? { ...one, body, edited: true } : one)) }),
    deleteComment: (id) => become({ comments: state.comments.filter((one) => one.id !== id) }),
    renameTrunk: (to) => {
      const at = head(state.trunk);
      if (at === undefined) return;
      git.refs.delete(`refs/heads/${state.trunk}`);
      git.refs.set(`refs/heads/${to}`, at);
      const pulls = new Map(
        [...state.pulls].map(([number, pull]) => [
          number,
          pull.base === state.trunk ? { ...pull, base: to, changedAt: now() } : pull,
        ]),
      );
      become({ trunk: to, pulls });
    },
    post: (status) => become({ statuses: [...state.statuses, { ...status, at: now() }] }),
  };

  return {
    ...reader(() => state),
    ...writer,
    merges,
    moves,
    sayings,
    reactions,
    people,
    refsMoved,
    pulls: () => [...state.pulls.values()],
    allComments: () => state.comments,
    checks: () => state.checks,
    trunk: () => state.trunk,
    stale: reader(() => {
      const lately = [...changedAt].filter(([, at]) => now() - at <= STALE_MS).map(([part]) => part as keyof State);
      return { ...state, ...Object.fromEntries(lately.map((part) => [part, past[part]])) };
    }),
    pullHeads: () =>
      new Map([...state.pulls.values()].map(({ number, headSha }) => [`refs/pull/${number}/head`, headSha])),
  };
}

function newestOf(statuses: readonly Status[], { commit, context, by }: Omit<Status, "at">): readonly Report[] {
  const found = statuses.findLast((one) => one.commit === commit && one.context === context && one.by === by);
  return found === undefined ? [] : [{ commit, at: found.at, outcome: "success" }];
}
