import type { Beside, Beyond } from "../core/snapshot.ts";
import { escaped, list } from "./markdown.ts";

const MOST_BESIDES = 20;
const MOST_NAMED = 10;

/** What a pull request does beyond bumping the images of members: paragraphs of Markdown, none where there is nothing. */
export function beyondText({ besides, unsteered, unfollowed, doubtful, uncompared }: Beyond): readonly string[] {
  return [
    ...(besides.length === 0
      ? []
      : [`It also changes what is no image, in files of what it bumps:\n\n${list(besides.map(item), MOST_BESIDES)}`]),
    ...(unsteered.length === 0
      ? []
      : [`It also bumps images that Tidegate does not steer, and that merging deploys at once: ${named(unsteered)}.`]),
    ...(unfollowed.length === 0
      ? []
      : [
          `Clusters may not follow this by themselves; its release would wait until they do:\n\n${list(unfollowed.map(item), MOST_BESIDES)}`,
        ]),
    ...(doubtful.length === 0
      ? []
      : [`To be settled before its release is relied on:\n\n${list(doubtful.map(item), MOST_BESIDES)}`]),
    ...(uncompared === undefined
      ? []
      : [
          `Not all of its files were looked into: ${escaped(uncompared)}. In a clone, tidegate change tells everything.`,
        ]),
  ];
}

// A word of ours begins: what a path begins with could begin a heading.
function item({ path, line, what }: Beside): string {
  return `line ${line} of ${escaped(path)}: ${escaped(what)}`;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => escaped(name));
  return names.length > MOST_NAMED
    ? `${shown.join(", ")} and ${names.length - MOST_NAMED} more`
    : shown.join(", ").replace(/, (?=[^,]*$)/, " and ");
}
