// Runs after `npm ci`: makes node_modules/.bin/node the packaged Node, which every npm script then finds first.
// npm 11 has done so already; npm 10 takes the link away again with the packages of the other platforms, which share the command's name.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecentEnough, noFittingNode, packagedNode } from "../bin/packaged-node.js";

const FOLDER = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));

/** @param {string} node The path of a Node. */
function link(node) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, process.platform === "win32" ? "node.cmd" : "node");
  rmSync(path, { force: true });
  if (process.platform === "win32") writeFileSync(path, `@"${node}" %*\r\n`);
  else symlinkSync(relative(dirname(path), node), path);
}

const node = packagedNode();
if (node !== undefined) link(node);
else if (!isRecentEnough(process.versions.node)) console.warn(noFittingNode());
