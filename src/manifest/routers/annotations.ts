import { peek } from "../../yaml/look.ts";
import { attempt, type TextFile } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import type { Entry, Mapping, Scalar, Tree } from "../../yaml/tree.ts";
import { offsetsIn } from "./json-text.ts";
import type { Spot } from "./site.ts";
import { spotsOf, textAt } from "./spots.ts";

/**
 * The weights in annotations: the canary's of NGINX and its kin as text, and, inside of JSON, those of the AWS load balancer's
 * actions and of Skipper's backends. JSON whose characters are not the file's own, one by one, is left alone.
 */
export function annotationSpots(file: TextFile, annotations: Mapping): readonly Spot[] {
  return annotations.entries.flatMap((entry) => spotsOfEntry(file, entry));
}

function spotsOfEntry(file: TextFile, { key, value }: Entry): readonly Spot[] {
  if (key.endsWith("/canary-weight")) return spotsOf(value, { path: [key], split: [key], backend: "canary" });
  if (/\/actions\./.test(key)) return jsonSpots(file, key, value, actionSpots);
  return key === "zalando.org/backend-weights" ? jsonSpots(file, key, value, backendWeights) : [];
}

function jsonSpots(file: TextFile, key: string, node: Tree, find: (json: Tree) => readonly Spot[]): readonly Spot[] {
  if (node.kind !== "scalar" || typeof node.value !== "string") return [];
  const json = jsonIn(file, node);
  const offset = offsetsIn(file, node);
  return (json === undefined ? [] : find(json)).map((spot) => {
    const [start, end] = [offset(spot.start), offset(spot.end)];
    const place = { path: [key, ...spot.path], split: [key, ...spot.split], backend: spot.backend };
    if (start !== undefined && end !== undefined) return { ...place, start, end, written: spot.written };
    return { ...place, start: node.start, end: node.end, written: undefined };
  });
}

// JSON is YAML, and what is none has no weights.
function jsonIn({ path }: TextFile, { value }: Scalar): Tree | undefined {
  const source = attempt(() => readSource({ path, text: String(value) }));
  return source.kind === "ok" ? source.value.documents[0] : undefined;
}

// The controller takes both spellings of the keys.
function actionSpots(json: Tree): readonly Spot[] {
  for (const [forward, groups, weight, name] of [
    ["ForwardConfig", "TargetGroups", "Weight", "ServiceName"],
    ["forwardConfig", "targetGroups", "weight", "serviceName"],
  ] as const) {
    const list = peek(json, [forward, groups]);
    if (list?.kind !== "list") continue;
    return list.items.flatMap((item, index) =>
      spotsOf(peek(item, [weight]), {
        path: [forward, groups, index, weight],
        split: [forward, groups],
        backend: textAt(item, [name]),
      }),
    );
  }
  return [];
}

function backendWeights(json: Tree): readonly Spot[] {
  if (json.kind !== "map") return [];
  return json.entries.flatMap(({ key, value }) => spotsOf(value, { path: [key], split: [], backend: key }));
}
