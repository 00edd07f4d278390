import { describe, expect, it } from "vitest";
import { webhookSecret } from "../../../src/adapters/http/secret.ts";
import { UserError } from "../../../src/core/error.ts";

describe("a webhook secret", () => {
  it.each([
    ["", "there is none"],
    ["development", "fewer than 32 characters"],
    ["0123456789abcdef0123456789abcde", "fewer than 32 characters"],
    ["a".repeat(64), "repeats a few characters"],
    ["abcabc".repeat(10), "repeats a few characters"],
    ["developmentdevelopmentdevelopment", "well-known words"],
    ["Your-GitHub-Webhook-Secret-Value-Here-123", "well-known words"],
  ])("%j is refused: %s", (text, why) => {
    expect(() => webhookSecret(text)).toThrow(UserError);
    expect(() => webhookSecret(text)).toThrow(why);
  });

  it.each(["0123456789abcdef0123456789abcdef", "correct horse battery staple, and more of it"])(
    "%j is taken",
    (text) => {
      expect(webhookSecret(text)).toBe(text);
    },
  );

  it("is never shown", () => {
    const secret = "developmentdevelopmentdevelopment";
    expect(() => webhookSecret(secret)).not.toThrow(secret);
  });
});
