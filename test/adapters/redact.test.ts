import { expect, it } from "vitest";

import { redact } from "../../src/adapters/redact.ts";

it.each([
  ["a token of the old form", `bad credentials ghs_${"A1".repeat(18)} there`, "bad credentials [redacted] there"],
  ["a token of the new form", `ghs_123_eyJhbGciOi.eyJpc3MiOi.c2ln-_${"x".repeat(30)}`, "[redacted]"],
  ["a personal token", `ghp_${"a".repeat(36)}`, "[redacted]"],
  ["a fine-grained token", `github_pat_${"a".repeat(40)}`, "[redacted]"],
  ["an authorisation header", "Authorization: Basic eC1hY2Nlc3MtdG9rZW46Z2hz", "Authorization: Basic [redacted]"],
  ["a bearer", "bearer abcdefgh12345678", "bearer [redacted]"],
  [
    "a password in a URL",
    "https://x-access-token:secret@github.com/acme/gitops",
    "https://[redacted]@github.com/acme/gitops",
  ],
  ["a signed App token", "jwt eyJhbGciOiJS.eyJpYXQiOjE3.c2lnbmF0dXJl ends", "jwt [redacted] ends"],
])("takes %s out", (_, text, clean) => {
  expect(redact(text)).toBe(clean);
});

it.each([
  "checkout: 5% → 25%",
  "fatal: bad object 1111111111111111111111111111111111111111",
  "ghs_short",
  "https://github.com/acme/gitops",
])("leaves %s", (text) => {
  expect(redact(text)).toBe(text);
});
