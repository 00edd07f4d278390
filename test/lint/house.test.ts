import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the linter reports, as far as it is read here. */
const Report = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });

// Put together, so that this file holds no such mark itself.
const MARK = ["TO", "DO"].join("");
const lines = (count: number): string => Array.from({ length: count }, (_, line) => `  use(${line});`).join("\n");
const branches = Array.from({ length: 13 }, (_, value) => `  if (value === ${value}) return "${value}";`).join("\n");

/** Each row: what is refused, the file it stands in, its text, and the rule that must say so. */
const REFUSED: readonly (readonly [what: string, file: string, text: string, rule: string])[] = [
  [
    "core importing Node",
    "core/a1.ts",
    `import { join } from "node:path";\nexport const at = join("a", "b");`,
    "house(direction)",
  ],
  [
    "core importing a folder of Node",
    "core/a2.ts",
    `import { readFile } from "node:fs/promises";\nexport const read = readFile;`,
    "house(direction)",
  ],
  [
    "core importing a package",
    "core/a3.ts",
    `import { parse } from "yaml";\nexport const read = parse;`,
    "house(direction)",
  ],
  [
    "core importing a type of a port",
    "core/a4.ts",
    `import type { Clock } from "../ports/clock.ts";\nexport type Now = Clock;`,
    "house(direction)",
  ],
  [
    "core naming a type of a port inline",
    "core/a5.ts",
    `export type Now = import("../ports/clock.ts").Clock;`,
    "house(direction)",
  ],
  [
    "a command importing another command line",
    "cli/a1.ts",
    `import { main } from "../cli.ts";\nexport const again = main;`,
    "house(direction)",
  ],
  ["core importing later", "core/a6.ts", `export const later = () => import("node:fs");`, "house(direction)"],
  [
    "core passing on another folder",
    "core/a7.ts",
    `export { setWeight } from "../manifest/weight.ts";`,
    "house(direction)",
  ],
  [
    "ports importing what is to be done",
    "ports/a1.ts",
    `import type { A } from "../reconcile/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "manifest importing config",
    "manifest/a1.ts",
    `import type { A } from "../config/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "render importing a package",
    "render/a1.ts",
    `import { parse } from "yaml";\nexport const read = parse;`,
    "house(direction)",
  ],
  [
    "reconcile importing an adapter",
    "reconcile/a1.ts",
    `import type { A } from "../adapters/git/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "reconcile importing the file system",
    "reconcile/a2.ts",
    `import { readFile } from "node:fs/promises";\nexport const read = readFile;`,
    "house(direction)",
  ],
  [
    "an adapter importing the loop",
    "adapters/git/a1.ts",
    `import type { A } from "../../reconcile/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "the sandbox importing an adapter",
    "sandbox/a1.ts",
    `import type { A } from "../adapters/git/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "the sandbox importing the loop",
    "sandbox/a2.ts",
    `import type { A } from "../reconcile/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "a folder importing the composition root",
    "core/a8.ts",
    `import { run } from "../main.ts";\nexport const go = run;`,
    "house(direction)",
  ],
  [
    "a folder that the table does not know",
    "elsewhere/a1.ts",
    `import type { A } from "../core/a.ts";\nexport type B = A;`,
    "house(direction)",
  ],
  [
    "the present moment in the core",
    "core/b1.ts",
    "export const now = () => Date.now();",
    "eslint(no-restricted-properties)",
  ],
  ["a date of the present in the core", "core/b2.ts", "export const now = () => new Date();", "house(no-current-date)"],
  ["a date as text in the core", "core/b3.ts", "export const now = () => Date();", "house(no-current-date)"],
  [
    "chance in render",
    "render/b4.ts",
    "export const chance = () => Math.random();",
    "eslint(no-restricted-properties)",
  ],
  [
    "chance in reconcile",
    "reconcile/b5.ts",
    "export const chance = () => Math.random();",
    "eslint(no-restricted-properties)",
  ],
  [
    "the environment in an adapter",
    "adapters/b6.ts",
    `export const home = () => process.env["HOME"];`,
    "node(no-process-env)",
  ],
  ["a default export", "core/c1.ts", "export default 1;", "import(no-default-export)"],
  ["a class", "core/c2.ts", "export class Release {}", "house(only-error-classes)"],
  ["a class that extends another", "core/c3.ts", "export class Names extends Map {}", "house(only-error-classes)"],
  [
    "state at module level",
    "core/c4.ts",
    "let count = 0;\nexport const next = () => (count += 1);",
    "house(no-module-state)",
  ],
  ["an exported variable", "core/c5.ts", "export let count = 0;", "house(no-module-state)"],
  ["a barrel", "core/c6.ts", `export * from "./c1.ts";`, "oxc(no-barrel-file)"],
  ["any", "core/c7.ts", "export const first = (list: any) => list;", "typescript(no-explicit-any)"],
  [
    "an assertion of presence",
    "core/c8.ts",
    "export const first = (list: readonly string[]) => list[0]!;",
    "typescript(no-non-null-assertion)",
  ],
  [
    "an assertion that narrows",
    "core/c9.ts",
    "export const text = (value: unknown) => value as string;",
    "typescript(no-unsafe-type-assertion)",
  ],
  [
    "a long function",
    "core/d1.ts",
    `declare const use: (line: number) => void;\nexport function long() {\n${lines(60)}\n}`,
    "eslint(max-lines-per-function)",
  ],
  ["a long file", "core/d2.ts", "export type A = 1;\n".concat("// a line\n".repeat(300)), "eslint(max-lines)"],
  [
    "five parameters",
    "core/d3.ts",
    "export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => a + b + c + d + e;",
    "eslint(max-params)",
  ],
  [
    "thirteen branches",
    "core/d4.ts",
    `export function name(value: number) {\n${branches}\n  return "";\n}`,
    "eslint(complexity)",
  ],
  [
    "four levels",
    "core/d5.ts",
    `export function f(a: boolean, b: boolean) {\n  if (a) { if (b) { for (const c of "ab") { if (c === "a") { return c; } } } }\n  return "";\n}`,
    "eslint(max-depth)",
  ],
  [
    "a promise let go",
    "core/e1.ts",
    "declare const save: () => Promise<void>;\nexport function f() {\n  save();\n}",
    "typescript(no-floating-promises)",
  ],
  [
    "a promise taken for a truth",
    "core/e2.ts",
    "declare const has: () => Promise<boolean>;\nexport const f = () => (has() ? 1 : 2);",
    "typescript(no-misused-promises)",
  ],
  [
    "a switch that forgets a case",
    "core/e3.ts",
    `export function f(kind: "a" | "b") {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}`,
    "typescript(switch-exhaustiveness-check)",
  ],
  ["awaiting what is no promise", "core/e4.ts", "export const f = async () => await 1;", "typescript(await-thenable)"],
  [
    "an assertion that adds nothing",
    "core/e5.ts",
    "export const f = (text: string) => text as string;",
    "typescript(no-unnecessary-type-assertion)",
  ],
  [
    "awaiting one after the other",
    "core/e6.ts",
    "declare const save: (x: number) => Promise<void>;\nexport async function f(list: readonly number[]) {\n  for (const x of list) await save(x);\n}",
    "eslint(no-await-in-loop)",
  ],
  ["an unfinished mark", "core/e7.ts", `// ${MARK}: later\nexport type A = 1;`, "eslint(no-warning-comments)"],
  ["printing in the core", "core/e8.ts", `export const f = () => console.log("a");`, "eslint(no-console)"],
];

/** What the house does allow. */
const ALLOWED: readonly (readonly [what: string, file: string, text: string])[] = [
  ["core importing core", "core/gate/ok1.ts", `import type { A } from "../ok2.ts";\nexport type B = A;`],
  [
    "a date of a given instant",
    "core/ok2.ts",
    "export type A = 1;\nexport const at = (instant: number) => new Date(instant);",
  ],
  [
    "a class for an error",
    "core/ok3.ts",
    `export class UserError extends Error {\n  override readonly name = "UserError";\n}`,
  ],
  [
    "an adapter importing Node, a package and a port",
    "adapters/git/ok4.ts",
    `import { join } from "node:path";\nimport { parse } from "yaml";\nimport type { A } from "../../ports/ok5.ts";\nexport const at = (a: A) => [join("a", "b"), parse("a"), a] as const;`,
  ],
  ["a port importing core", "ports/ok5.ts", `import type { A as B } from "../core/ok2.ts";\nexport type A = B;`],
  ["an adapter asking for the time", "adapters/ok6.ts", "export const now = () => Date.now();"],
  [
    "a scoped package by one of its files",
    "adapters/ok7.ts",
    `import type { OctokitOptions } from "@octokit/core/types";\nexport type A = OctokitOptions;`,
  ],
];

function lint(folder: string): ReadonlyMap<string, readonly string[]> {
  for (const name of [".oxlintrc.json", "tsconfig.json", "lint", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [, file, text] of [...REFUSED, ...ALLOWED]) {
    const path = join(folder, "src", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  }
  const { stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/oxlint/bin/oxlint"), "--format", "json", "src"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  const { diagnostics } = Report.parse(JSON.parse(stdout));
  return new Map(
    Map.groupBy(diagnostics, ({ filename }) => filename.slice("src/".length))
      .entries()
      .map(([file, found]) => [file, found.map(({ code }) => code)]),
  );
}

describe("the linter", () => {
  let folder = "";
  let reported: ReadonlyMap<string, readonly string[]> = new Map();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tidegate-lint-"));
    reported = lint(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(REFUSED)("refuses %s", (_what, file, _text, rule) => expect(reported.get(file) ?? []).toContain(rule));

  it.each(ALLOWED)("allows %s", (_what, file) => expect(reported.get(file) ?? []).toEqual([]));
});
