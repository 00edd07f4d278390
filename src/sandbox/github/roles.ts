import type { Repo, Role } from "./store.ts";

// from the least to the most
const ROLES: readonly Role[] = ["read", "triage", "write", "maintain", "admin"];

/** Whether a login has a role in a repository, or a greater one. */
export function hasRole({ roles }: Repo, login: string, least: Role): boolean {
  const role = roles.get(login.toLowerCase());
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
}
