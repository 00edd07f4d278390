import type { Brand } from "./brand.ts";

/** A commit id, 40 hexadecimal digits. Holding one is the proof that git will not read it as an option or a name. */
export type Sha = Brand<string, "Sha">;

/** A Kubernetes name (RFC 1123 label): what services, targets, namespaces and workloads are called. */
export type Name = Brand<string, "Name">;

/** `owner/name` of a repository on GitHub. */
export type RepoName = Brand<string, "RepoName">;

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export function isSha(value: unknown): value is Sha {
  return typeof value === "string" && /^[0-9a-f]{40}$/.test(value);
}

export function sha(value: string): Sha {
  if (!isSha(value)) throw new RangeError(`Not a commit id of 40 hexadecimal digits: ${JSON.stringify(value)}.`);
  return value;
}

export function isName(value: unknown): value is Name {
  return typeof value === "string" && LABEL.test(value);
}

export function name(value: string): Name {
  if (!isName(value))
    throw new RangeError(`Not a name of lower-case letters, digits and dashes, at most 63: ${JSON.stringify(value)}.`);
  return value;
}

export function isRepoName(value: unknown): value is RepoName {
  return (
    typeof value === "string" &&
    /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/.test(value) &&
    !/\/\.{1,2}$/.test(value)
  );
}

export function repoName(value: string): RepoName {
  if (!isRepoName(value)) throw new RangeError(`Not the owner/name of a repository: ${JSON.stringify(value)}.`);
  return value;
}

/** Branches of waves are called so where those of others have the name of a target. */
export function isWaveName(text: string): boolean {
  return /^wave-\d+$/.test(text);
}

/** Branches of what opts services in and out are called so where those of others have the name of a service. */
export function isOptName(text: string): boolean {
  return text === "opt-in" || text === "opt-out";
}
