import { deltaBetween } from "../../../src/manifest/delta/delta.ts";
import type { Delta, Move } from "../../../src/manifest/delta/model.ts";
import type { Surroundings } from "../../../src/manifest/images/site.ts";
import { inventoryOf, type Files } from "../services/repo.ts";

/** What lies between two repositories. */
export function deltaOf(before: Files, after: Files): Delta {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...paths].filter((path) => before[path] !== after[path]);
  return deltaBetween({ before: sideOf(before, changed), after: sideOf(after, changed), unseen: [] });
}

function sideOf(files: Files, changed: readonly string[]) {
  const texts = new Map(
    changed.flatMap((path) => {
      const text = files[path];
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
  return { fleet: inventoryOf(files).fleet, texts, around: aroundOf(files) };
}

function aroundOf(files: Files): Surroundings {
  return {
    read: (path) => files[path],
    list: (folder) => Object.keys(files).filter((path) => path.startsWith(`${folder}/`)),
  };
}

/** A line for its kind, each bump, each bump of nobody (`?`) and each other change (`+`). */
export function told({ kind, bumps, loose, besides }: Delta): readonly string[] {
  return [
    kind,
    ...bumps.map(
      ({ service, target, set, effect, ...move }) =>
        `${service}/${target} ${moveText(move)} ${set.path}:${set.line}${effect === "runs" ? "" : ` ${effect}`}`,
    ),
    ...loose.map(({ set, ...move }) => `? ${moveText(move)} ${set.path}:${set.line}`),
    ...besides.map(({ kind: of, path, line, what }) => `+ ${of} ${path}:${line} ${what}`),
  ];
}

function moveText({ image, imageFrom, from, to }: Move): string {
  return `${image === imageFrom ? "" : `${imageFrom ?? "?"} => `}${image ?? "?"} ${from} -> ${to}`;
}
