import { z } from "zod";
import { VERBS } from "../core/commands.ts";
import type { CommandRule } from "../core/permissions.ts";
import { strict, unknownWord } from "./document.ts";
import { coversPath, pathPattern } from "./path-pattern.ts";

const Verbs = z
  .array(z.enum(VERBS, { error: ({ input }) => (typeof input === "string" ? unknownWord(input, VERBS) : undefined) }))
  .min(1, { error: "must name a command" });

/** A pattern of paths from the root of the repository. */
export const RootedPath = z.string().refine((text) => isRelative(text) && pathPattern(`/${text}`) !== undefined, {
  error: "must be a path from the root, where * stands for any letters of a name and ** for any folders",
});
const Role = z.string().regex(/^(?!none$)[A-Za-z0-9](?:[ \w.-]{0,62}\w)?$/i, {
  error: "must be the name of a role, such as maintain",
});

/** A team as GitHub writes it, without the `@`. */
export const Team = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9][\w.-]{0,99}$/, { error: "must be a team such as acme/payments" });

/** A person's name on GitHub. */
export const Login = z.string().regex(/^[A-Za-z0-9][\w-]{0,62}$/, { error: "must be a login such as ana" });

const Allow = strict({
  roles: z.array(Role).default([]),
  teams: z.array(Team).default([]),
  users: z.array(Login).default([]),
  codeowners: z.boolean().default(false),
}).refine(({ roles, teams, users, codeowners }) => codeowners || [...roles, ...teams, ...users].length > 0, {
  error: "must name somebody: roles, teams, users or codeowners",
});

/** What may stand in one of `commands`. */
export const WrittenRule = strict({
  verbs: Verbs,
  paths: z.array(RootedPath).min(1, { error: "must have a path, or be left out" }).optional(),
  allow: Allow,
});

/** The rules for a service with these manifests; a rule without paths is for every service. One file under a rule's path is enough: rules only narrow. */
export function rulesFor(
  written: readonly z.infer<typeof WrittenRule>[],
  manifests: readonly string[],
): readonly CommandRule[] {
  return written
    .filter(({ paths }) => paths === undefined || coverAny(paths, manifests))
    .map(({ verbs, allow: { roles, teams, users, codeowners } }) => ({
      verbs,
      allow: { roles, teams, users, codeOwners: codeowners },
    }));
}

/** Whether any of some files lies under any of some patterns. */
export function coverAny(paths: readonly string[], files: readonly string[]): boolean {
  return paths.some((path) => {
    const pattern = pathPattern(`/${path}`);
    return pattern !== undefined && files.some((file) => coversPath(pattern, file));
  });
}

function isRelative(text: string): boolean {
  return text.length <= 512 && !text.startsWith("/") && !/(?:^|\/)\.{1,2}(?:\/|$)|\\/.test(text);
}
