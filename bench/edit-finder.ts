import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Scalar, type YAMLMap } from "yaml";

/** A place in a file that an edit should know, found without any code of the product: by what a full parse says and the plainest rules. */
export type Place = {
  readonly what: "image" | "weight";
  readonly start: number;
  readonly end: number;
  readonly text: string;
};

/** What a full parse of a file finds; undefined where the text does not parse, with or without the actions of templates in it. */
export function placesIn(text: string): readonly Place[] | undefined {
  const documents = parseAllDocuments(text, PARSING);
  const failed = documents.some(({ errors }) => errors.length > 0);
  if (failed && !text.includes("{{")) return undefined;
  const contents =
    failed || text.includes("{{") ? maskedContents(text) : documents.map((document) => document.contents);
  return contents?.flatMap((content) => placesBelow(content, [], text));
}

const PARSING = { uniqueKeys: false, logLevel: "silent", prettyErrors: false } as const;
const REFERENCE = /^[a-zA-Z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const VERSIONED = /^[^@]*:[\w][\w.-]*$|@sha256:[0-9a-f]{64}$|^[^@]*:[\w][\w.-]*@sha256:/;
const TAG = /^[\w][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const WEIGHT_KEYS = new Set([
  "setWeight",
  "stepWeight",
  "maxWeight",
  "stepWeightPromotion",
  "mirrorWeight",
  "maxTrafficWeight",
]);
const TRAFFIC_KINDS =
  /^(?:HTTPRoute|GRPCRoute|TCPRoute|TLSRoute|UDPRoute|VirtualService|TrafficSplit|TraefikService|IngressRoute|HTTPProxy|Mapping|ApisixRoute|VirtualRouter|Route|RouteTable|UpstreamGroup|ServiceSplitter|TrafficRoute|MeshHTTPRoute|MeshTCPRoute|Rollout|Canary|RouteGroup|StackSet|ServiceEntry|Service)$/;

const MASK = "Z";

// Actions give way to as many letters, and lines with nothing but actions to blanks.
function maskedContents(text: string): readonly unknown[] | undefined {
  const lines = text.replaceAll(/^[ \t]*(?:\{\{[^{}\n]*\}\}[ \t]*)+$/gm, (line) => " ".repeat(line.length));
  const masked = lines.replaceAll(/\{\{(?:(?!\}\})[\s\S])*\}\}/g, (action) =>
    "\u{1F}".repeat(action.length).replaceAll("\u{1F}", "Z"),
  );
  const documents = parseAllDocuments(masked, PARSING);
  return documents.some(({ errors }) => errors.length > 0) ? undefined : documents.map(({ contents }) => contents);
}

type Above = readonly { readonly key: string; readonly map: YAMLMap }[];

function placesBelow(node: unknown, above: Above, text: string): readonly Place[] {
  if (isSeq(node)) return node.items.flatMap((item) => [...imageItem(item, above), ...placesBelow(item, above, text)]);
  if (isScalar(node)) return textPlaces(node, text);
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    const here = [...above, { key: name, map: node }];
    if (isAlias(value) || /^(?:status|openAPIV3Schema)$/.test(name) || /affinity$/i.test(name)) return [];
    return [...imageAt(name, value, node), ...weightAt(here, value), ...placesBelow(value, here, text)];
  });
}

// Text in blocks that holds whole documents, read as it stands there.
function textPlaces(node: Scalar, text: string): readonly Place[] {
  if (node.type !== "BLOCK_LITERAL" || node.range === null || node.range === undefined) return [];
  const start = text.indexOf("\n", node.range[0]) + 1;
  const inner = text.slice(start, node.range[1]);
  if (!/^\s*[\w"'.-]+:|^\s*- /m.test(inner)) return [];
  return (placesIn(inner) ?? []).map((place) => ({ ...place, start: place.start + start, end: place.end + start }));
}

function imageAt(key: string, value: unknown, map: YAMLMap): readonly Place[] {
  if (!isScalar(value)) return [];
  const said = sourceOf(value);
  if (/^image$|[a-z]Image$/.test(key) && REFERENCE.test(said) && VERSIONED.test(said)) return place("image", value);
  if (key === "newTag" && TAG.test(said)) return place("image", value);
  if (key === "tag" && TAG.test(said) && hasText(map, "repository")) return place("image", value);
  if (key === "digest" && DIGEST.test(said) && (hasText(map, "name") || hasText(map, "repository")))
    return place("image", value);
  return [];
}

// Argo CD's `kustomize.images: [name=repository:tag]`.
function imageItem(item: unknown, above: Above): readonly Place[] {
  if (!isScalar(item) || above.at(-1)?.key !== "images") return [];
  const said = sourceOf(item).replace(/^[\w./-]+=/, "");
  return REFERENCE.test(said) && VERSIONED.test(said) ? place("image", item) : [];
}

function weightAt(here: Above, value: unknown): readonly Place[] {
  const last = here.at(-1);
  if (last === undefined || !isScalar(value)) return [];
  const { key } = last;
  const isNumber = /^\d+(?:\.\d+)?m?$/.test(sourceOf(value));
  const inTraffic = here.some(({ map }) => TRAFFIC_KINDS.test(String(map.get("kind"))));
  const isWeight = WEIGHT_KEYS.has(key) || key.endsWith("/canary-weight") || (key === "weight" && inTraffic);
  const isKnativeShare = key === "percent" && here.at(-2)?.key === "traffic";
  return isNumber && (isWeight || isKnativeShare) ? place("weight", value) : [];
}

function sourceOf(node: Scalar): string {
  return typeof node.value === "string" ? node.value : (node.source ?? "");
}

function hasText(map: YAMLMap, key: string): boolean {
  const value = map.get(key);
  return typeof value === "string" && value !== "";
}

function place(what: Place["what"], node: Scalar): readonly Place[] {
  const [start, end] = node.range ?? [0, 0];
  const said = sourceOf(node);
  return said.includes(MASK.repeat(4)) ? [] : [{ what, start, end, text: said }];
}
