import { GRAMMAR } from "./commands.ts";
import type { Verb } from "./commands.ts";
import type { Name } from "./names.ts";

/** What GitHub's live look-up says a person may do; `none` also when the look-up fails. */
export type Permission = "admin" | "write" | "read" | "none";

/** Who asks, by a comment or a check's button. `permission` was looked up for this request, not remembered. */
export type Human = { readonly login: string; readonly permission: Permission; readonly byBot: boolean };

/** `why` is a sentence for the person, and names who may. */
export type Authorization = { readonly kind: "allowed" } | { readonly kind: "denied"; readonly why: string };

const RANK: readonly Permission[] = ["none", "read", "write", "admin"];

/** Decides for every way in whether a person may do this to a service. Bots never may; what is not known to be enough is not enough. */
export function authorize(human: Human, verb: Verb, service: Name): Authorization {
  const { needs } = GRAMMAR[verb];
  if (human.byBot || human.login.endsWith("[bot]")) return denied(verb, service, "bots may not");
  if (RANK.indexOf(human.permission) >= RANK.indexOf(needs)) return { kind: "allowed" };
  return denied(
    verb,
    service,
    `GitHub says ${human.login} has ${human.permission === "none" ? "no" : human.permission} access`,
  );
}

function denied(verb: Verb, service: Name, but: string): Authorization {
  const { needs } = GRAMMAR[verb];
  return {
    kind: "denied",
    why: `\`/${verb}\` for ${service} is for people with ${needs} access to this repository; ${but}.`,
  };
}
