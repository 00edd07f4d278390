import fc from "fast-check";
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
    expect(errorFields("x".repeat(20_000))).toEqual({ error: "x".repeat(16_000) });
    const { logger, last } = world();
    logTo(logger).warn("Failed.", errorFields("y".repeat(9_000)));
    expect(last()).toMatchObject({ error: "y".repeat(4_000) });
  });
});

const CHARS = /^[A-Za-z0-9_-]{24,60}$/;
const word = fc.stringMatching(CHARS);
/** As GitHub makes them since 2026: the App's id and a JWT, some 520 characters with two dots. */
const longToken = fc
  .tuple(fc.integer({ min: 1, max: 9_999_999 }), ...[40, 300, 170].map((length) => letters(length)))
  .map(([app, head, claims, signature]) => `ghs_${app}_eyJ${head}.${claims}.${signature}`);

function letters(length: number) {
  return fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
}

/** A secret, how it is written down, and whether the logger was told of it. */
const secrets: readonly (readonly [string, fc.Arbitrary<{ secret: string; written: string; known?: true }>])[] = [
  ["a token of the old form", letters(36).map((text) => ({ secret: text, written: `ghs_${text}` }))],
  ["a token of the new form", longToken.map((token) => ({ secret: token.slice(-60), written: token }))],
  ["a user's token", letters(36).map((text) => ({ secret: text, written: `ghu_${text}` }))],
  [
    "a private key",
    fc.array(letters(64), { minLength: 1, maxLength: 4 }).map((lines) => ({
      secret: lines[0] ?? "",
      written: `-----BEGIN RSA PRIVATE KEY-----\n${lines.join("\n")}\n-----END RSA PRIVATE KEY-----`,
    })),
  ],
  ["a header", word.map((secret) => ({ secret, written: `Authorization: Bearer ${secret}` }))],
  ["a header of one's own", word.map((secret) => ({ secret, written: `x-api-key: ${secret}` }))],
  ["a password in an address", word.map((secret) => ({ secret, written: `redis://app:${secret}@redis:6379/0` }))],
  ["a key in an address", word.map((secret) => ({ secret, written: `https://a.example.com/q?api_key=${secret}&b=1` }))],
  ["a webhook secret, which looks like nothing", word.map((secret) => ({ secret, written: secret, known: true }))],
  [
    "a line of a private key by itself",
    letters(64).map((secret) => ({ secret, written: `line 2: ${secret}`, known: true })),
  ],
];

describe.each(secrets)("%s", (_, arbitrary) => {
  const around = fc.constantFrom("", " ", "said ", '"', "\n", "(", "a=1, ");

  it("never comes out, wherever it stands in what is logged", () => {
    fc.assert(
      fc.property(arbitrary, fc.object(), around, around, ({ secret, written, known }, object, before, after) => {
        const text = `${before}${written}${after === "" ? "" : ` ${after}`}`;
        const lines: string[] = [];
        const told = known === undefined ? [] : [`-----BEGIN\n${secret}\n-----END`, secret];
        const logger = jsonLogger("debug", (line) => void lines.push(line), { secrets: told });
        const error = new Error(text, { cause: new Error(text) });
        logger.info({ ...object, deep: [{ in: [object, text] }], [text]: text }, text);
        logger.child({ of: text }).warn({ err: error }, "Failed.");
        logger.error(error);
        logTo(logger).warn(text, { at: text, ...errorFields(new AggregateError([error])) });
        logTo(logger).info("Said.", errorFields(`${"x".repeat(3_990)} ${text}`));
        expect(lines).toHaveLength(5);
        expect(lines.join("")).not.toContain(secret);
        for (const line of lines) expect(() => void JSON.parse(line)).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});
