import { looseRef } from "../github/loose-ref.ts";
import { tryGit } from "../github/run-git.ts";
import type { GitPlace } from "../github/run-git.ts";

/** What a branch holds: text files by path. `broken`: folders that have no files because they could not be rendered, and why. */
export type Head = {
  readonly sha: string;
  readonly files: ReadonlyMap<string, string>;
  readonly broken?: ReadonlyMap<string, string>;
};

/** Where the cluster reads what it should run: the branch's head, or one commit. Rejects when it cannot be read; the cluster then runs on. */
export type HeadSource = (revision?: string) => Promise<Head>;

type Entry = { readonly path: string; readonly id: string };

/** Follows one branch of a bare repository: its YAML files, or those with other endings, under `root` (a folder with a trailing slash, or empty for all). Reads files only when the branch has moved. */
export function bareRepositoryHead(place: GitPlace, branch: string, root: string, ending = /\.ya?ml$/): HeadSource {
  let last: Head | undefined;
  return async (revision = `refs/heads/${branch}`) => {
    const sha = looseRef(place.dir, revision) ?? (await parsed(place, revision));
    if (last?.sha !== sha)
      last = { sha, files: await filesAt(place, sha, (path) => path.startsWith(root) && ending.test(path)) };
    return last;
  };
}

async function filesAt(
  place: GitPlace,
  sha: string,
  isRead: (path: string) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const listing = (await output(place, ["ls-tree", "-r", "-z", sha])).toString();
  const entries = listing
    .split("\0")
    .flatMap(entryOf)
    .filter(({ path }) => isRead(path));
  const input = entries.map(({ id }) => `${id}\n`).join("");
  const texts = textsIn(await output(place, ["cat-file", "--batch"], input));
  return new Map(entries.map(({ path }, index) => [path, texts[index] ?? ""]));
}

// Regular files only: what a link points at is not in the tree.
function entryOf(line: string): readonly Entry[] {
  const match = /^100(?:644|755) blob ([0-9a-f]+)\t(.+)$/s.exec(line);
  return match?.[1] === undefined || match[2] === undefined ? [] : [{ id: match[1], path: match[2] }];
}

// Each object: "<id> blob <size>\n", that many bytes, "\n".
function textsIn(batch: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < batch.length;) {
    const start = batch.indexOf("\n", at) + 1;
    const size = Number(batch.subarray(at, start).toString().trim().split(" ")[2]);
    texts.push(batch.subarray(start, start + size).toString());
    at = start + size + 1;
  }
  return texts;
}

async function parsed(place: GitPlace, revision: string): Promise<string> {
  return (await output(place, ["rev-parse", "--verify", `${revision}^{commit}`])).toString().trim();
}

async function output(place: GitPlace, args: readonly string[], input?: string): Promise<Buffer> {
  const { code, stdout, stderr } = await tryGit(place, args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`git ${args[0]} failed: ${stderr.trim()}`);
  return stdout;
}
