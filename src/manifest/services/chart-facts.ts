import type { Tree } from "../../yaml/tree.ts";
import { peek } from "../../yaml/look.ts";
import type { Lines } from "./lines.ts";
import { itemsAt, textAt } from "./node.ts";
import { folderOf } from "./paths.ts";

/** What a Chart.yaml says. */
export type ChartFact = {
  readonly folder: string;
  readonly name: string;
  readonly isLibrary: boolean;
  readonly appVersion: string | undefined;
  readonly appVersionLine: number;
  /** Charts that it brings along: their name in the values, and where they are. */
  readonly dependencies: readonly { readonly name: string; readonly repository: string }[];
};

/** The facts of a chart. */
export function chartFact(path: string, tree: Tree, lines: Lines): ChartFact {
  return {
    folder: folderOf(path),
    name: textAt(tree, ["name"]) ?? "",
    isLibrary: textAt(tree, ["type"]) === "library",
    appVersion: textAt(tree, ["appVersion"]),
    appVersionLine: lines.at(peek(tree, ["appVersion"])?.start ?? tree.start),
    dependencies: itemsAt(tree, ["dependencies"]).map((item) => ({
      name: textAt(item, ["alias"]) ?? textAt(item, ["name"]) ?? "",
      repository: textAt(item, ["repository"]) ?? "",
    })),
  };
}
