#!/usr/bin/env node
// Hands over to src/cli.ts under a Node that runs TypeScript: arguments, signals and exit code pass through.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { fittingNode, noFittingNode } from "./packaged-node.js";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

// What is young on the heap may otherwise take 130 MB, most of it garbage; of what is old, Node on a large machine collects nothing
// before there are hundreds of megabytes, and then lets it grow to four times what is live.
const OPTIONS = ["--max-semi-space-size=8", "--initial-old-space-size=64", "--heap-growing-percent=25"];

// Told its thresholds, glibc keeps them, and gives what large answers took back to the system; else it raises them with the largest piece
// that was ever freed. Other systems' allocators read neither.
const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" };

/** @param {string} node The path of a Node. */
function run(node) {
  const env = { ...ALLOCATOR, ...process.env };
  const child = spawn(node, [...OPTIONS, CLI, ...process.argv.slice(2)], { stdio: "inherit", env });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  // Ctrl-C reaches both processes by the terminal; told twice, the child would take it for impatience.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  child.on("error", (error) => {
    console.error(`tidegate could not start ${node}: ${error.message}`);
    process.exit(1);
  });
  // A shell reports a command that a signal ended as 128 and the signal's number.
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}

const node = fittingNode();
if (node === undefined) {
  console.error(noFittingNode());
  process.exitCode = 1;
} else {
  run(node);
}
