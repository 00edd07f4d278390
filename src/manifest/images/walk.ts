import type { List, Mapping, Tree } from "../../yaml/tree.ts";
import { keyAbove, keyMeaning, writtenIn, type Ground, type Place } from "./ground.ts";
import { isAboutImage } from "./keys.ts";
import { readMapping, readSaid } from "./mapping.ts";
import { readReference } from "./reference.ts";
import type { Said } from "./said.ts";
import { referenceOf } from "./ref.ts";
import { openText } from "./embedded.ts";

/** Reads every image below a node, whatever it is part of. */
export function walk(ground: Ground, node: Tree, place: Place | undefined): void {
  if (node.kind === "map") walkMapping(ground, node, place);
  else if (node.kind === "list") walkList(ground, node, place);
  else if (node.kind === "scalar" && node.style === "block" && place !== undefined) openText(ground, node, place);
}

function walkMapping(ground: Ground, node: Mapping, up: Place | undefined): void {
  readMapping(ground, node, up);
  for (const { key, value } of node.entries) {
    if (value.kind === "alias" || (value.kind === "scalar" && value.style !== "block")) continue;
    const below = groundBelow(ground, key, value);
    if (below !== undefined) walk(below, value, { up, key, of: node });
  }
}

// What stands below some keys is another thing than what stands around them.
function groundBelow(ground: Ground, key: string, value: Tree): Ground | undefined {
  switch (key) {
    case "values":
    case "valuesObject":
    case "valuesInline":
    case "valuesContent":
      return { ...ground, trust: "values" };
    case "helm":
      return ground.kind === "argo-app" ? { ...ground, trust: "values" } : ground;
    case "elements":
      return ground.kind === "argo-app" ? { ...ground, trust: "values" } : ground;
    case "data":
    case "stringData":
      return ground.kind === "embedded" ? { ...ground, kind: "substitution" } : ground;
    case "substitute":
      return { ...ground, kind: "substitution", trust: "values" };
    // The chart of a release and the revision of a source are no images.
    case "chart":
    case "chartRef":
    case "sourceRef":
      return value.kind === "map" && ground.trust === "manifest" ? undefined : ground;
    default:
      return ground;
  }
}

function walkList(ground: Ground, list: List, up: Place | undefined): void {
  const named: Said[] = [];
  for (const [key, item] of list.items.entries()) {
    const place: Place = { up, key, of: list };
    const said = item.kind === "map" ? namedValue(ground, item, place) : sayingItem(ground, item, place);
    if (said !== undefined) named.push(said);
    walk(ground, item, place);
  }
  if (named.length > 0) readSaid(ground, named, "");
}

// `name: image.tag, value: 1.2.3`: a parameter of a chart, a variable; or with the image that it is where nobody says another.
function namedValue(ground: Ground, item: Mapping, up: Place): Said | undefined {
  const name = item.entries.find(({ key }) => key === "name")?.value;
  const value = item.entries.find(({ key }) => key === "value") ?? item.entries.find(({ key }) => key === "default");
  if (name?.kind !== "scalar" || typeof name.value !== "string" || value === undefined) return undefined;
  const meaning = keyMeaning(ground, name.value);
  if (meaning.says === "nothing" || (value.key === "default" && meaning.says !== "image")) return undefined;
  return { ...meaning, key: name.value, node: value.value, place: { up, key: value.key, of: item } };
}

/** An item of a list that is one text: an image of a list of images, or a literal `KEY=value`. */
function sayingItem(ground: Ground, item: Tree, place: Place): Said | undefined {
  const above = keyAbove(place);
  if (item.kind !== "scalar") return undefined;
  if (ARGUMENTS.has(above)) return readArgument(ground, item, place);
  if (above !== "literals" && !isAboutImage(above)) return undefined;
  const written = writtenIn(ground, item);
  if (written === undefined) return undefined;
  const at = written.text.indexOf("=");
  const from = written.start - ground.base + at + 1;
  const text = written.text.slice(at + 1);
  const node = plainAt(from, text);
  if (above === "literals") {
    return at === -1
      ? undefined
      : { ...keyMeaning(ground, written.text.slice(0, at)), key: written.text.slice(0, at), node, place };
  }
  if (referenceOf(text) !== undefined)
    readReference(ground, { ...keyMeaning(ground, "image"), key: "image", node, place });
  return undefined;
}

const ARGUMENTS: ReadonlySet<string> = new Set(["args", "command", "extraArgs", "additionalArgs"]);

// `--sidecar-image=acme/sidecar:1.2.3`: what a controller runs beside others.
function readArgument(ground: Ground, item: Tree, place: Place): undefined {
  const written = writtenIn(ground, item);
  const [flag, key] = /^--?([A-Za-z][\w.-]*)=/.exec(written?.text ?? "") ?? [];
  if (written === undefined || flag === undefined || key === undefined || !/image$/i.test(key)) return;
  const text = written.text.slice(flag.length);
  const node = plainAt(written.start - ground.base + flag.length, text);
  if (referenceOf(text) !== undefined) readReference(ground, { ...keyMeaning(ground, key), key, node, place });
}

/** A piece of text as a scalar of its own, at its offset. */
export function plainAt(start: number, text: string): Tree {
  return {
    kind: "scalar",
    start,
    end: start + text.length,
    oddity: undefined,
    style: "plain",
    value: text,
    source: text,
  };
}
