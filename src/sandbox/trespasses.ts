import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import { REPO, type SandboxWorld } from "./world.ts";

/** What the log of a branch gives. */
export type Commits = Awaited<ReturnType<SandboxWorld["github"]["log"]>>;

/** Files of others, and what may be changed in them: the claimed replicas or steps, and an image that was bumped. */
const CLAIMED: readonly (readonly [path: RegExp, key: RegExp])[] = [
  [/^apps\/[^/]+\/(?:[^/]+\/)?deployment\.yaml$/, /^spec\.(?:replicas|template\.spec\.containers\.\d+\.image)$/],
  [
    /^apps\/[^/]+\/rollout\.yaml$/,
    /^spec\.(?:strategy\.canary\.steps\.\d+\.(?:setWeight|pause\.duration)|template\.spec\.containers\.\d+\.image)$/,
  ],
];

/** Paths, and keys in them, that a commit of Tidegate's changed and does not own; empty when all is well. */
export async function trespassesIn({ github }: SandboxWorld, commits: Commits): Promise<readonly string[]> {
  const found = await Promise.all(
    commits.flatMap(({ sha, parents, files, message }) =>
      files.map(async ({ path }) => {
        if (path.startsWith(".tidegate/services/") || /^apps\/[^/]+\/(?:[^/]+\/)?tidegate\//.test(path)) return [];
        const may = CLAIMED.find(([pattern]) => pattern.test(path))?.[1];
        if (may === undefined) return [`${path} (${message.split("\n")[0]})`];
        const [before, after] = await Promise.all(
          [parents[0] ?? sha, sha].map((commit) => github.readFile(REPO, commit, path)),
        );
        const keys = changedKeys(before ?? "", after ?? "").filter((key) => !may.test(key));
        return keys.map((key) => `${path}: ${key}`);
      }),
    ),
  );
  return found.flat();
}

/** Scalars of a file that differ. */
function changedKeys(before: string, after: string): readonly string[] {
  const old = leaves(documentOf(before).toJS());
  const now = leaves(documentOf(after).toJS());
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
}

function leaves(value: unknown, at: readonly string[] = []): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map([[at.join("."), value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, [...at, key])]));
}

/** Most lines that one of the commits adds or removes, by the target where it is about several. */
export async function longest({ github }: SandboxWorld, commits: Commits): Promise<number> {
  const counts = await Promise.all(
    commits.map(async ({ sha, parents, files }) => {
      const changes = await Promise.all(
        files.map(async ({ path }) => {
          const [before, after] = await Promise.all(
            [parents[0] ?? sha, sha].map((commit) => github.readFile(REPO, commit, path)),
          );
          return changedLines(before ?? "", after ?? "");
        }),
      );
      const folders = files.filter(({ path }) => path.startsWith("apps/")).map(({ path }) => posix.dirname(path));
      const places = new Set(folders.map((folder) => folder.replace(/\/tidegate$/, "")));
      return changes.reduce((sum, count) => sum + count, 0) / Math.max(1, places.size);
    }),
  );
  return Math.max(0, ...counts);
}

/** Lines of one text that the other lacks, and the other way round, each as often as it stands there. */
function changedLines(before: string, after: string): number {
  const count = new Map<string, number>();
  for (const line of before.split("\n")) count.set(line, (count.get(line) ?? 0) - 1);
  for (const line of after.split("\n")) count.set(line, (count.get(line) ?? 0) + 1);
  return Math.max(
    ...[1, -1].map((sign) => [...count.values()].reduce((sum, times) => sum + Math.max(0, times * sign), 0)),
  );
}

/** The first document of a file. */
export function documentOf(text: string) {
  const [document] = parseAllDocuments(text);
  if (document === undefined || !("getIn" in document)) throw new Error("The file holds no document.");
  return document;
}
