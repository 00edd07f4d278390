import { withChildren, type Node } from "./ast.ts";
import { fold } from "./fold.ts";
import { countedEnough, filteredFirst, filteredLast, filterLength, mappedFilter } from "./rewrite-filters.ts";
import { combinedPredicates, countedAny, inRange, inSet, summedArray, summedMap, summedRange } from "./rewrites.ts";

// What runs is not what is written: the compiler that Argo uses rewrites the tree first. It matters here, because a rewritten
// tree evaluates fewer parts, and a part that would fail then does not. So the same is done, in the same order.
const BEFORE_FOLDING = [inSet];
const AFTER_FOLDING = [
  inRange,
  mappedFilter,
  filterLength,
  filteredLast,
  filteredFirst,
  combinedPredicates,
  summedRange,
  summedArray,
  summedMap,
  countedAny,
  countedEnough,
];

const MOST_FOLDS = 1000;

/** The checked tree as it is run. Throws Stopped where a whole number is divided by a written zero. */
export function optimized(tree: Node): Node {
  const prepared = BEFORE_FOLDING.reduce(everywhere, tree);
  return AFTER_FOLDING.reduce(everywhere, folded(prepared));
}

function folded(tree: Node): Node {
  let node = tree;
  for (let round = 0; round <= MOST_FOLDS; round += 1) {
    const next = everywhere(node, fold);
    if (isSame(next, node)) return next;
    node = next;
  }
  return node;
}

/** The tree rewritten from the leaves up. */
function everywhere(node: Node, rewrite: (node: Node) => Node | undefined): Node {
  let isChanged = false;
  const below = withChildren(node, (child) => {
    const next = everywhere(child, rewrite);
    isChanged ||= !isSame(next, child);
    return next;
  });
  const kept = isChanged ? below : node;
  return rewrite(kept) ?? kept;
}

function isSame(one: Node, other: Node): boolean {
  return one === other;
}
