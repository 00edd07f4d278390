import { checkOf, createCheck } from "./checks.ts";
import type { CheckReport } from "./checks.ts";
import { createComment, deleteComment, editComment, react } from "./comments.ts";
import { createStatus, reportDeployment } from "./deliveries.ts";
import type { NewDeployment, NewStatus } from "./deliveries.ts";
import { emitCheck } from "./events.ts";
import { renameDefaultBranch } from "./default-branch.ts";
import { enter, enterComment, knownRepo } from "./enter.ts";
import type { Where } from "./enter.ts";
import { mergePull } from "./merge.ts";
import { pullActions } from "./pull-actions.ts";
import type { PullActions } from "./pull-actions.ts";
import { addLabel } from "./pull-marks.ts";
import { pullOf } from "./pull-of.ts";
import { editPull, openPull } from "./pulls.ts";
import type { PullEdit } from "./pulls.ts";
import { moveRefsAs } from "./ref-moves.ts";
import { NO_SHA, commitFiles, refTip, resolveCommit } from "./repo.ts";
import type { Files } from "./repo.ts";
import { signatureOf } from "./signing.ts";
import { personalToken } from "./tokens.ts";
import { ensureAccount } from "./store.ts";
import type { Acting, Comment, MergeMethod, Pull, ReactionContent, Repo, Store } from "./store.ts";

/** A push of one commit. `from`: the branch or commit that a new branch starts at (default: the default branch); with `force`, that an old one is put back to first; without files that is all. */
export type PushOrder = Where & {
  readonly branch: string;
  readonly files: Files;
  readonly message: string;
  readonly from?: string;
  readonly force?: true;
  readonly date?: number;
};

/** A branch with one commit and a pull request for it; `fork`: in the person's own copy of the repository. Without `files` the branch is there already. */
export type PullOrder = Where & {
  readonly branch: string;
  readonly files?: Files;
  readonly title: string;
  readonly body?: string;
  readonly base?: string;
  readonly draft?: boolean;
  readonly fork?: "own";
  readonly labels?: readonly string[];
};

export type MergeByHand = Where & {
  readonly number: number;
  readonly method?: MergeMethod;
  readonly title?: string;
  readonly message?: string;
  /** "Merge without waiting for requirements to be met": an administrator's. */
  readonly bypass?: "rules";
};

/** What people do on GitHub, without HTTP but by the same rules; a refusal is thrown. `user` must be known, and may do what its role allows. */
export type People = PullActions & {
  readonly push: (order: PushOrder) => Promise<string>;
  /** A token with which the person asks over HTTP as themselves, for a day. */
  readonly personalToken: (where: Where) => string;
  /** An administrator's. */
  readonly renameDefaultBranch: (order: Where & { readonly to: string }) => Promise<void>;
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
  readonly reportCheck: (
    order: { readonly repo: string; readonly app: string; readonly sha: string; readonly name: string } & CheckReport,
  ) => Promise<number>;
  /** Posts a commit status: whoever may push may, and an App that is installed, by its bot's login. */
  readonly postStatus: (order: Where & NewStatus) => Promise<void>;
  /** Says how a commit is deployed to an environment, likewise. */
  readonly reportDeployment: (order: Where & NewDeployment) => Promise<void>;
};

/** The actions of people over a store. */
export function peopleOf(store: Store): People {
  return {
    ...codeActions(store),
    ...pullActions(store),
    ...talkActions(store),
    ...checkActions(store),
    ...deliveryActions(store),
  };
}

type CodeActions = Pick<
  People,
  "push" | "personalToken" | "renameDefaultBranch" | "deleteBranch" | "openPull" | "editPull" | "mergePull"
>;
type TalkActions = Pick<People, "comment" | "editComment" | "deleteComment" | "react">;
type CheckActions = Pick<People, "pressButton" | "rerequest" | "reportCheck">;

function codeActions(store: Store): CodeActions {
  return {
    push: (order) => push(enter(store, order, "write"), order),
    personalToken: (where) => personalToken(enter(store, where, "read")),
    deleteBranch: (order) => deleteBranch(enter(store, order, "write"), order.branch),
    renameDefaultBranch: ({ to, ...where }) => renameDefaultBranch(enter(store, where, "admin"), to),
    openPull: (order) => openAs(enter(store, order, order.fork === "own" ? "read" : "write"), order),
    editPull({ number, repo, user, ...edit }) {
      return editPull(enter(store, { repo, user }, "triage"), number, edit);
    },
    mergePull({ number, method, title, message, bypass, ...where }) {
      const acting = enter(store, where, bypass === "rules" ? "admin" : "write");
      const [allowed = "merge"] = acting.repo.settings.current.mergeMethods;
      const { sha } = pullOf(acting.repo, number).head;
      return mergePull(acting, number, { method: method ?? allowed, sha, title, message, bypass });
    },
  };
}

function talkActions(store: Store): TalkActions {
  return {
    comment: ({ number, body, ...where }) => createComment(enter(store, where, "read"), { number, body }),
    editComment: ({ id, body, ...where }) => editComment(enterComment(store, where, id), { id, body }),
    deleteComment: ({ id, ...where }) => deleteComment(enterComment(store, where, id), id),
    react: ({ id, content, ...where }) => void react(enter(store, where, "read"), { id, content }),
  };
}

function checkActions(store: Store): CheckActions {
  return {
    pressButton({ check, identifier, ...where }) {
      const acting = enter(store, where, "write");
      const run = checkOf(acting.repo, check);
      const button = run.actions.find((action) => action.identifier === identifier);
      if (button === undefined) throw new Error(`Check run ${check} has no button "${identifier}"`);
      emitCheck(acting, run, { action: "requested_action", requested_action: { identifier } });
    },
    rerequest({ check, ...where }) {
      const acting = enter(store, where, "write");
      emitCheck(acting, checkOf(acting.repo, check), { action: "rerequested" });
    },
    async reportCheck({ repo: name, app: slug, sha, ...report }) {
      const by = ensureAccount(store, `${slug}[bot]`);
      const app = { id: by.id, slug, clientId: `sandbox-${slug}` };
      const acting = { store, repo: knownRepo(store, name), by };
      return (await createCheck(acting, app, { ...report, headSha: sha })).id;
    },
  };
}

function deliveryActions(store: Store): Pick<People, "postStatus" | "reportDeployment"> {
  return {
    postStatus: async ({ repo, user, ...status }) => void (await createStatus(asPoster(store, { repo, user }), status)),
    reportDeployment: async ({ repo, user, ...deployment }) =>
      void (await reportDeployment(asPoster(store, { repo, user }), deployment)),
  };
}

function asPoster(store: Store, where: Where): Acting {
  if (!where.user.endsWith("[bot]")) return enter(store, where, "write");
  return { store, repo: knownRepo(store, where.repo), by: ensureAccount(store, where.user) };
}

function push(
  acting: Acting,
  { branch, files, message, from, force, date }: Omit<PushOrder, keyof Where>,
): Promise<string> {
  const { store, repo, by } = acting;
  return repo.lock(async () => {
    const ref = `refs/heads/${branch}`;
    const tip = await refTip(repo.git, ref);
    const parent = tip === undefined || force === true ? await startOf(repo, from) : tip;
    const signed = { files, message, by: signatureOf(by, date ?? store.clock.now()) };
    const isBack = force === true && Object.keys(files).length === 0;
    const after = isBack ? parent : await commitFiles(repo.git, parent, signed);
    await moveRefsAs(acting, [{ ref, before: tip ?? NO_SHA, after }]);
    return after;
  });
}

async function startOf(repo: Repo, from: string | undefined): Promise<string> {
  const name = from ?? repo.defaultBranch;
  const start = await resolveCommit(repo.git, name);
  if (start === undefined) throw new Error(`${repo.fullName} has no ${name}`);
  return start;
}

function deleteBranch(acting: Acting, branch: string): Promise<void> {
  const { repo } = acting;
  return repo.lock(async () => {
    const ref = `refs/heads/${branch}`;
    const tip = await refTip(repo.git, ref);
    if (tip === undefined) throw new Error(`${repo.fullName} has no branch ${branch}`);
    await moveRefsAs(acting, [{ ref, before: tip, after: NO_SHA }]);
  });
}

async function openAs(acting: Acting, order: Omit<PullOrder, keyof Where>): Promise<Pull> {
  const { store, repo, by } = acting;
  const { branch, files, title, body = null, base = repo.defaultBranch, draft = false, labels = [] } = order;
  const wanted = { title, body, branch, base, draft };
  if (order.fork === "own") {
    const parent = await startOf(repo, base);
    const signed = { files: files ?? {}, message: title, by: signatureOf(by, store.clock.now()) };
    const sha = await repo.lock(() => commitFiles(repo.git, parent, signed));
    return openPull(acting, { ...wanted, fork: { account: by, sha } });
  }
  if (files !== undefined) await push(acting, { branch, files, message: title, from: base });
  const pull = await openPull(acting, wanted);
  for (const label of labels) addLabel(acting, pull.number, label);
  return pullOf(repo, pull.number);
}
