import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { healthAt } from "../../src/adapters/observe/health.ts";
import { variables } from "../../src/operator/settings.ts";

/** The repository's own folder. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** A file of the repository. */
export function textOf(path: string): string {
  return readFileSync(`${ROOT}/${path}`, "utf8");
}

const dockerfile = textOf("Dockerfile").replaceAll("\\\n", " ").split("\n");

/** What follows an instruction's name in the Dockerfile, in order. */
export function instructions(name: string): readonly string[] {
  return dockerfile.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
}

/** The variables that the image sets. */
export const IMAGE: Readonly<Record<string, string>> = Object.fromEntries(
  instructions("ENV").flatMap((words) => words.split(/\s+/).map(pairOf)),
);

function pairOf(words: string): readonly [string, string] {
  const [name = "", value = ""] = words.split("=", 2);
  return [name, value];
}

const KNOWN: ReadonlySet<string> = new Set(variables().map(({ name }) => name));

/** Those of them that Tidegate reads; the others are Node's own. */
export const SAID: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(IMAGE).filter(([name]) => KNOWN.has(name)),
);

/** The longest that a process takes to end when it is told to, seconds. */
export const ENDS_WITHIN = 10;

/** What a path of health is answered with when all is well; undefined where there is none. */
export function served(path: string): number | undefined {
  return healthAt(path, () => undefined)?.status;
}
