import { describe, expect, it } from "vitest";
import { VALUES } from "../../../src/manifest/routers/values.ts";
import { OF, on } from "./routed.ts";

const { get, set, whyNot, whyNotSet } = on(VALUES, { ...OF, at: "canary.weight" });

const FILE = `image: { tag: "1.42.0" }
canary:
  # per cent
  weight: 25 # live
  replicas: 2
`;

describe("a share in a values file", () => {
  it("is a number at a path", () => {
    expect(get(FILE)).toBe(25);
    expect(set(FILE, 5)).toBe(FILE.replace("25", "5"));
    expect(set(FILE, 25)).toBe(FILE);
  });

  it("is added where its key is missing, as the neighbours are written, and not guessed", () => {
    const text = FILE.replace(/ {2}weight.*\n/, "");
    expect(set(text, 5)).toBe(`${text}  weight: 5\n`);
    expect(set(text, 0)).toBe(`${text}  weight: 0\n`);
    expect(whyNot(text)).toBe(
      "route.yaml:1: found nothing; canary.weight is missing: write 0, whatever the chart would take for it.",
    );
    expect(set("canary: {}\n", 5)).toBe("canary: {weight: 5}\n");
    expect(set('{ "canary": { "replicas": 2 } }\n', 5)).toBe('{ "canary": { "replicas": 2, "weight": 5 } }\n');
  });

  it("may stand at the top, or below keys with dots", () => {
    expect(on(VALUES, { ...OF, at: "weight" }).set("weight: 5\n", 25)).toBe("weight: 25\n");
    expect(on(VALUES, { ...OF, at: "a\\.b.c" }).set("a.b: { c: 5 }\n", 25)).toBe("a.b: { c: 25 }\n");
  });

  it("needs a path", () => {
    expect(() => on(VALUES).get(FILE)).toThrow("The values router is given no path.");
  });

  it.each([
    ["nothing around it", "image: {}\n", 1, "canary is missing, and canary.weight stands in it"],
    ["an empty key around it", "canary:\n", 1, "found nothing; canary is a mapping"],
    ["a list on the way", "canary: [{ weight: 5 }]\n", 1, "canary is a mapping"],
    ["a value on the way", "canary: true\n", 1, 'found "true"; canary is a mapping'],
    ["a list at the top", "- canary: { weight: 5 }\n", 1, "no mapping; a values file is one mapping"],
    ["an empty file", "", 1, "a values file is one mapping"],
    ["two documents", "canary: { weight: 5 }\n---\n{}\n", 1, "2 documents"],
    ["a number in quotes", FILE.replace("25", '"25"'), 4, "a whole number without quotes"],
    ["a fraction", FILE.replace("25", "0.25"), 4, "a whole number"],
    ["more than all", FILE.replace("25", "101"), 4, "a whole number from 0 to 100"],
    ["a list in its place", FILE.replace("25", "[25]"), 4, "canary.weight is a single value"],
    ["nothing in its place", FILE.replace("25 #", "#"), 4, "found nothing; canary.weight is a whole number"],
    ["an anchor", FILE.replace("25", "&w 25"), 4, "an anchor"],
    ["a template", FILE.replace("25", "{{ .Values.x }}"), 4, "a template?"],
  ])("is refused: %s", (_, text, line, found) => {
    expect(whyNot(text)).toContain(`route.yaml:${line}: `);
    expect(whyNot(text)).toContain(found);
    expect(whyNotSet(text, 5)).toBe(whyNot(text));
  });
});
