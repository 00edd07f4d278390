import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { withoutRule, withRule } from "../../src/opt-in/bump-bots.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

const file = (text: string, path = "renovate.json") => ({ path, text });
const RULE = {
  description: "Only Tidegate writes these files",
  matchFileNames: ["**/tidegate/**", ".tidegate/**"],
  enabled: false,
};

describe("a rule for Renovate", () => {
  it("is the last of its rules, written as they are", () => {
    const text = '{\n  "packageRules": [\n    {\n      "enabled": true\n    }\n  ],\n  "labels": ["x"]\n}\n';
    expect(withRule(file(text))).toBe(`{
  "packageRules": [
    {
      "enabled": true
    },
    {
      "description": "Only Tidegate writes these files",
      "matchFileNames": [
        "**/tidegate/**",
        ".tidegate/**"
      ],
      "enabled": false
    }
  ],
  "labels": ["x"]
}
`);
  });

  it.each([
    ["a comment", '{\n  // ours\n  "labels": []\n}'],
    ["a comma at the end", '{"labels": [],}'],
    ["no object", "[]"],
    ["nothing", ""],
    ["rules that are no list", '{"packageRules": {}}'],
  ])("is not written where there is %s", (_, text) => {
    expect(withRule(file(text))).toBeUndefined();
  });

  it("is not written twice, nor beside one of people's that says as much", () => {
    const once = withRule(file("{}")) ?? "";
    expect(withRule(file(once))).toBe(once);
    const { description, ...theirs } = RULE;
    const text = JSON.stringify({ packageRules: [{ ...theirs, matchFileNames: [...RULE.matchFileNames, "docs/**"] }] });
    expect(withRule(file(text))).toBe(text);
    expect(withoutRule(file(text))).toBeUndefined();
    expect(description).toBe(RULE.description);
  });

  it.each([
    ["some packages alone", { matchPackageNames: ["registry.example.com/**"] }],
    ["some updates alone", { matchUpdateTypes: ["major"] }],
    ["all files but some", { matchFileNames: [...RULE.matchFileNames, "!apps/**"] }],
  ])("is written beside one of people's that is of %s", (_, narrower) => {
    const { description, ...theirs } = RULE;
    const packageRules = [{ ...theirs, ...narrower }];
    const more = withRule(file(JSON.stringify({ packageRules }))) ?? "";
    expect(JSON.parse(more)).toEqual({ packageRules: [...packageRules, { description, ...theirs }] });
  });

  it("goes where people have written others behind it", () => {
    const text = JSON.stringify({ packageRules: [RULE, { enabled: true }] }, undefined, 2);
    expect(JSON.parse(withoutRule(file(text)) ?? "")).toEqual({ packageRules: [{ enabled: true }] });
  });

  it("is added to what there is, and taken out to the byte, however that is written", () => {
    const rules = fc.array(fc.record({ enabled: fc.boolean(), labels: fc.array(fc.string()) }), { maxLength: 3 });
    const config = fc.record(
      { extends: fc.array(fc.string()), packageRules: rules, labels: fc.string() },
      {
        requiredKeys: [],
      },
    );
    const space = fc.constantFrom(0, 1, 2, 4, "\t");
    const ends = fc.constantFrom(
      (text: string) => text,
      (text: string) => `${text}\n`,
      (text: string) => `${text.replaceAll("\n", "\r\n")}\r\n`,
      (text: string) => text.replaceAll("[]", "[ ]"),
    );
    fc.assert(
      fc.property(config, space, ends, (data, indent, end) => {
        const text = end(JSON.stringify(data, undefined, indent));
        // Texts may hold brackets, too.
        const { packageRules = [], ...others } = Config.parse(JSON.parse(text));
        const more = withRule(file(text)) ?? "";
        expect(JSON.parse(more)).toEqual({ ...others, packageRules: [...packageRules, RULE] });
        expect(withoutRule(file(more))).toBe(text);
      }),
    );
  });
});

const Config = z.looseObject({ packageRules: z.array(z.unknown()).optional() });

const MANIFESTS: Files = new Map([
  [
    "apps/cart/deployment.yaml",
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: app, image: "registry.example.com/cart:1.0.0" }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`,
  ],
]);
const another = ([path, text]: readonly [string, string]) =>
  [path.replace("cart", "till"), text.replaceAll("cart", "till")] as const;

function optedIn(files: Files, service: string): Files {
  const wish = wishOf(`${service} canary-gateway-api gateway=public`);
  return applied(files, valueOf(optIn(groundOf(files), wish)).files);
}

function optedOut(files: Files, service: string): Files {
  return applied(files, valueOf(optOut(groundOf(files), { service, targets: undefined })).files);
}

describe("opting in and out where a bump bot is configured", () => {
  it("tells Renovate once, with the first service, and untells it with the last", () => {
    const renovate = '{\n\t"extends": ["config:recommended"]\n}\n';
    const files = new Map([...MANIFESTS, ...[...MANIFESTS].map(another), ["renovate.json", renovate]]);
    const first = optedIn(files, "cart");
    expect(JSON.parse(first.get("renovate.json") ?? "")).toEqual({
      extends: ["config:recommended"],
      packageRules: [RULE],
    });
    const both = optedIn(first, "till");
    expect(both.get("renovate.json")).toBe(first.get("renovate.json"));
    const one = optedOut(both, "cart");
    expect(one.get("renovate.json")).toBe(first.get("renovate.json"));
    expect(optedOut(one, "till")).toEqual(files);
  });

  it.each([
    ["renovate.json5", "{ extends: [] }", "it is no plain JSON and stays as it is"],
    [".github/dependabot.yml", "updates:\n  - package-ecosystem: docker\n", "exclude-paths"],
  ])("says what %s is to say where it cannot be edited", (path, text, says) => {
    const files = new Map([...MANIFESTS, [path, text]]);
    const { remarks, files: written } = valueOf(
      optIn(groundOf(files), wishOf("cart canary-gateway-api gateway=public")),
    );
    expect(written.has(path)).toBe(false);
    expect(remarks.filter((one) => one.path === path).map((one) => one.says.includes(says))).toEqual([true]);
  });
});
