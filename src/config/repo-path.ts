const LONGEST = 512;
// Git's own folder under any spelling, GitHub's (which only workflows and people write), and ours.
const RESERVED = /^(?:\.git|git~1)$/i;
const RESERVED_FIRST = /^\.(?:github|tidegate)$/i;

/** Whether text is the path of a file that Tidegate may read and write: relative, in normal form, in no folder that is reserved. */
export function isRepoPath(text: string): boolean {
  if (text.length > LONGEST || /[\p{Cc}\p{Cf}\\]/u.test(text)) return false;
  const parts = text.split("/");
  if (RESERVED_FIRST.test(parts[0] ?? "")) return false;
  return parts.every((part) => part !== "" && part !== "." && part !== ".." && !RESERVED.test(part));
}

/** The same for a file, or a folder with a slash at its end. */
export function isOwnedPath(text: string): boolean {
  return isRepoPath(text.endsWith("/") ? text.slice(0, -1) : text);
}
