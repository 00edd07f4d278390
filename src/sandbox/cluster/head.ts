import { looseRef } from "../github/loose-ref.ts";
import type { ObjectReader } from "../github/object-reader.ts";
import type { GitPlace } from "../github/run-git.ts";
import { filesBelow } from "../github/tree-objects.ts";

/** What a branch holds: text files by path. `broken`: folders that have no files because they could not be rendered, and why. */
export type Head = {
  readonly sha: string;
  readonly files: ReadonlyMap<string, string>;
  readonly broken?: ReadonlyMap<string, string>;
};

/** Where the cluster reads what it should run: the branch's head, or one commit. Rejects when it cannot be read; the cluster then runs on. */
export type HeadSource = (revision?: string) => Promise<Head>;

/** A bare repository of which files can be read. */
export type ReadPlace = GitPlace & { readonly objects: Pick<ObjectReader, "read"> };

/** Follows one branch of a bare repository: its YAML files, or those with other endings, under `root` (a folder with a trailing slash, or empty for all). Reads files only when the branch has moved. */
export function bareRepositoryHead(place: ReadPlace, branch: string, root: string, ending = /\.ya?ml$/): HeadSource {
  let last: Head | undefined;
  return async (revision = `refs/heads/${branch}`) => {
    const sha = looseRef(place.dir, revision) ?? (await parsed(place, revision));
    if (last?.sha !== sha)
      last = { sha, files: await filesAt(place, sha, (path) => path.startsWith(root) && ending.test(path)) };
    return last;
  };
}

async function filesAt(
  { objects }: ReadPlace,
  sha: string,
  isRead: (path: string) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const tree = await objects.read(`${sha}^{tree}`);
  if (tree === undefined) throw new Error(`There is no commit ${sha}`);
  // Regular files only: what a link points at is not in the tree.
  const files = (await filesBelow(objects, tree.sha)).filter(
    ({ mode, path }) => mode.startsWith("100") && isRead(path),
  );
  const texts = files.map(async ({ path, sha: blob }) => [path, await textOf(objects, blob)] as const);
  return new Map(await Promise.all(texts));
}

async function textOf(objects: ReadPlace["objects"], blob: string): Promise<string> {
  return (await objects.read(blob))?.content.toString() ?? "";
}

async function parsed({ objects }: ReadPlace, revision: string): Promise<string> {
  const commit = await objects.read(`${revision}^{commit}`);
  if (commit === undefined) throw new Error(`There is no commit ${revision}`);
  return commit.sha;
}
