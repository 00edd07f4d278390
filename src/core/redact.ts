const REDACTED = "[redacted]";

// Installation tokens exist in two forms, the newer one long and with two dots: `ghs_<app>_<jwt>`.
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g,
  /gh[a-z]_[A-Za-z0-9._-]{20,}/g,
  /github_pat_[A-Za-z0-9_]{20,}/g,
  /(?<=\b(?:basic|bearer|token)\s+)[A-Za-z0-9+/=._-]{8,}/gi,
  /(?<=[a-z]:\/\/)[^\s/]+(?=@)/gi,
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /(?<=\bSignature=)[0-9a-f]{16,}/gi,
];
const HEADER = /(\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:[a-z][a-z0-9-]{2,30}\s+)?[^\s"',]+/gi;
const KEY_HEADER = /(\b(?:[a-z]{1,12}-){0,2}(?:api|application)-key["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"',]+/gi;
const QUERY =
  /([?&](?:access_token|token|api_?key|key|secret|password|signature|x-amz-(?:security-token|signature|credential))=)[^\s&#]+/gi;

/** The text without keys, tokens, authorisation headers and passwords in URLs: fit for a log or an error message. */
export function redact(text: string): string {
  const known = SECRETS.reduce((clean, secret) => clean.replace(secret, REDACTED), text);
  return [HEADER, KEY_HEADER, QUERY].reduce((clean, named) => clean.replace(named, `$1${REDACTED}`), known);
}

/** Shorter ones stand in half of all sentences. */
const SHORTEST = 6;

/** `redact` that besides cuts out these very values, whatever they look like: as they are, line by line, and as they stand in URLs. */
export function redactor(values: readonly string[]): (text: string) => string {
  const known = values.flatMap(formsOf).filter((form) => form.length >= SHORTEST);
  // The longest first: one may be part of another.
  const sorted = [...new Set(known)].toSorted((one, two) => two.length - one.length);
  return (text) => redact(sorted.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text));
}

function formsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n|\\n/).map((line) => line.trim());
  return [value, ...lines, encodeURIComponent(value)];
}
