import { isRepoName } from "../../core/names.ts";
import type { RepoKey } from "../../ports/queue.ts";

/** What one repository goes by in Redis. The name alone, in any case: an App that was installed anew has another installation for the same repository. */
export function idOf({ repo }: RepoKey): string {
  return repo.toLowerCase();
}

/** The text that `keyFrom` reads. */
export function keyText({ installation, repo }: RepoKey): string {
  return JSON.stringify({ installation, repo });
}

/** The key that a text from Redis says, or undefined where it says none. */
export function keyFrom(text: string | null | undefined): RepoKey | undefined {
  try {
    return keyIn(JSON.parse(text ?? "null"));
  } catch {
    return undefined;
  }
}

/** The key that a value from Redis is, or undefined where it is none. */
export function keyIn(value: unknown): RepoKey | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("installation" in value && "repo" in value)) return undefined;
  const { installation, repo } = value;
  return typeof installation === "number" && isRepoName(repo) ? { installation, repo } : undefined;
}
