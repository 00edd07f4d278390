/** The folder of a path; the root is the empty text. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at === -1 ? "" : path.slice(0, at);
}

/** The last name of a path. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The last name without its extension, if it is one of a text that people write manifests in. */
export function stemOf(path: string): string {
  return baseOf(path).replace(/\.(?:ya?ml|json|env)$/i, "");
}

/** The names of a folder, none for the root. */
export function segmentsOf(folder: string): readonly string[] {
  return folder === "" ? [] : folder.split("/");
}

/** A path below a folder. */
export function within(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** Whether a path is a folder, or lies in it. */
export function isUnder(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

/** Where a relative path leads from a folder; undefined where it leaves the repository or is none. A leading slash is the repository's root. */
export function resolvePath(folder: string, relative: string): string | undefined {
  if (relative === "" || /[\p{Cc}\\]/u.test(relative)) return undefined;
  const parts = relative.startsWith("/") ? [] : [...segmentsOf(folder)];
  for (const part of relative.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Whether text names something on another machine, as kustomize and Helm write it. */
export function isRemote(text: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:(?:\/\/|:)/i.test(text) ||
    /^[\w.-]+@[\w.-]+:/.test(text) ||
    /[?&]ref=/.test(text) ||
    /^(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)[/:]/.test(text)
  );
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The text as the name of a target: lower case, digits and dashes; "default" where nothing is left. */
export function targetName(text: string): string {
  const lower = text.toLowerCase();
  if (NAME.test(lower)) return lower;
  const dashed = lower.replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "");
  return dashed.slice(0, 63).replace(/-+$/, "") || "default";
}

/** Compares by code unit. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The texts without repetitions, sorted by code unit. */
export function sortedSet(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].toSorted(byText);
}
