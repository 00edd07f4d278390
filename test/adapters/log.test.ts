import { describe, expect, it } from "vitest";
import { errorFields, jsonLogger, logTo } from "../../src/adapters/log.ts";

function world() {
  const lines: string[] = [];
  const logger = jsonLogger("info", (line) => void lines.push(line));
  return { logger, lines, last: (): unknown => JSON.parse(lines.at(-1) ?? "") };
}

describe("the log", () => {
  it("is one JSON object a line, with level, time and message", () => {
    const { logger, lines, last } = world();
    logTo(logger).info("Looked.", { repo: "acme/gitops", calls: 4 });
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toMatchObject({ level: "info", repo: "acme/gitops", calls: 4, msg: "Looked." });
    expect(lines[0]).toMatch(/"time":"\d{4}-[^"]*Z"/);
  });

  it("says nothing below its level", () => {
    const { logger, lines } = world();
    logger.debug("no");
    expect(lines).toEqual([]);
  });

  const token = `ghs_${"a1B2".repeat(9)}`;
  const newToken = `ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ`;
  const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabcd\n-----END RSA PRIVATE KEY-----";

  it.each([
    ["a token in the message", {}, `git said ${token}`, token],
    ["a token of the newer form", { text: newToken }, "", "c2lnbmF0"],
    ["a personal token", { text: `github_pat_${"x".repeat(40)}` }, "", "github_pat_x"],
    ["a token deep inside", { a: { b: [{ c: token }] } }, "", token],
    ["an authorization header", { headers: { authorization: "token abcdefgh" } }, "", "abcdefgh"],
    ["a header in a list", { authorization: ["Bearer abcdefgh"] }, "", "abcdefgh"],
    ["a header in a sentence", {}, "sent Authorization: Basic YWJjZGVmZ2g= to it", "YWJj"],
    ["a bare header in a sentence", {}, "sent authorization=abcdefgh", "abcdefgh"],
    ["a private key", { text: pem }, "", "MIIE"],
    ["a private key that is cut off", {}, pem.slice(0, 60), "MIIE"],
    ["credentials in an address", { url: "https://x-access-token:abcdefgh@github.com/a/b" }, "", "abcdefgh"],
    ["a token in a query", { url: "https://example.com/?a=b&access_token=abcdefgh" }, "", "abcdefgh"],
    ["a field that is called secret", { webhookSecret: "abcdefgh" }, "", "abcdefgh"],
  ])("never shows %s", (_, fields, message, secret) => {
    const { logger, lines } = world();
    logger.info(fields, message);
    logger.child(fields).error(new Error(message));
    expect(lines).toHaveLength(2);
    expect(lines.join("")).not.toContain(secret);
    expect(lines.join("")).toContain("[redacted]");
  });

  it("stays JSON where an address is followed by an at sign", () => {
    const { logger, last } = world();
    logger.info({ url: "https://example.com/a", who: "a@b" }, "said");
    expect(last()).toMatchObject({ url: "https://example.com/a", who: "a@b" });
  });
});

describe("what is logged of an error", () => {
  it("is words and place, not what clients hang on it", () => {
    const error = Object.assign(new Error("down", { cause: new Error("reset") }), {
      event: { payload: "p" },
      request: { body: "b" },
    });
    const { stack, ...words } = errorFields(error);
    expect(words).toEqual({ error: "Error: down", cause: "reset" });
    expect(stack).toContain("log.test.ts");
    const { logger, lines } = world();
    logger.error(error);
    expect(lines.join("")).not.toContain("payload");
  });

  it("of a list is its first", () => {
    expect(errorFields(new AggregateError([new TypeError("full")]))).toMatchObject({ error: "TypeError: full" });
    expect(errorFields(new AggregateError([], "none"))).toMatchObject({ error: "AggregateError: none" });
  });

  it("of what is no error is its text, cut", () => {
    expect(errorFields("x".repeat(9_000))).toEqual({ error: "x".repeat(4_000) });
  });
});
