import { compareFiles, type ImageBump } from "../src/manifest/images/compare.ts";
import type { ImageSite, Span, Surroundings } from "../src/manifest/images/site.ts";
import type { Case } from "./detect-cases.ts";

/** A version that moved in a file, as a label or as a report says it. */
export type Move = {
  readonly path: string;
  readonly line: number;
  readonly image: string | undefined;
  readonly from: string;
  readonly to: string;
};

/** A labelled move, by what it counts for. `weight`: optional ones are neither missed nor false. */
export type Label = Move & {
  readonly kind: string;
  readonly text: string;
  readonly isOptional: boolean;
  readonly isSameVersion: boolean;
};

/** How one case went. */
export type Outcome = {
  readonly of: Case;
  readonly expected: readonly Label[];
  readonly found: readonly Label[];
  readonly missed: readonly Label[];
  /** Reported where neither a label nor an optional one says so. */
  readonly strays: readonly Move[];
  readonly reported: readonly Move[];
  /** Labels found when only image names without folders are compared, besides from and to. */
  readonly foundByName: number;
  readonly others: readonly string[];
};

/** Compares a case's files, and what is reported with what is expected, by path, from and to. */
export function judge(of: Case): Outcome {
  const [before, after] = [textsOf(of, "before"), textsOf(of, "after")];
  const comparison = compareFiles(before, after, { before: aroundOf(before), after: aroundOf(after) });
  const reported = comparison.bumps.flatMap((bump) => movesOf(bump, before, after));
  const labels = labelsOf(of);
  const expected = labels.filter(({ isOptional }) => !isOptional);
  const [found, missed] = matched(expected, reported);
  const [, strays] = matched(reported, labels);
  return {
    of,
    expected,
    found,
    missed,
    strays,
    reported,
    foundByName: matchedByName(expected, reported),
    others: comparison.others.map(({ kind, what }) => `${kind} ${what}`),
  };
}

function textsOf({ files }: Case, side: "before" | "after"): ReadonlyMap<string, string> {
  return new Map(
    files.flatMap((file) => {
      const text = file[side];
      return text === null ? [] : [[file.path, text] as const];
    }),
  );
}

function aroundOf(texts: ReadonlyMap<string, string>): Surroundings {
  return {
    read: (path) => texts.get(path),
    list: (folder) => [...texts.keys()].filter((path) => path.startsWith(folder === "" ? "" : `${folder}/`)),
  };
}

function labelsOf({ expected }: Case): readonly Label[] {
  return (expected ?? []).flatMap(({ image, from, to, optional, same_version: same, sites }) =>
    sites.map((site) => ({
      path: site.path,
      line: site.line_after ?? 0,
      kind: site.file_kind,
      text: site.text_after ?? "",
      image: image ?? undefined,
      from,
      to,
      isOptional: optional === true || site.optional === true,
      isSameVersion: same === true,
    })),
  );
}

type Texts = ReadonlyMap<string, string>;

// The labels are of lines: a tag and a digest on lines of their own are two moves there, and one bump here.
function movesOf({ before, after, image, from, to }: ImageBump, was: Texts, is: Texts): readonly Move[] {
  const at = { path: after.path, line: after.line, image };
  const [old, now] = [versionSpans(before), versionSpans(after)];
  if (old.length < 2 && now.length < 2) return [{ ...at, from, to }];
  const parts = now.flatMap((span) => {
    const same = old.find(({ holds }) => holds === span.holds);
    if (same === undefined) return [];
    return [{ ...at, from: textAt(was, before.path, same), to: textAt(is, after.path, span) }];
  });
  const moved = parts.filter((part) => part.from !== part.to);
  return moved.length > 0 ? moved : [{ ...at, from, to }];
}

function versionSpans({ spans }: ImageSite): readonly Span[] {
  return spans.filter(({ holds }) => holds !== "name");
}

function textAt(texts: Texts, path: string, { start, end }: Span): string {
  return texts.get(path)?.slice(start, end) ?? "";
}

function keyOf({ path, from, to }: Move): string {
  return JSON.stringify([path, from, to]);
}

// Every label takes one report, so that two places with the same move need two.
function matched<T extends Move>(
  expected: readonly T[],
  reported: readonly Move[],
  key: (move: Move) => string = keyOf,
): readonly [T[], T[]] {
  const free = new Map<string, number>();
  for (const move of reported) free.set(key(move), (free.get(key(move)) ?? 0) + 1);
  const [found, missed]: [T[], T[]] = [[], []];
  for (const label of expected) {
    const left = free.get(key(label)) ?? 0;
    (left > 0 ? found : missed).push(label);
    free.set(key(label), left - 1);
  }
  return [found, missed];
}

function matchedByName(expected: readonly Label[], reported: readonly Move[]): number {
  const named = expected.filter(({ image, isSameVersion }) => image !== undefined && !isSameVersion);
  const [found] = matched(named, reported, (move) => `${keyOf(move)} ${baseOf(move.image)}`);
  return found.length;
}

function baseOf(image: string | undefined): string {
  return image?.slice(image.lastIndexOf("/") + 1) ?? "";
}
