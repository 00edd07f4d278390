import { commentOf } from "./comments.ts";
import { hasRole } from "./roles.ts";
import { accountOf, repoOf } from "./store.ts";
import type { Acting, Repo, Role, Store } from "./store.ts";

/** Who does something, and in which repository (full name). */
export type Where = { readonly repo: string; readonly user: string };

/** The repository of a full name; an unknown one is a mistake of the caller. */
export function knownRepo(store: Store, fullName: string): Repo {
  const repo = repoOf(store, fullName);
  if (repo === undefined) throw new Error(`There is no repository ${fullName}`);
  return repo;
}

/** A person in a repository, who must have at least that role there. */
export function enter(store: Store, { repo: name, user }: Where, least: Role): Acting {
  const repo = knownRepo(store, name);
  const by = accountOf(store, user);
  if (by === undefined) throw new Error(`There is no user ${user}`);
  if (!hasRole(repo, user, least)) throw new Error(`${user} needs the role ${least} in ${name}`);
  return { store, repo, by };
}

/** A person at a comment: one's own is one's own; another's needs the power to write. */
export function enterComment(store: Store, where: Where, id: number): Acting {
  const { author } = commentOf(knownRepo(store, where.repo), id);
  return enter(store, where, author.login === where.user ? "read" : "write");
}
