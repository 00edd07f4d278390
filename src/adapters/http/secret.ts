import type { Brand } from "../../core/brand.ts";
import { UserError } from "../../core/error.ts";

/** A webhook secret that is worth the name. */
export type WebhookSecret = Brand<string, "WebhookSecret">;

const SHORTEST = 32;
const FEWEST_CHARACTERS = 8;

// What documentation, examples and Probot's own default say, once or repeated to length.
const WELL_KNOWN =
  /^(?:(?:development|secret|changeme|password|webhook|github|tidegate|test|example|your|my|a|the|key|token|value|here)[\W_0-9]*)+$/i;

/** Takes a secret for proper, or throws a UserError that says what is wrong with it and how to make one; never shows the secret. */
export function webhookSecret(text: string): WebhookSecret {
  if (!isProper(text))
    throw new UserError(`The webhook secret is too weak: ${weakness(text)}. Make one with \`openssl rand -hex 32\`.`);
  return text;
}

function isProper(text: string): text is WebhookSecret {
  return text.length >= SHORTEST && new Set(text).size >= FEWEST_CHARACTERS && !WELL_KNOWN.test(text);
}

function weakness(text: string): string {
  if (text === "") return "there is none";
  if (text.length < SHORTEST) return `it has fewer than ${SHORTEST} characters`;
  return new Set(text).size < FEWEST_CHARACTERS ? "it repeats a few characters" : "it is made of well-known words";
}
