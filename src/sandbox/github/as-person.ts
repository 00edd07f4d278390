import { checkOf, createCheck } from "./checks.ts";
import type { CheckReport } from "./checks.ts";
import { createComment, deleteComment, editComment, react } from "./comments.ts";
import { emitCheck } from "./events.ts";
import { mergePull, signatureOf } from "./merge.ts";
import { editPull, openPull, pullOf } from "./pulls.ts";
import type { PullEdit } from "./pulls.ts";
import { moveRefsAs } from "./ref-moves.ts";
import { NO_SHA, commitFiles, refTip } from "./repo.ts";
import type { Files } from "./repo.ts";
import { accountOf, ensureAccount, repoOf } from "./store.ts";
import type { Account, Comment, MergeMethod, Pull, ReactionContent, Repo, Role, Store } from "./store.ts";

type Where = { readonly repo: string; readonly user: string };

/** A push of one commit. `from`: the branch or commit that a new branch starts at (default: the default branch). */
export type PushOrder = Where & { readonly branch: string; readonly files: Files; readonly message: string; readonly from?: string; readonly date?: number };

/** A branch with one commit and a pull request for it; `fork`: in the person's own copy of the repository. Without `files` the branch is there already. */
export type PullOrder = Where & {
  readonly branch: string;
  readonly files?: Files;
  readonly title: string;
  readonly body?: string;
  readonly base?: string;
  readonly draft?: boolean;
  readonly fork?: "own";
};

export type MergeByHand = Where & { readonly number: number; readonly method?: MergeMethod; readonly title?: string; readonly message?: string };

/** What people do on GitHub, without HTTP but by the same rules; a refusal is thrown. `user` must be known, and may do what its role allows. */
export type People = {
  readonly push: (order: PushOrder) => Promise<string>;
  readonly deleteBranch: (order: Where & { readonly branch: string }) => Promise<void>;
  readonly openPull: (order: PullOrder) => Promise<Pull>;
  readonly editPull: (order: Where & { readonly number: number } & PullEdit) => Promise<Pull>;
  /** Gives the SHA that landed. */
  readonly mergePull: (order: MergeByHand) => Promise<string>;
  readonly comment: (order: Where & { readonly number: number; readonly body: string }) => Comment;
  readonly editComment: (order: Where & { readonly id: number; readonly body: string }) => Comment;
  readonly deleteComment: (order: Where & { readonly id: number }) => void;
  readonly react: (order: Where & { readonly id: number; readonly content: ReactionContent }) => void;
  /** Presses a button of a check run. */
  readonly pressButton: (order: Where & { readonly check: number; readonly identifier: string }) => void;
  readonly rerequest: (order: Where & { readonly check: number }) => void;
  /** Reports a check run as another App; gives its id. */
  readonly reportCheck: (order: { readonly repo: string; readonly app: string; readonly sha: string; readonly name: string } & CheckReport) => Promise<number>;
};

// from the least to the most
const ROLES: readonly Role[] = ["read", "triage", "write", "maintain", "admin"];

/** The actions of people over a store. */
export function peopleOf(store: Store): People {
  return {
    push: (order) => push(store, order),
    deleteBranch: (order) => deleteBranch(store, order),
    openPull: (order) => open(store, order),
    editPull({ number, repo: name, user, ...edit }) {
      const { repo, account } = enter(store, { repo: name, user }, "triage");
      return editPull(store, repo, account, number, edit);
    },
    mergePull({ number, method, title, message, ...where }) {
      const { repo, account } = enter(store, where, "write");
      const [allowed = "merge"] = repo.settings.current.mergeMethods;
      return mergePull(store, repo, account, number, { method: method ?? allowed, sha: pullOf(repo, number).head.sha, title, message });
    },
    comment({ number, body, ...where }) {
      const { repo, account } = enter(store, where, "read");
      return createComment(store, repo, account, { number, body });
    },
    editComment({ id, body, ...where }) {
      const { repo, account } = enter(store, where, "read");
      return editComment(store, repo, account, { id, body });
    },
    deleteComment({ id, ...where }) {
      const { repo, account } = enter(store, where, "read");
      deleteComment(store, repo, account, id);
    },
    react({ id, content, ...where }) {
      const { repo, account } = enter(store, where, "read");
      react(store, repo, account, { id, content });
    },
    pressButton({ check, identifier, ...where }) {
      const { repo, account } = enter(store, where, "write");
      const run = checkOf(repo, check);
      if (!run.actions.some((action) => action.identifier === identifier)) throw new Error(`Check run ${check} has no button "${identifier}"`);
      emitCheck(store, repo, account, run, { action: "requested_action", requested_action: { identifier } });
    },
    rerequest({ check, ...where }) {
      const { repo, account } = enter(store, where, "write");
      emitCheck(store, repo, account, checkOf(repo, check), { action: "rerequested" });
    },
    async reportCheck({ repo: name, app, sha, ...report }) {
      const bot = ensureAccount(store, `${app}[bot]`, "Bot");
      const reporter = { app: { id: bot.id, slug: app, clientId: `sandbox-${app}` }, bot };
      return (await createCheck(store, knownRepo(store, name), reporter, { ...report, headSha: sha })).id;
    },
  };
}

/** The repository of a full name; an unknown one is a mistake of the caller. */
export function knownRepo(store: Store, fullName: string): Repo {
  const repo = repoOf(store, fullName);
  if (repo === undefined) throw new Error(`There is no repository ${fullName}`);
  return repo;
}

function enter(store: Store, { repo: name, user }: Where, least: Role): { readonly repo: Repo; readonly account: Account } {
  const repo = knownRepo(store, name);
  const account = accountOf(store, user);
  if (account === undefined) throw new Error(`There is no user ${user}`);
  const role = repo.roles.get(user.toLowerCase());
  if (role === undefined || ROLES.indexOf(role) < ROLES.indexOf(least)) throw new Error(`${user} needs the role ${least} in ${name}`);
  return { repo, account };
}

async function push(store: Store, { branch, files, message, from, date, ...where }: PushOrder): Promise<string> {
  const { repo, account } = enter(store, where, "write");
  return repo.lock(async () => {
    const ref = `refs/heads/${branch}`;
    const tip = await refTip(repo.git, ref);
    const parent = tip ?? (await startOf(repo, from));
    const after = await commitFiles(repo.git, parent, files, message, signatureOf(account, date ?? store.clock.now()));
    await moveRefsAs(store, repo, account, [{ ref, before: tip ?? NO_SHA, after }]);
    return after;
  });
}

async function startOf(repo: Repo, from: string | undefined): Promise<string> {
  const name = from ?? repo.defaultBranch;
  const start = (await refTip(repo.git, `refs/heads/${name}`)) ?? (await repo.git.objects.read(`${name}^{commit}`))?.sha;
  if (start === undefined) throw new Error(`${repo.fullName} has no ${name}`);
  return start;
}

function deleteBranch(store: Store, { branch, ...where }: Where & { readonly branch: string }): Promise<void> {
  const { repo, account } = enter(store, where, "write");
  return repo.lock(async () => {
    const ref = `refs/heads/${branch}`;
    const tip = await refTip(repo.git, ref);
    if (tip === undefined) throw new Error(`${repo.fullName} has no branch ${branch}`);
    await moveRefsAs(store, repo, account, [{ ref, before: tip, after: NO_SHA }]);
  });
}

async function open(store: Store, order: PullOrder): Promise<Pull> {
  const { branch, files, title, body, base, draft } = order;
  const { repo, account } = enter(store, order, order.fork === "own" ? "read" : "write");
  const wanted = { title, body: body ?? null, branch, base: base ?? repo.defaultBranch, draft: draft ?? false };
  if (order.fork === "own") {
    const parent = await startOf(repo, wanted.base);
    const sha = await repo.lock(() => commitFiles(repo.git, parent, files ?? {}, title, signatureOf(account, store.clock.now())));
    return openPull(store, repo, account, { ...wanted, fork: { account, sha } });
  }
  if (files !== undefined) await push(store, { repo: order.repo, user: order.user, branch, files, message: title, from: wanted.base });
  return openPull(store, repo, account, wanted);
}
