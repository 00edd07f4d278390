import { expect, it } from "vitest";
import { redact } from "../../src/core/redact.ts";

it.each([
  ["a token of the old form", `bad credentials ghs_${"A1".repeat(18)} there`, "bad credentials [redacted] there"],
  ["a token of the new form", `ghs_123_eyJhbGciOi.eyJpc3MiOi.c2ln-_${"x".repeat(30)}`, "[redacted]"],
  ["a personal token", `ghp_${"a".repeat(36)}`, "[redacted]"],
  ["a fine-grained token", `github_pat_${"a".repeat(40)}`, "[redacted]"],
  ["an authorisation header", "Authorization: Basic eC1hY2Nlc3MtdG9rZW46Z2hz", "Authorization: [redacted]"],
  ["a bearer", "bearer abcdefgh12345678", "bearer [redacted]"],
  [
    "a password in a URL",
    "https://x-access-token:secret@github.com/acme/gitops",
    "https://[redacted]@github.com/acme/gitops",
  ],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nab\n-----END RSA PRIVATE KEY----- ends", "[redacted] ends"],
  ["a private key that is cut off", "-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]"],
  ["a header without a scheme", "sent authorization=abcdefgh", "sent authorization=[redacted]"],
  [
    "a token in a query",
    "https://example.com/?a=b&access_token=abcd#c",
    "https://example.com/?a=b&access_token=[redacted]#c",
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
