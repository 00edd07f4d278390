import { describe, expect, it } from "vitest";
import { awaitsPast, pastToCome, withPast } from "../../src/render/opt-past.ts";

const FOUND = "**checkout · prod**: $& `$1`";

describe("the words of a pull request that opts a service in", () => {
  it.each<[string, string, string, string]>([
    ["at their end", `Merging it.\n\n${pastToCome()}`, "Merging it.\n\n", ""],
    ["among people's words", `Ask ben.\n\n${pastToCome()}\n\nMine.`, "Ask ben.\n\n", "\n\nMine."],
    ["in place of what somebody has written into it", `A\n\n${pastToCome()} Soon?\n\nB`, "A\n\n", "\n\nB"],
    ["where it is all that there is", pastToCome(), "", ""],
  ])("have what the past says %s", (_, body, start, end) => {
    expect(awaitsPast(body)).toBe(true);
    const told = withPast(body, FOUND);
    expect(told.startsWith(`${start}### What the past says`)).toBe(true);
    expect(told.endsWith(`\n\n${FOUND}${end}`)).toBe(true);
    expect(awaitsPast(told)).toBe(false);
  });

  it("stay as they are where nothing in them waits for it", () => {
    expect(awaitsPast("Merging it.")).toBe(false);
    expect(withPast("Merging it.", FOUND)).toBe("Merging it.");
  });
});
