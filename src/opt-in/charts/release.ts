import { isName, type Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import { rendered, type Charted } from "../../manifest/chart/render.ts";
import { valuesIn } from "../../manifest/chart/values.ts";
import type { Read } from "../../manifest/kustomize/evaluate.ts";
import type { Built } from "../../manifest/kustomize/object.ts";
import { itemsOf, type Values } from "../../manifest/kustomize/value.ts";
import { isUnder } from "../../manifest/services/paths.ts";
import { Refused, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import type { Ground } from "../model.ts";

/** A release of a chart of the repository, as the object that delivers it says. */
export type Release = {
  /** The chart's folder. */
  readonly chart: string;
  readonly name: string;
  readonly namespace: Name;
  /** The files of values in the order in which they count, the strongest last; the chart's own is none of them. */
  readonly files: readonly string[];
  /** All values in that order, those of the object itself among them. */
  readonly values: readonly Values[];
};

/** The owned texts of a chart that runs as two releases. */
export type Owned = {
  /** With a slash. */
  readonly folder: string;
  readonly stable: TextFile;
  readonly canary: TextFile;
  /** The template's objects. */
  readonly objects: readonly TextFile[];
};

/** What delivers a release, and how a second one comes to be delivered beside it. */
export type Bringer = {
  /** The Application or the HelmRelease. */
  readonly object: Built;
  readonly release: Release;
  /** The values of the object itself, which no file outweighs. */
  readonly inline: Values;
  /** The folder beside which the owned one is made. */
  readonly beside: string;
  /** The template's objects say the release's namespace, since nothing that delivers them does. */
  readonly namesNamespace: boolean;
  /** The files of people's that are edited, the owned ones, and what else is owned than the folder of values. Throws Refused. */
  readonly write: (owned: Owned) => {
    readonly texts: ReadonlyMap<string, string>;
    readonly besides: readonly string[];
  };
  /** The release as it is delivered where some texts are written, and the second one. Throws Refused. */
  readonly stable: (read: Read) => Release;
  readonly canary: (read: Read) => Release;
};

const SUFFIX = "-canary";
// Helm's own limit.
const LONGEST_RELEASE = 53;

/** What the canary's release is called. Throws Refused where no release can be called so. */
export function canaryRelease(object: Built, name: string): string {
  const called = `${name}${SUFFIX}`;
  if (called.length <= LONGEST_RELEASE && isName(called)) return called;
  return refuseAt(
    object,
    `the release ${name}`,
    `${called} is no name for a release: it has at most ${LONGEST_RELEASE} lower-case letters, digits and dashes`,
  );
}

/** What a release makes, by the files that `read` gives. */
export function renders(
  ground: Ground,
  read: Read,
  { chart, name, namespace, values }: Release,
): Result<Charted, Refusal> {
  const paths = [...ground.inventory.listing.keys()].filter((path) => isUnder(path, chart));
  return rendered({ folder: chart, paths, read }, { name, namespace, values });
}

/** The values of files, in their order. Throws Refused where one is missing or is none. */
export function valuesOf(read: Read, object: Built, paths: readonly string[]): readonly Values[] {
  return paths.map((path) => {
    const text = read(path);
    if (text === undefined) return refuseAt(object, `the values ${path}`, "no such file is in this repository");
    const values = valuesIn({ path, text });
    if (values.kind === "err") throw new Refused(values.error);
    return values.value;
  });
}

/** Throws Refused for an object. */
export function refuseAt({ path, line }: Built, found: string, why: string): never {
  throw new Refused({ path, line, found, why });
}

/** The items of a list that are texts; throws Refused for one of which a part is filled in elsewhere. */
export function plainTexts(object: Built, data: Values[string] | undefined): readonly string[] {
  return itemsOf(data).map((item) => {
    if (typeof item === "string" && !/[*{}]|\$[A-Z{]/.test(item)) return item;
    return refuseAt(object, "values whose place something fills in", "which files these are is not known here");
  });
}

/** Throws Refused where an object's file cannot be read. */
export function textFor(read: Read, object: Built): TextFile {
  const text = read(object.path);
  return text === undefined ? refuseAt(object, "its file", "it cannot be read") : { path: object.path, text };
}

/** Throws Refused at the beginning of a file. */
export function refuseFile(file: TextFile, found: string, why: string): never {
  return refuse(file, 0, found, why);
}
