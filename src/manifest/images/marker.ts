import type { Ground } from "./ground.ts";

/** What a scalar holds whose line ends in a comment for Flux: `# {"$imagepolicy": "flux-system:app:tag"}`. */
export type Marked = "reference" | "name" | "tag" | "digest";

const MARKER = /^["']?[ \t]*,?[ \t]*#.*?\{\s*"\$imagepolicy"\s*:\s*"[^"\s:]+:([^"\s:]+)(?::(\w+))?"\s*\}/;

// A line may hold a whole file; a comment is short.
const LONGEST = 1000;

/** What the comment behind an offset of the file says that the value is; undefined where it says nothing. */
export function markedAs({ file: { text } }: Ground, end: number): Marked | undefined {
  const match = MARKER.exec(text.slice(end, end + LONGEST).split("\n", 1)[0] ?? "");
  // Charts come from registries as well, and a policy of theirs is called so.
  if (match === null || /chart$/i.test(match[1] ?? "")) return undefined;
  switch (match[2]) {
    case undefined:
      return "reference";
    case "name":
    case "tag":
    case "digest":
      return match[2];
    default:
      return undefined;
  }
}
