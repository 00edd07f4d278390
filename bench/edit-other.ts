/** Another version of the same make: a number stays a number, a digest a digest. */
export function otherVersion(version: string): string {
  const at = version.indexOf("@");
  if (at !== -1) return `${otherTag(version.slice(0, at))}@${otherDigest(version.slice(at + 1))}`;
  return /^[a-z0-9]+:[0-9a-f]{32,}$/.test(version) ? otherDigest(version) : otherTag(version);
}

/** Another weight, whole. */
export function otherWeight(weight: number): number {
  return weight === 51 ? 52 : 51;
}

// The last digit becomes another one from 1 to 9, so that no zero is lost at the end of a fraction.
function otherTag(tag: string): string {
  const last = tag.at(-1) ?? "";
  return /\d/.test(last) ? `${tag.slice(0, -1)}${((Number(last) + 1) % 9) + 1}` : `${tag}-x`.slice(-128);
}

function otherDigest(digest: string): string {
  return `${digest.slice(0, -1)}${digest.endsWith("0") ? "1" : "0"}`;
}
