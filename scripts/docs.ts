// `node scripts/docs.ts write` writes the pages that follow from the code; `check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Page } from "./page.ts";
import { pages } from "./pages.ts";

const ROOT = new URL("../", import.meta.url);

function write({ path, text }: Page): void {
  writeFileSync(new URL(path, ROOT), text);
  console.log(`${path} is written`);
}

function check({ path, text }: Page): void {
  if (readFileSync(new URL(path, ROOT), "utf8") === text) return console.log(`${path} is in step with the code`);
  console.error(`${path} needs \`npm run docs\``);
  process.exitCode = 1;
}

const [task] = parseArgs({ allowPositionals: true }).positionals;
if (task === "write") pages().forEach(write);
else if (task === "check") pages().forEach(check);
else throw new Error("Say `write` or `check`.");
