import { GRAMMAR } from "./commands.ts";
import type { Verb } from "./commands.ts";
import type { Name } from "./names.ts";

/** What GitHub's live look-up says a person may do; `none` also when the look-up fails. */
export type Permission = "admin" | "write" | "read" | "none";

/** Who asks, by a comment or a check's button, as looked up for this request, not remembered. What could not be looked up is not there. */
export type Human = {
  readonly login: string;
  readonly permission: Permission;
  /** GitHub's name of the role, such as `maintain` or an organisation's own; `none` if unknown. */
  readonly role: string;
  /** Those that rules ask about and GitHub confirms, as `org/slug`. */
  readonly teams: readonly string[];
  /** Owns the service's canary manifest by CODEOWNERS. */
  readonly codeOwner: boolean;
  readonly byBot: boolean;
};

/** Narrows who may use these verbs. Whoever fits any part of `allow` fits the rule; roles are meant exactly, a higher one is named as well. */
export type CommandRule = {
  readonly verbs: readonly Verb[];
  readonly allow: {
    readonly roles: readonly string[];
    readonly teams: readonly string[];
    readonly users: readonly string[];
    readonly codeOwners: boolean;
  };
  /** It stands in the organisation's shared configuration, beside what the repository's own rules ask. */
  readonly enforced?: true;
};

/** A service and the rules whose paths match it. */
export type Governed = { readonly service: Name; readonly rules: readonly CommandRule[] };

/** `why` is a sentence for the person, and names who may. */
export type Authorization = { readonly kind: "allowed" } | { readonly kind: "denied"; readonly why: string };

const RANK: readonly Permission[] = ["none", "read", "write", "admin"];

/**
 * Decides for every way in whether a person may do this to a service. Bots never may; the access that the grammar asks for is always needed, and where rules name
 * the verb one of them must fit as well, and one of those that the organisation enforces. What is not known to be enough is not enough.
 */
export function authorize(human: Human, verb: Verb, { service, rules }: Governed): Authorization {
  const { needs } = GRAMMAR[verb];
  const naming = rules.filter(({ verbs }) => verbs.includes(verb));
  const [own, enforced] = [naming.filter((rule) => !rule.enforced), naming.filter((rule) => rule.enforced)];
  const denied = (but: string): Authorization => ({
    kind: "denied",
    why: `\`/${verb}\` for ${service} is for ${whoMay(needs, own, enforced)}; ${but}.`,
  });
  if (human.byBot || human.login.endsWith("[bot]")) return denied("bots may not");
  if (RANK.indexOf(human.permission) < RANK.indexOf(needs)) return denied(accessOf(human));
  const isFit = (some: readonly CommandRule[]) => some.length === 0 || some.some((rule) => fits(human, rule));
  if (isFit(own) && isFit(enforced)) return { kind: "allowed" };
  return denied(`as far as GitHub says, ${human.login} is not among them`);
}

function accessOf({ login, permission }: Human): string {
  return `GitHub says ${login} has ${permission === "none" ? "no" : permission} access`;
}

function fits({ login, role, teams, codeOwner }: Human, { allow }: CommandRule): boolean {
  return (
    (role !== "none" && has(allow.roles, role)) ||
    allow.teams.some((team) => has(teams, team)) ||
    has(allow.users, login) ||
    (allow.codeOwners && codeOwner)
  );
}

// GitHub's logins, slugs and roles differ by more than capitals.
function has(words: readonly string[], word: string): boolean {
  return words.some((one) => one.toLowerCase() === word.toLowerCase());
}

function whoMay(needs: "read" | "write", ...both: readonly (readonly CommandRule[])[]): string {
  const people = `people with ${needs} access to this repository`;
  const groups = both.filter((rules) => rules.length > 0).map(whoFit);
  return groups.length === 0 ? people : `${people} who are ${groups.join(", and besides ")}`;
}

function whoFit(rules: readonly CommandRule[]): string {
  const narrowed = [...new Set(rules.flatMap(groupsOf))];
  return narrowed.length === 0 ? "named by a rule" : listed(narrowed);
}

function groupsOf({ allow }: CommandRule): readonly string[] {
  return [
    ...allow.roles.map((role) => `in the role ${role}`),
    ...allow.teams.map((team) => `in the team ${team}`),
    ...allow.users,
    ...(allow.codeOwners ? ["code owners of its manifest"] : []),
  ];
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}
