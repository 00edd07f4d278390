import { peek, peekText } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { found, leftAlone, spanOf, writtenIn, type Ground } from "./ground.ts";
import { documentsOf } from "./parse.ts";
import { isVersion } from "./ref.ts";
import type { Surroundings } from "./site.ts";

/** Reads a chart's `appVersion`: an image's version exactly where the chart's templates take it for one and its values say no other. */
export function readChart(ground: Ground, documents: readonly Tree[], around: Surroundings): void {
  const chart = documents[0];
  const node = chart === undefined ? undefined : peek(chart, ["appVersion"]);
  const written = writtenIn(ground, node);
  if (chart === undefined || written === undefined || !isVersion(written.text)) return;
  const use = useOf(ground.file.path, around);
  if (use === "unseen") {
    return leftAlone(
      ground,
      written.start,
      `appVersion ${written.text}`,
      "the chart's templates say whether it is an image's version, and are not here",
    );
  }
  if (use === "none") return;
  const place = { up: undefined, key: "appVersion", of: chart };
  const object = `Chart ${peekText(chart, ["name"]) ?? ""}`.trim();
  found({ ...ground, object }, place, { image: use.image, version: written.text, spans: [spanOf(written, "tag")] });
}

/** The key of the values that a chart's `appVersion` stands in for, `image.tag`; undefined where no such key has a say. */
export function appVersionKey(path: string, around: Surroundings): string | undefined {
  const use = useOf(path, around);
  return typeof use === "string" ? undefined : use.key;
}

/** `key`: that of the values which counts more, where there is one. */
type Use = "unseen" | "none" | { readonly image: string | undefined; readonly key: string | undefined };

function useOf(path: string, around: Surroundings): Use {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const templates = around.list(`${folder}templates`).filter((file) => /\.(?:ya?ml|tpl|txt)$/.test(file));
  const lines = templates.flatMap((file) => (around.read(file) ?? "").split("\n"));
  if (templates.length === 0) return "unseen";
  const values = around.read(`${folder}values.yaml`);
  const tree = values === undefined ? undefined : documentsOf({ path: `${folder}values.yaml`, text: values })?.[0];
  for (const line of lines) {
    const use = line.includes(".Chart.AppVersion") ? useIn(line, tree) : "none";
    if (use !== "none") return use;
  }
  return "none";
}

const VALUE = /\.Values((?:\.\w+)+)/g;

// `{{ .Values.image.tag | default .Chart.AppVersion }}`, in an image or in a part of one; a label's version is none.
function useIn(line: string, values: Tree | undefined): Use {
  if (/^\s*(?:app\.kubernetes\.io|helm\.sh)\/|^\s*version:/.test(line)) return "none";
  const paths = [...line.matchAll(VALUE)].map(([, path = ""]) => path.slice(1).split("."));
  const tagged = paths.find((path) => /tag|version/i.test(path.at(-1) ?? ""));
  if (tagged === undefined)
    return /image|tag/i.test(line) ? { image: imageBeside(paths[0], values), key: undefined } : "none";
  const said = values === undefined ? undefined : peek(values, tagged);
  const isEmpty = said === undefined || (said.kind === "scalar" && (said.value === null || said.value === ""));
  return isEmpty ? { image: imageBeside(tagged, values), key: tagged.join(".") } : "none";
}

function imageBeside(path: readonly string[] | undefined, values: Tree | undefined): string | undefined {
  if (path === undefined || values === undefined) return undefined;
  const parent = path.slice(0, -1);
  return peekText(values, [...parent, "repository"]) ?? peekText(values, [...parent, "name"]);
}
