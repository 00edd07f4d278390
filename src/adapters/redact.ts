// Installation tokens exist in two forms, the newer one long and with two dots: `ghs_<app>_<jwt>`.
const SECRETS: readonly RegExp[] = [
  /gh[a-z]_[A-Za-z0-9._-]{20,}/g,
  /github_pat_[A-Za-z0-9_]{20,}/g,
  /(?<=\b(?:basic|bearer|token)\s+)[A-Za-z0-9+/=._-]{8,}/gi,
  /(?<=[a-z]:\/\/)[^\s/@]+(?=@)/gi,
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
];

/** The text without tokens, authorisation headers and passwords in URLs: fit for a log or an error message. */
export function redact(text: string): string {
  return SECRETS.reduce((clean, secret) => clean.replace(secret, "[redacted]"), text);
}
