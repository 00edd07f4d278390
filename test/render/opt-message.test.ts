import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name, sha } from "../../src/core/names.ts";
import type { OptChange, OptWish } from "../../src/core/opting.ts";
import { optMessage, wishIn } from "../../src/render/opt-message.ts";

function messageOf(wish: OptWish): string {
  const change: OptChange = {
    wish,
    base: sha("a".repeat(40)),
    files: new Map(),
    touched: [],
    targets: [],
    first: [],
    remarks: [],
    proposed: undefined,
  };
  const { title, body } = optMessage(change);
  return `${title}\n\n${body}\n`;
}

// As a line of a comment has them: nothing in them breaks it.
const word = fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.replace(/[\p{Cc}\p{Cf}\s]/gu, ""));
const key = fc.stringMatching(/^[A-Za-z][\w-]{0,9}$/);

describe("the message of what opts a service in or out", () => {
  it("says again what was asked for", () => {
    const names = fc.constantFrom("prod-eu", "shop", "a").map(name);
    const flags = fc.record({ targets: fc.array(names, { minLength: 1 }), namespace: names }, { requiredKeys: [] });
    const parameters = fc.array(fc.tuple(key, word), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.constantFrom("checkout", "a"),
        fc.option(key),
        parameters,
        flags,
        (service, template, given, said) => {
          const wish: OptWish = {
            verb: template === null ? "opt-out" : "opt-in",
            service: name(service),
            called: `${service}@apps/a b`,
            template: template ?? undefined,
            parameters: given,
            ...said,
            by: "ana",
          };
          expect(wishIn(messageOf(wish))).toEqual(wish);
        },
      ),
    );
  });

  it.each([
    ["nothing", ""],
    ["a step", "checkout 5% → 25%\n\nWhy.\n\nTidegate-Service: checkout\nTidegate-Step: 1-25\n"],
    ["a service of no name", "x\n\nTidegate-Service: Check Out\nTidegate-Opt: opt-in\n"],
    ["another verb", "x\n\nTidegate-Service: checkout\nTidegate-Opt: promote\n"],
    ["lines that are not the last", "x\n\nTidegate-Service: checkout\nTidegate-Opt: opt-in\n\nSigned-off-by: ben\n"],
  ])("of %s asks for nothing", (_, message) => {
    expect(wishIn(message)).toBeUndefined();
  });
});
