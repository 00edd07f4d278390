const LONGEST = 4_096;
const DEEPEST = 50;

/** A path inside a repository that no git and no file system reads as anything else: relative, no `..`, no `.git` in any disguise, no control characters, no leading dash. */
export function isRepositoryPath(path: string): boolean {
  if (path === "" || path.length > LONGEST || path.startsWith("-")) return false;
  if (!path.isWellFormed() || /[\p{Cc}\\]/u.test(path)) return false;
  const segments = path.split("/");
  return segments.length <= DEEPEST && segments.every(isSegment);
}

function isSegment(segment: string): boolean {
  if (segment === "" || segment === "." || segment === "..") return false;
  // What some file systems ignore in a name: format characters, trailing dots and spaces; `git~1` is its short name on others.
  const seen = segment
    .replace(/\p{Cf}/gu, "")
    .replace(/[. ]+$/, "")
    .toLowerCase();
  return seen !== ".git" && !/^git~[0-9]+$/.test(seen);
}
