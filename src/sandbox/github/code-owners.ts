import { refTip } from "./repo.ts";
import type { Repo } from "./store.ts";

// where GitHub looks, the first one counts
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/** Who owns a path: people and `org/team`s, without the at sign; the last line that matches decides. */
export type Owners = (path: string) => readonly string[];

/** The owners of paths by the CODEOWNERS file of a branch; nobody owns anything where there is none. */
export async function codeOwners({ git }: Repo, branch: string): Promise<Owners> {
  const tip = await refTip(git, `refs/heads/${branch}`);
  for (const place of tip === undefined ? [] : PLACES) {
    const file = await git.objects.read(`${tip}:${place}`);
    if (file !== undefined) return ownersBy(file.content.toString());
  }
  return () => [];
}

/** The owners of paths by the text of a CODEOWNERS file. */
export function ownersBy(text: string): Owners {
  const lines = text
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [pattern = "", ...owners] = line.split(/\s+/);
      return { expression: expressionOf(pattern), owners: owners.map((owner) => owner.replace(/^@/, "")) };
    });
  return (path) => lines.findLast(({ expression }) => expression.test(path))?.owners ?? [];
}

// as in .gitignore, but that `*` at the end of a path does not descend
function expressionOf(pattern: string): RegExp {
  const isAnchored = pattern.replace(/\/$/, "").includes("/");
  const bare = pattern.replace(/^\//, "").replace(/\/$/, "");
  const body = bare
    .split(/(\*\*\/|\/\*\*$|\*\*|\*|\?)/)
    .map(partOf)
    .join("");
  const end = endOf(pattern);
  return new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${body}${end}$`);
}

function endOf(pattern: string): string {
  if (pattern.endsWith("/")) return "/.*";
  return pattern.endsWith("/*") ? "" : "(?:/.*)?";
}

function partOf(part: string): string {
  switch (part) {
    case "**/":
      return "(?:.*/)?";
    case "/**":
      return "/.*";
    case "**":
      return ".*";
    case "*":
      return "[^/]*";
    case "?":
      return "[^/]";
    default:
      return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  }
}
