// `node scripts/lockfile.ts write` brings package-lock.json into step with package.json and mends it for every platform; `check` only reads.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { faults, gaps, isLock, isManifest, mended } from "./lock.ts";

const LOCKFILE = new URL("../package-lock.json", import.meta.url);
const MANIFEST = new URL("../package.json", import.meta.url);

function read<T>(file: URL, isWanted: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (isWanted(value)) return value;
  throw new Error(`${file.pathname} has not the shape that npm gives it.`);
}

/** npm decides by the Node that runs it which versions fit: another Node than ours would silently lock older ones. */
function lockByNpm(): void {
  const npm = process.env["npm_execpath"];
  if (npm === undefined) throw new Error("Run this as `npm run lockfile`.");
  const { status } = spawnSync(process.execPath, [npm, "install", "--package-lock-only", "--ignore-scripts"], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`npm ended with ${status ?? "a signal"}.`);
}

function write(): void {
  lockByNpm();
  const lock = read(LOCKFILE, isLock);
  writeFileSync(LOCKFILE, `${JSON.stringify(mended(lock), null, 2)}\n`);
  console.log(`package-lock.json: ${gaps(lock).length} entries added for other platforms`);
}

function check(): void {
  const found = faults(read(LOCKFILE, isLock), read(MANIFEST, isManifest));
  if (found.length === 0)
    return console.log("package-lock.json is complete, without addresses and in step with package.json");
  console.error(["package-lock.json needs `npm run lockfile`:", ...found.map((fault) => `  ${fault}`)].join("\n"));
  process.exitCode = 1;
}

const [task] = parseArgs({ allowPositionals: true }).positionals;
if (task === "write") write();
else if (task === "check") check();
else throw new Error("Say `write` or `check`.");
