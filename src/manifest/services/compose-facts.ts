import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Lines } from "./lines.ts";
import { entriesAt, hasKey, textAt } from "./node.ts";
import type { ContainerFact } from "./object-facts.ts";
import { baseOf } from "./paths.ts";

const NAME = /^(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml$|[._-]compose\.ya?ml$/i;

/** The services of a compose file that name an image; none where the file is no compose file. */
export function composeFacts(path: string, tree: Tree, lines: Lines): readonly ContainerFact[] {
  if (!NAME.test(baseOf(path)) || hasKey(tree, "apiVersion")) return [];
  return entriesAt(tree, ["services"]).flatMap(({ key, value }) => {
    const image = peek(value, ["image"]);
    if (image === undefined) return [];
    return [{ name: key, image: textAt(value, ["image"]), line: lines.at(image.start), isInit: false }];
  });
}
