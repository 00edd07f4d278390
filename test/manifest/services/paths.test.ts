import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRemote, resolvePath, targetName } from "../../../src/manifest/services/paths.ts";
import { referenceOf } from "../../../src/manifest/services/reference.ts";
import { linesOf } from "../../../src/manifest/services/lines.ts";
import { foldersOf, withPaths } from "../../../src/manifest/services/sight.ts";
import { lineAt } from "../../../src/yaml/refusal.ts";

describe("paths", () => {
  it.each<[string, string, string | undefined]>([
    ["a/b", "../c/./d.yaml", "a/c/d.yaml"],
    ["a", "..", ""],
    ["a", "../..", undefined],
    ["a", "/etc/passwd", "etc/passwd"],
    ["", "./x/", "x"],
    ["a", "b\\..\\c", undefined],
    ["a", "b\nc", undefined],
    ["a", "", undefined],
  ])("from %j, %j leads to %j", (folder, relative, path) => {
    expect(resolvePath(folder, relative)).toBe(path);
  });

  it("never lead out of the repository", () => {
    const parts = fc.array(fc.constantFrom("..", ".", "a", "", "b"), { maxLength: 8 }).map((names) => names.join("/"));
    fc.assert(
      fc.property(parts, parts, (folder, relative) => {
        const path = resolvePath(resolvePath("", folder) ?? "", relative);
        expect(path?.split("/").includes("..") ?? false).toBe(false);
        expect(path?.startsWith("/") ?? false).toBe(false);
      }),
    );
  });

  it.each<[string, boolean]>([
    ["https://github.com/acme/app//config?ref=v1", true],
    ["github.com/acme/app/config", true],
    ["git@github.com:acme/app.git", true],
    ["ssh://git@example.com/app", true],
    ["git::https://example.com/app", true],
    ["../base", false],
    ["base?ref=x", true],
    ["github.community/base", false],
  ])("%s is on another machine: %j", (text, expected) => {
    expect(isRemote(text)).toBe(expected);
  });

  it.each<[string, string]>([
    ["prod-eu", "prod-eu"],
    ["Prod_EU", "prod-eu"],
    ["10.0.0.1", "10-0-0-1"],
    ["-x-", "x"],
    ["ü", "default"],
    ["a".repeat(80), "a".repeat(63)],
  ])("%s is called %s as a target", (text, name) => {
    expect(targetName(text)).toBe(name);
  });
});

it.each<[string, string | undefined, string | undefined]>([
  ["nginx", "nginx", undefined],
  ["nginx:1.10", "nginx", "1.10"],
  ["registry:5000/a/b", "registry:5000/a/b", undefined],
  ["registry:5000/a/b:v1", "registry:5000/a/b", "v1"],
  [`a:v1@sha256:${"0".repeat(64)}`, "a", `v1@sha256:${"0".repeat(64)}`],
  [`a@sha256:${"0".repeat(64)}`, "a", `sha256:${"0".repeat(64)}`],
  ["a:${TAG}", undefined, undefined],
  ["{{ .Values.image }}", undefined, undefined],
  ["", undefined, undefined],
])("the image %s is %s in version %s", (text, image, version) => {
  expect(referenceOf(text)).toEqual(image === undefined ? undefined : { image, version });
});

it("counts lines as everybody does", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r\n") }), fc.nat(), (text, seed) => {
      const offset = seed % (text.length + 1);
      expect(linesOf(text).at(offset)).toBe(lineAt(text, offset));
    }),
  );
});

it("keeps folders as if they had been listed anew", () => {
  const paths = fc.uniqueArray(fc.constantFrom("a", "a-b/x", "a/x", "a/y/z", "b/c/d", "b/c/e", "b.yaml"), {
    minLength: 1,
  });
  fc.assert(
    fc.property(paths, paths, (before, next) => {
      const added = next.filter((path) => !before.includes(path));
      const removed = before.filter((path) => !next.includes(path));
      const sorted = (folders: ReturnType<typeof foldersOf>) => [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(withPaths(foldersOf(before), added, removed))).toEqual(sorted(foldersOf(next)));
    }),
  );
});
