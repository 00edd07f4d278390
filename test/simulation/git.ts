import { createHash } from "node:crypto";
import { sha, type Sha } from "../../src/core/names.ts";
import type { Blob, Commit, GitReader, GitWriter, NewCommit } from "../../src/ports/git.ts";

type Files = ReadonlyMap<string, string>;
type Stored = Commit & { readonly files: Files };

export type Addition = Omit<NewCommit, "files"> & {
  readonly parents: readonly Sha[];
  /** "ana" where nobody is named. */
  readonly author?: string;
  readonly files: ReadonlyMap<string, string | undefined>;
};

/** Git as a value: whole trees by commit, refs by name. The same commit has the same id, as in git. */
export type ModelGit = GitReader &
  GitWriter & {
    readonly refs: Map<string, Sha>;
    readonly filesAt: (commit: Sha) => Files;
    /** A file that is undefined is deleted. */
    readonly add: (commit: Addition) => Sha;
    readonly messageOf: (commit: Sha) => string;
    readonly parentsOf: (commit: Sha) => readonly Sha[];
    readonly isAncestor: (ancestor: Sha, of: Sha) => boolean;
    /** Commits that were made by way of the port. */
    readonly written: ReadonlySet<Sha>;
    readonly firstParents: (from: Sha) => readonly Stored[];
    readonly mergeBase: (a: Sha, b: Sha) => Sha;
  };

const WRITER = "Tidegate";

export function modelGit(initial: Files, at: number): ModelGit {
  const commits = new Map<Sha, Stored>();
  const refs = new Map<string, Sha>();
  const blobIds = new Map<string, Sha>();
  const written = new Set<Sha>();

  const store = (commit: Omit<Stored, "sha" | "ours">): Sha => {
    const { parents, files, message, at: date, author } = commit;
    const id = idOf(JSON.stringify([parents, [...files].toSorted(byPath), message, date, author]));
    if (!commits.has(id)) commits.set(id, { ...commit, sha: id, ours: author === WRITER });
    return id;
  };
  const get = (id: Sha): Stored => {
    const commit = commits.get(id);
    if (commit === undefined) throw new Error(`No commit ${id}.`);
    return commit;
  };
  const filesAt = (id: Sha): Files => get(id).files;
  const firstParents = (from: Sha): readonly Stored[] => {
    const line: Stored[] = [];
    for (let next: Sha | undefined = from; next !== undefined; next = line.at(-1)?.parents[0]) line.push(get(next));
    return line;
  };
  const ancestors = (from: Sha): Set<Sha> => {
    const seen = new Set<Sha>();
    const open = [from];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...get(next).parents);
    }
    return seen;
  };
  const mergeBase = (a: Sha, b: Sha): Sha => {
    const ofA = ancestors(a);
    const found = firstParents(b).find((commit) => ofA.has(commit.sha));
    if (found === undefined) throw new Error("No merge base.");
    return found.sha;
  };
  const blob = (text: string): Blob => {
    const known = blobIds.get(text);
    if (known !== undefined) return { id: known, text };
    const id = idOf(text);
    blobIds.set(text, id);
    return { id, text };
  };
  const add: ModelGit["add"] = ({ parent, parents, files, message, at: date, author = "ana" }) => {
    const all = new Map(filesAt(parent));
    for (const [path, text] of files) {
      if (text === undefined) all.delete(path);
      else all.set(path, text);
    }
    return store({ parents, files: all, message, at: date, author });
  };

  refs.set("refs/heads/main", store({ parents: [], files: initial, message: "Begin", at, author: "ana" }));

  return {
    refs,
    filesAt,
    add,
    firstParents,
    mergeBase,
    messageOf: (id) => get(id).message,
    parentsOf: (id) => get(id).parents,
    isAncestor: (ancestor, of) => ancestors(of).has(ancestor),
    written,
    contains: async (head, commit) => commits.has(commit) && ancestors(head).has(commit),
    fetch: async () => new Map(refs),
    commit: async (id) => get(id),
    read: async (id, paths) => {
      const files = filesAt(id);
      return new Map(
        paths.flatMap((path) => {
          const text = files.get(path);
          return text === undefined ? [] : [[path, blob(text)] as const];
        }),
      );
    },
    entries: async (id, paths) => {
      const files = filesAt(id);
      return new Map(paths.flatMap((path) => (files.has(path) ? [[path, idOf(files.get(path) ?? "")] as const] : [])));
    },
    list: async (id, folder) =>
      [...filesAt(id).keys()].filter((path) => folder === "" || path.startsWith(`${folder}/`)).toSorted(),
    links: async () => new Map(),
    history: async (from, path, limit) =>
      firstParents(from)
        .filter(({ files, parents }) =>
          changes(path, files, parents[0] === undefined ? new Map() : filesAt(parents[0])),
        )
        .slice(0, limit),
    fork: async (base, head) => mergeBase(base, head),
    changed: async (base, head) => pathsThatDiffer(filesAt(mergeBase(base, head)), filesAt(head)),
    write: async (commit) => {
      const id = add({ ...commit, parents: [commit.parent], author: WRITER });
      written.add(id);
      return id;
    },
    push: async (branch, id, expected) => {
      const ref = `refs/heads/${branch}`;
      const now = refs.get(ref);
      if (now === id) return "pushed";
      if (now !== expected) return "moved";
      refs.set(ref, id);
      return "pushed";
    },
    remove: async (branch, expected) => {
      if (refs.get(`refs/heads/${branch}`) === expected) refs.delete(`refs/heads/${branch}`);
    },
  };
}

/** A path, or a folder, is not the same in two trees. */
function changes(path: string, files: Files, before: Files): boolean {
  if (files.has(path) || before.has(path)) return files.get(path) !== before.get(path);
  return pathsThatDiffer(before, files).some((changed) => changed.startsWith(`${path}/`));
}

export function pathsThatDiffer(before: Files, after: Files): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).toSorted();
}

export function byPath([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : Number(left > right);
}

function idOf(text: string): Sha {
  return sha(createHash("sha1").update(text).digest("hex"));
}
