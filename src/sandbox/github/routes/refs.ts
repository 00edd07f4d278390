import { z } from "zod";
import { bodyOf } from "../body.ts";
import { HttpError, notFound } from "../http-error.ts";
import { moveRefsAs } from "../ref-moves.ts";
import { NO_SHA, isBranchName, listCommits, refTip } from "../repo.ts";
import { acting, created, param, reading, writing } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import { nodeId } from "../shapes/account.ts";
import type { Published } from "../shapes/published.ts";
import { repoUrl } from "../shapes/repository.ts";

const Sha = z.string().regex(/^[0-9a-f]{40}$/, "is not a SHA");
const NewRefBody = z.object({ ref: z.string(), sha: Sha });
const RefMoveBody = z.object({ sha: Sha, force: z.boolean().optional() });

/** Branches and tags as bare refs. */
export const refRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "/git/ref/{ref*}", needs: reading("contents"), run: get },
  { kind: "repo", method: "POST", path: "/git/refs", needs: writing("contents"), run: create },
  { kind: "repo", method: "PATCH", path: "/git/refs/{ref*}", needs: writing("contents"), run: move },
  { kind: "repo", method: "DELETE", path: "/git/refs/{ref*}", needs: writing("contents"), run: remove },
];

async function get(call: RepoCall): Promise<Answer> {
  const ref = `refs/${param(call, "ref")}`;
  const sha = await refTip(call.repo.git, ref);
  if (sha === undefined) throw notFound();
  return { status: 200, body: refShape(call, ref, sha) };
}

function create(call: RepoCall): Promise<Answer> {
  const { ref, sha } = bodyOf(NewRefBody, call.body);
  if (!/^refs\/(heads|tags)\//.test(ref) || !isBranchName(ref)) throw new HttpError(422, "Reference name is not valid");
  return call.repo.lock(async () => {
    await refuseUnknown(call, sha);
    if ((await refTip(call.repo.git, ref)) !== undefined) throw new HttpError(422, "Reference already exists");
    await moveRefsAs(acting(call), [{ ref, before: NO_SHA, after: sha }]);
    return created(refShape(call, ref, sha));
  });
}

function move(call: RepoCall): Promise<Answer> {
  const { sha, force } = bodyOf(RefMoveBody, call.body);
  return call.repo.lock(async () => {
    const { ref, tip } = await knownRef(call);
    await refuseUnknown(call, sha);
    if (force !== true && (await listCommits(call.repo.git, sha, tip)).length > 0)
      throw new HttpError(422, "Update is not a fast forward");
    if (sha !== tip) await moveRefsAs(acting(call), [{ ref, before: tip, after: sha }]);
    return { status: 200, body: refShape(call, ref, sha) };
  });
}

function remove(call: RepoCall): Promise<Answer> {
  return call.repo.lock(async () => {
    const { ref, tip } = await knownRef(call);
    if (ref === `refs/heads/${call.repo.defaultBranch}`) throw new HttpError(422, "Cannot delete the default branch");
    await moveRefsAs(acting(call), [{ ref, before: tip, after: NO_SHA }]);
    return { status: 204 };
  });
}

async function knownRef(call: RepoCall): Promise<{ readonly ref: string; readonly tip: string }> {
  const ref = `refs/${param(call, "ref")}`;
  const tip = /^refs\/(heads|tags)\//.test(ref) ? await refTip(call.repo.git, ref) : undefined;
  if (tip === undefined) throw new HttpError(422, "Reference does not exist");
  return { ref, tip };
}

async function refuseUnknown({ repo }: RepoCall, sha: string): Promise<void> {
  if ((await repo.git.objects.read(`${sha}^{commit}`)) === undefined) throw new HttpError(422, "Object does not exist");
}

function refShape({ store, repo }: RepoCall, ref: string, sha: string) {
  const url = repoUrl(store, repo);
  return {
    ref,
    node_id: `${nodeId("Ref", repo.id)}${ref}`,
    url: `${url}/git/${ref}`,
    object: { type: "commit", sha, url: `${url}/git/commits/${sha}` },
  } satisfies Published<"git", "getRef">;
}
