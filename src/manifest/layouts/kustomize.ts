import { isName, type Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { ImagePlace, Place } from "../../core/state.ts";
import { entryAt, lookText } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Mapping } from "../../yaml/tree.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { insertItem, insertKey } from "../insert.ts";
import {
  ARMS,
  armsText,
  CANARY,
  canaryText,
  pinPlace,
  replicasPlace,
  SERVICE,
  serviceText,
  STABLE,
  stableText,
  type Named,
  type OverlayOptIn,
} from "./arms.ts";
import { ownedText } from "./owned-text.ts";

/** What opting in makes: the texts by path, what the canary and its Service are called in the owned files and in the cluster, and where the pin and the canary's replicas are written; the latter nowhere where Knative says how many there are. */
export type OptedIn = {
  readonly texts: ReadonlyMap<string, string>;
  readonly canary: { readonly written: Name; readonly rendered: Name };
  readonly stable: ImagePlace;
  readonly canaryReplicas: Place | undefined;
};

/**
 * Splits a Deployment or a Knative Service of an overlay into two arms. The one that is there stays as it is and becomes stable: its image is pinned by an owned entry under
 * `transformers:`, which runs after the `images:` and `patches:` of the same kustomization, whatever these say. The canary is a second Deployment whose
 * pod template is copied from it right before that, so that it follows what people change; its own labels, selector and replicas are put back last. Of a
 * Knative Service it is a Configuration with the template alone.
 * The kustomization gets two lines. Refused where it cannot be edited, or says that it is no overlay.
 */
export function optInOverlay(kustomization: TextFile, optIn: OverlayOptIn): Result<OptedIn, Refusal> {
  return attempt(() => {
    const named = namesOf(kustomization, optIn);
    const base = kustomization.path.slice(0, kustomization.path.lastIndexOf("/") + 1);
    const at = (name: string) => `${base}${optIn.folder}/${name}`;
    const replicas = replicasPlace(named, optIn);
    const texts = new Map([
      [kustomization.path, withOwnedEntries(kustomization, optIn.folder)],
      [at("kustomization.yaml"), ownKustomization(optIn)],
      [at(STABLE), stableText(named, optIn)],
      [at(CANARY), canaryText(named, optIn)],
      ...(optIn.ports === undefined ? [] : ([[at(SERVICE), serviceText(named, optIn, optIn.ports)]] as const)),
      [at(ARMS), armsText(named, optIn)],
    ]);
    return {
      texts,
      canary: { written: named.written.canary, rendered: named.rendered.canary },
      stable: { path: at(STABLE), at: pinPlace(named, optIn), image: undefined },
      canaryReplicas: replicas === undefined ? undefined : { path: at(CANARY), at: replicas },
    };
  });
}

/** The kustomization with the entries of an owned folder. Throws Refused where it cannot be edited. */
export function withOwnedEntries(
  kustomization: TextFile,
  folder: string,
  keys: readonly OwnedKey[] = ["resources", "transformers"],
): string {
  return keys.reduce((file, key) => withEntry(file, key, ownedEntry(key, folder)), kustomization).text;
}

/** The lists of a kustomization that have an entry of ours: what it takes in, and what is done to that last. */
export type OwnedKey = "resources" | "transformers";

/** What stands for an owned folder in a list. */
export function ownedEntry(key: OwnedKey, folder: string): string {
  return key === "resources" ? folder : `${folder}/${ARMS}`;
}

function namesOf(file: TextFile, { workload: { name } }: OverlayOptIn): Named {
  const { source, prefix, suffix } = affixesIn(file);
  const bare = writtenName(file, name);
  const called = (arm: string) => nameIn(source, `${bare}-${arm}`);
  const rendered = (arm: string) => nameIn(source, `${prefix}${bare}-${arm}${suffix}`);
  return {
    written: { canary: called("canary"), stable: called("stable") },
    rendered: { canary: rendered("canary"), stable: rendered("stable") },
  };
}

/** What an object is called in its file, where the kustomization that lists it gives it a name; what does not begin and end so gets no other. Throws Refused where it cannot be read. */
export function writtenName(kustomization: TextFile, name: string): string {
  const { prefix, suffix } = affixesIn(kustomization);
  return name.slice(
    name.startsWith(prefix) ? prefix.length : 0,
    name.endsWith(suffix) ? name.length - suffix.length : name.length,
  );
}

function affixesIn(file: TextFile): { readonly source: Source; readonly prefix: string; readonly suffix: string } {
  const { source, root } = overlayIn(file);
  const prefix = lookText(source, root, ["namePrefix"]) ?? "";
  return { source, prefix, suffix: lookText(source, root, ["nameSuffix"]) ?? "" };
}

function nameIn(source: Source, text: string): Name {
  if (isName(text)) return text;
  return refuse(source, 0, `the name ${quote(text)}`, "a name has at most 63 lower-case letters, digits and dashes");
}

function overlayIn(file: TextFile): { readonly source: Source; readonly root: Mapping } {
  const source = readSource(file);
  const [root, second] = source.documents;
  if (root?.kind !== "map" || second !== undefined)
    return refuse(file, 0, "no kustomization", "a kustomization is one document of keys");
  const kind = lookText(source, root, ["kind"]) ?? "Kustomization";
  if (kind !== "Kustomization") refuse(file, root, `a ${kind}`, "what is opted in is a kustomization that is rendered");
  return { source, root };
}

/** The kustomization with one more entry at the end of a list, which is added where it is missing. */
function withEntry(file: TextFile, key: string, entry: string): TextFile {
  const { source, root } = overlayIn(file);
  const at = { document: 0, path: [] };
  const draft =
    entryAt(root, key) === undefined
      ? insertKey(source, NO_EDIT, at, { key, value: [entry], slot: { kind: "after", keys: NEIGHBOURS } })
      : insertItem(source, NO_EDIT, { ...at, path: [key] }, { item: entry });
  return { path: file.path, text: edited(source, draft) };
}

// A list that is missing is added behind what usually goes before it.
const NEIGHBOURS = [
  "apiVersion",
  "kind",
  "metadata",
  "namespace",
  "namePrefix",
  "nameSuffix",
  "bases",
  "resources",
  "components",
  "generators",
  "patches",
  "patchesStrategicMerge",
  "patchesJson6902",
  "images",
  "replicas",
  "replacements",
];

function ownKustomization({ ports, objects }: OverlayOptIn): string {
  return ownedText({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: [STABLE, CANARY, ...(ports === undefined ? [] : [SERVICE]), ...objects],
  });
}
