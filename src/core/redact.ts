const REDACTED = "[redacted]";

// Installation tokens exist in two forms, the newer one long and with two dots: `ghs_<app>_<jwt>`.
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g,
  /gh[a-z]_[A-Za-z0-9._-]{20,}/g,
  /github_pat_[A-Za-z0-9_]{20,}/g,
  /(?<=\b(?:basic|bearer|token)\s+)[A-Za-z0-9+/=._-]{8,}/gi,
  /(?<=[a-z]:\/\/)[^\s/@]+(?=@)/gi,
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
];
const HEADER = /(\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:(?:basic|bearer|token)\s+)?[^\s"',]+/gi;
const QUERY = /([?&](?:access_token|token|api_?key|key|secret|password|signature)=)[^\s&#]+/gi;

/** The text without keys, tokens, authorisation headers and passwords in URLs: fit for a log or an error message. */
export function redact(text: string): string {
  const known = SECRETS.reduce((clean, secret) => clean.replace(secret, REDACTED), text);
  return known.replace(HEADER, `$1${REDACTED}`).replace(QUERY, `$1${REDACTED}`);
}
