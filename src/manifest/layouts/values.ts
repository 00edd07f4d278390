import type { Result } from "../../core/result.ts";
import type { ImagePlace, Place } from "../../core/state.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { peekText } from "../../yaml/look.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Scalar, Tree } from "../../yaml/tree.ts";
import type { ImageSite } from "../images/site.ts";
import { aliasOf, leafAt, type Leaf } from "../leaf.ts";

/** What a chart's values files are given: the last of the stable release's, and the last of the canary release's. */
export type OwnedValues = {
  readonly stable: { readonly text: string; readonly at: ImagePlace };
  /** Undefined where the chart's values say no number of pods. */
  readonly canary: { readonly text: string; readonly at: Place } | undefined;
};

/** The owned files of values, in the folder of owned files. */
export const STABLE_VALUES = "stable-values.yaml";
export const CANARY_VALUES = "canary-values.yaml";

/** Whether a path is that of owned values. */
export function isOwnedValues(path: string): boolean {
  return /(?:^|\/)tidegate\/(?:.*\/)?(?:stable|canary)-values\.yaml$/.test(path);
}

/** Where the owned files are to be, and the keys to the number of pods, joined by dots; a key itself may have none. */
export type OwnedPaths = { readonly stable: string; readonly canary: string; readonly replicas: string | undefined };

/**
 * The owned values files of a chart that runs as two releases, for an image that a values file says. Stable's repeats the very scalars that a bump
 * changes, so that whatever a file before it says, what is rendered stays; the canary's has no pods yet.
 * Refused where repeating them would not pin the version: in the values that an object delivers with its chart, which are stronger, in a list, which Helm replaces as a whole, and beside aliases, which mean it elsewhere too.
 */
export function ownedValues(values: TextFile, site: ImageSite, paths: OwnedPaths): Result<OwnedValues, Refusal> {
  return attempt(() => {
    const source = readSource(values);
    refuseInline(source, site);
    const pins = site.spans.map((span) => pinOf(source, leafOf(source, span.start, span.end)));
    const { replicas } = paths;
    return {
      stable: {
        text: nested(pins),
        at: { path: paths.stable, at: site.where, image: undefined },
      },
      canary:
        replicas === undefined
          ? undefined
          : { text: nested([{ keys: replicas.split("."), text: "0" }]), at: { path: paths.canary, at: replicas } },
    };
  });
}

// Where each keeps the values that are stronger than any file.
const INLINE: ReadonlyMap<string, string> = new Map([
  ["argoproj.io Application", "helm.values, valuesObject and parameters"],
  ["argoproj.io ApplicationSet", "helm.values, valuesObject and parameters"],
  ["helm.toolkit.fluxcd.io HelmRelease", "spec.values"],
]);

function refuseInline(source: Source, { spans: [span] }: ImageSite): void {
  for (const tree of source.documents) {
    const [group = ""] = (peekText(tree, ["apiVersion"]) ?? "").split("/");
    const kind = peekText(tree, ["kind"]) ?? "";
    const stronger = INLINE.get(`${group} ${kind}`);
    const why = `${stronger} are stronger than every values file: move the image into one first`;
    if (stronger !== undefined)
      refuse(source, span?.start ?? 0, `an image among the values of the ${kind} itself`, why);
  }
}

/** One scalar: the keys that lead to it, and its text with its quotes. */
type Pin = { readonly keys: readonly string[]; readonly text: string };

function leafOf(source: Source, start: number, end: number): Leaf {
  const leaf = leafAt(source.documents, start, end);
  if (leaf === undefined) return refuse(source, start, quote(source.text.slice(start, end)), "only a value is pinned");
  const alias = aliasOf(leaf);
  if (alias !== undefined)
    refuse(source, start, `the anchor &${alias}`, "what means the version elsewhere is not pinned");
  if (source.text.slice(leaf.scalar.start, leaf.scalar.end).includes("\n"))
    refuse(source, start, "several lines", "what is pinned stands on one line");
  return leaf;
}

function pinOf(source: Source, { path, scalar, around }: Leaf): Pin {
  const [document, ...positions] = path;
  if (document !== 0 || source.documents.length !== 1) refuse(source, scalar, "a second document", "values are one");
  const keys = positions.map((position, depth) => keyAt(source, around[depth], position));
  return { keys, text: writtenAt(source, scalar) };
}

function keyAt(source: Source, tree: Tree | undefined, position: string | number): string {
  const entry = tree?.kind === "map" ? tree.entries[Number(position)] : undefined;
  if (entry !== undefined && tree?.oddity === undefined) return entry.key;
  return refuse(source, tree?.start ?? 0, "a list", "of two values files Helm takes the whole list of the last one");
}

// As it is written there, so that it is the same text or number to Helm.
function writtenAt({ text }: Source, { start, end }: Scalar): string {
  return text.slice(start, end);
}

/** The pins as one mapping, keys that they share written once. */
function nested(pins: readonly Pin[]): string {
  return linesOf(pins)
    .map((line) => `${line}\n`)
    .join("");
}

function linesOf(pins: readonly Pin[]): readonly string[] {
  const heads = [...new Set(pins.map(({ keys: [head = ""] }) => head))];
  return heads.flatMap((head) => {
    const own = pins.filter(({ keys }) => keys[0] === head);
    const leaf = own.find(({ keys }) => keys.length === 1);
    if (leaf !== undefined) return [`${keyText(head)}: ${leaf.text}`];
    return [
      `${keyText(head)}:`,
      ...linesOf(own.map(({ keys, text }) => ({ keys: keys.slice(1), text }))).map((line) => `  ${line}`),
    ];
  });
}

function keyText(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(key)
    ? key
    : JSON.stringify(key);
}
