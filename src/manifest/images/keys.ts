/** What a key says of its value, and what it is about: `sidecarImageTag` is a tag about `sidecar`. */
export type KeyMeaning = {
  readonly says: "image" | "perhaps" | "tag" | "digest" | "version" | "name" | "registry" | "chart" | "nothing";
  /** The rest of the key, in small letters. */
  readonly about: string;
  /** Whether the key itself says that it is about an image. */
  readonly ofImage: boolean;
};

// Endings in the order in which they are tried; each with what it says.
const ENDINGS: readonly (readonly [ending: string, says: KeyMeaning["says"], ofImage: boolean])[] = [
  ["imagetag", "tag", true],
  ["imagetagname", "tag", true],
  ["dockertag", "tag", true],
  ["containertag", "tag", true],
  ["newtag", "tag", true],
  ["tag", "tag", false],
  ["imagedigest", "digest", true],
  ["imagesha256", "digest", true],
  ["imagesha", "digest", true],
  ["digest", "digest", false],
  ["sha256", "digest", false],
  ["sha", "digest", false],
  ["chartversion", "chart", false],
  ["chart", "chart", false],
  ["imageversion", "version", true],
  ["version", "version", false],
  ["imagerepository", "name", true],
  ["imagerepo", "name", true],
  ["repository", "name", false],
  ["repo", "name", false],
  ["newname", "name", true],
  ["imageregistry", "registry", true],
  ["registry", "registry", false],
  ["imagename", "image", true],
  ["imagereference", "image", true],
  ["imageref", "image", true],
  ["imageuri", "image", true],
  ["imageurl", "image", true],
  ["imagepath", "image", true],
  ["baseimage", "image", true],
  ["image", "image", true],
];

const NOTHING: KeyMeaning = { says: "nothing", about: "", ofImage: false };
const PERHAPS: KeyMeaning = { says: "perhaps", about: "", ofImage: false };
const LONGEST = 100;

/** What a key says, whatever its spelling: `imageTag`, `image_tag`, `IMAGE-TAG`. A key that only speaks of images perhaps holds one. */
export function meaningOf(key: string): KeyMeaning {
  if (key.length > LONGEST || /\s/.test(key)) return NOTHING;
  const word = plainWord(key);
  const found = ENDINGS.find(([ending]) => word.endsWith(ending));
  if (found === undefined)
    return word.includes("image") && !word.endsWith("list") ? { ...PERHAPS, about: word } : NOTHING;
  const [ending, says, ofImage] = found;
  return { says, about: word.slice(0, word.length - ending.length), ofImage };
}

/** A key in small letters, without what joins its words. */
export function plainWord(key: string): string {
  return key.replace(/[-_.]/g, "").toLowerCase();
}

/** Whether what stands under a key is about an image: `image`, `images`, `sidecarImage`. */
export function isAboutImage(key: string): boolean {
  return /images?$/i.test(key);
}

/** Whether a tag or a version under a key is that of something else than an image. */
export function isAboutSource(key: string): boolean {
  return /^(?:git|ref|source|sourceref|chart|charts|helm|dependencies|collections|roles|modules|repo|log|logs|logging|tags|labels|dns|vlan|aws|selector)$/i.test(
    key,
  );
}
