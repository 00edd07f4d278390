import { describe, expect, it } from "vitest";
import { CODE_OWNERS_PLACES, ownersOf } from "../../src/config/code-owners.ts";

const FILE = `# Whoever is not named below.
*            @default-one @default-two

*.yaml       @yaml   # by kind
*.txt @acme/writers
/build/logs/ @doctor
docs/*       ops@example.com
apps/        @apps
/docs/       @doctor @acme/docs
/scripts/    @doctor
**/logs      @logs
/apps/       @apps
/apps/free
/apps/free/half @Half_acme
`;

describe("owners by a whole file", () => {
  it.each([
    ["main.c", ["@default-one", "@default-two"]],
    ["lib/a.yaml", ["@yaml"]],
    ["lib/a.txt", ["@acme/writers"]],
    ["build/logs/a.txt", ["@logs"]],
    ["build/x.c", ["@default-one", "@default-two"]],
    ["docs/a.md", ["@doctor", "@acme/docs"]],
    ["docs/a/b.md", ["@doctor", "@acme/docs"]],
    ["lib/docs/a.md", ["@default-one", "@default-two"]],
    ["lib/apps/a.c", ["@apps"]],
    ["apps/checkout/canary.yaml", ["@apps"]],
    ["apps/free", []],
    ["apps/free/canary.yaml", []],
    ["apps/free/half/a", ["@Half_acme"]],
    ["deep/down/logs/a", ["@logs"]],
  ])("%s", (path, owners) => {
    expect(ownersOf(FILE, path)).toEqual(owners);
  });
});

describe("owners", () => {
  it.each<readonly [string, string | undefined, string, readonly string[]]>([
    ["without a file", undefined, "a", []],
    ["by an empty file", "", "a", []],
    ["by comments alone", "# a @ana\n  # a @bob\n", "a", []],
    ["the last match wins", "a @ana\na @bob", "a", ["@bob"]],
    ["the last match wins, without owners as well", "a @ana\na", "a", []],
    ["a comment is no owner", "a @ana\na # @bob", "a", []],
    ["e-mails own, but whose they are is not known", "* @ana\na ana@example.com", "a", []],
    ["beside an e-mail", "a bob@example.com @ana", "a", ["@ana"]],
    ["Windows line breaks", "a @ana\r\nb @bob\r\n", "a", ["@ana"]],
    ["tabs", "\ta\t@ana\t@bob", "a", ["@ana", "@bob"]],
    ["an escaped space", "a\\ b @ana", "a b", ["@ana"]],
    ["capitals differ", "A @ana", "a", []],
    ["an escaped hash begins no pattern", "* @ana\n\\#a @bob", "#a", ["@ana"]],
    ["a negation is passed over", "* @ana\n!a @bob", "a", ["@ana"]],
    ["a range is passed over", "* @ana\n[ab] @bob", "a", ["@ana"]],
    ["three stars are passed over", "* @ana\n***/a @bob", "a", ["@ana"]],
    ["a broken owner takes its line with it", "* @ana\na @bob bob", "a", ["@ana"]],
    ["a lone at-sign as well", "* @ana\na @", "a", ["@ana"]],
    ["an address without its host as well", "* @ana\na docs@", "a", ["@ana"]],
    ["an App can own nothing", "* @ana\na @bumper[bot]", "a", ["@ana"]],
  ])("%s", (_, text, path, owners) => {
    expect(ownersOf(text, path)).toEqual(owners);
  });

  it("are none by a file of 3 MB or more", () => {
    const rule = "a @ana\n";
    const full = rule + "#".repeat(3 * 1024 * 1024 - rule.length);
    expect(ownersOf(full.slice(0, -1), "a")).toEqual(["@ana"]);
    expect(ownersOf(full, "a")).toEqual([]);
    expect(ownersOf(`${rule}#${"é".repeat(1.5 * 1024 * 1024)}`, "a")).toEqual([]);
  });

  it("of a hostile file are found soon", () => {
    const line = `${"**/*a*/".repeat(30)}c @ana\n`;
    const started = process.cpuUsage();
    expect(ownersOf(line.repeat(10_000), `${"aaa/".repeat(60)}b`)).toEqual([]);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });

  it("are looked up in GitHub's order", () => {
    expect(CODE_OWNERS_PLACES).toEqual([".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]);
  });
});
