import { keyMeaning, writtenIn, type Ground } from "./ground.ts";
import { readSaid } from "./mapping.ts";
import { readVariable } from "./offered.ts";
import type { KeyMeaning } from "./keys.ts";
import type { Said } from "./said.ts";
import type { Surroundings } from "./site.ts";
import { plainAt } from "./walk.ts";

const LINE =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,200})[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#"']+))[ \t]*(?:#.*)?\r?$/gm;

/** Reads a file of variables, `NAME=value` a line: images, and tags, and versions of what a Compose file beside it names as images. */
export function readEnv(ground: Ground, around: Surroundings): void {
  const { text, path } = ground.file;
  const asked = askedBeside(path, around);
  const root = plainAt(0, "");
  const said: Said[] = [...text.matchAll(LINE)].map((match) => {
    const [whole, key = "", double, single, plain] = match;
    const value = double ?? single ?? plain ?? "";
    const at = match.index + whole.indexOf(value, whole.indexOf("="));
    const own = { key, node: plainAt(at, value), place: { up: undefined, key, of: root } };
    return { ...meaningOf(keyMeaning(ground, key), asked.get(key)), ...own };
  });
  readSaid(ground, said, "");
  for (const { key, node, place } of said) {
    const written = writtenIn(ground, node);
    if (written !== undefined) readVariable(ground, { key, written }, place, ground.copies);
  }
}

/** How an image asks for a variable: as its version, or somehow. */
type Asked = "version" | "part";

function meaningOf(meaning: KeyMeaning, asked: Asked | undefined): KeyMeaning {
  if (asked === "version" && meaning.says === "nothing") return { says: "version", about: "", ofImage: true };
  return { ...meaning, ofImage: meaning.ofImage || asked !== undefined };
}

// What a slash follows is a registry's port.
const VARIABLE = /([:@])?\$\{?([A-Za-z_]\w{0,200})(?:[^{}]*\})?(\/)?/g;

function askedBeside(path: string, around: Surroundings): ReadonlyMap<string, Asked> {
  const variables = composeBeside(path, around).flatMap((line) => [...line.matchAll(VARIABLE)]);
  return new Map(
    variables.map(([, before, name = "", slash]): readonly [string, Asked] => [
      name,
      before === undefined || slash !== undefined ? "part" : "version",
    ]),
  );
}

function composeBeside(path: string, around: Surroundings): readonly string[] {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const files = around.list(folder).filter((file) => /(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/.test(file));
  return files
    .slice(0, 20)
    .flatMap((file) => (around.read(file) ?? "").split("\n").filter((line) => /^\s*image:/.test(line)));
}
