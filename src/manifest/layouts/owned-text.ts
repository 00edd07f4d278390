import { pairLines, type Data, type Look } from "../data.ts";

const LOOK: Look = { step: 2, dash: 2, mark: '"', pad: " ", isJson: false };

/** The text of an owned file: one document for each object. */
export function ownedText(...objects: readonly { readonly [key: string]: Data }[]): string {
  return objects.map((object) => `${linesOf(object).join("\n")}\n`).join("---\n");
}

function linesOf(object: { readonly [key: string]: Data }): readonly string[] {
  return Object.entries(object).flatMap(([key, value]) => pairLines(key, value, LOOK));
}
