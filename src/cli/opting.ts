import { execFile } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openClone } from "../adapters/git/clone.ts";
import { GitError } from "../adapters/git/error.ts";
import { checkoutAt, rootOf, type Checkout } from "./checkout.ts";
import type { Terminal } from "./command-line.ts";
import { placedTargets } from "../config/target-patterns.ts";
import { UserError } from "../core/error.ts";
import { isWanted, takeInventory } from "../manifest/services/inventory.ts";
import { printable } from "../manifest/services/table.ts";
import type { Ground, Texts } from "../opt-in/model.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";
import type { TextFile } from "../yaml/refusal.ts";

/** What opting in and out take alike. */
export const SHARED_OPTIONS = { switches: ["write", "json", "help"], valued: ["target", "in"] } as const;

/** A checkout in which services are opted in and out. */
export type Repository = {
  readonly root: string;
  readonly checkout: Checkout;
  readonly config: TextFile | undefined;
  readonly ground: Ground;
  /** What texts change in it, as git says it. */
  readonly diff: (texts: Texts) => Promise<string>;
};

/** The checkout that a folder is in, as it lies on disk. Throws a UserError where there is none with a commit. */
export async function openRepository(folder: string, { environment }: Terminal): Promise<Repository> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UserError(`There is no folder ${folder}.`);
  const root = rootOf(folder);
  const checkout = checkoutAt(root);
  const text = checkout.text(CONFIG_PATH);
  const config = text === undefined ? undefined : { path: CONFIG_PATH, text };
  const { patterns } = placedTargets(config);
  const read = (path: string) => checkout.text(path);
  const inventory = takeInventory(
    checkout.listing,
    (path) => (isWanted(path, patterns) ? read(path) : undefined),
    patterns,
  );
  const revision = await headOf(root, environment);
  return {
    root,
    checkout,
    config,
    ground: { inventory, read, links: checkout.links, revision },
    diff: (texts) => diffOf(read, texts),
  };
}

async function headOf(root: string, environment: Terminal["environment"]) {
  try {
    const head = await (await openClone(root, environment)).resolve("HEAD");
    if (head !== undefined) return head;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
  }
  throw new UserError(`${root} is no clone with a commit: what is opted in is pinned to one.`);
}

/** Foreign text of several lines, without what a terminal would take for commands. */
export function show(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Texts as a document says them; null for files that go. */
export function textsOfWish(texts: Texts): readonly object[] {
  return [...texts].map(([path, text]) => ({ path, text: text ?? null }));
}

/** Writes texts into the work tree, and takes files away. Throws a UserError, and writes nothing, where that would be done through a link. */
export function writeTexts({ root }: Repository, texts: Texts): void {
  const link = [...texts.keys()].flatMap(placesOn).find((place) => isLink(join(root, place)));
  if (link !== undefined) throw new UserError(`${link} is a link: nothing is written through it.`);
  for (const [path, text] of texts) {
    const at = join(root, path);
    if (text === undefined) rmSync(at, { force: true });
    else {
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, text);
    }
  }
}

/** A path, and the folders that it lies in. */
function placesOn(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.map((_, count) => segments.slice(0, count + 1).join("/"));
}

function isLink(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** The two sides in folders of their own, compared by git. */
async function diffOf(read: Ground["read"], texts: Texts): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), "tidegate-diff-"));
  try {
    for (const [path, text] of texts) {
      const before = read(path);
      if (before !== undefined) put(join(place, "a", path), before);
      if (text !== undefined) put(join(place, "b", path), text);
    }
    for (const side of ["a", "b"]) mkdirSync(join(place, side), { recursive: true });
    return await compared(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const ARGUMENTS = [
  "-c",
  "core.quotePath=false",
  "diff",
  "--no-index",
  "--no-color",
  "--no-ext-diff",
  "--no-prefix",
  "a",
  "b",
];

// Of a file that is on one side alone git says that side's name twice.
const ONE_SIDED = /^(diff --git )(?:a|b)\/(.+) (?:a|b)\/\2$/gm;

function compared(cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("git", ARGUMENTS, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      // git's exit of 1 says that the two differ.
      if (error === null || error.code === 1) resolve(stdout.replaceAll(ONE_SIDED, "$1a/$2 b/$2"));
      else reject(new UserError(`git cannot compare: ${error.message}`));
    });
  });
}
