import fc from "fast-check";
import { expect, it } from "vitest";
import type { Delta } from "../../../src/manifest/delta/model.ts";
import { readImages } from "../../../src/manifest/images/read.ts";
import { LAYOUTS } from "../services/layouts.ts";
import type { Files } from "../services/repo.ts";
import { deltaOf } from "./told.ts";

/** Some layouts side by side in one repository. */
const fleets = fc
  .subarray([...LAYOUTS], { minLength: 1, maxLength: 4 })
  .map((some): Files => Object.fromEntries(some.flatMap(([, files]) => Object.entries(files))));

const ALONE = { read: () => undefined, list: () => [] };

/** The repository with some of its versions moved, and perhaps a file that is no manifest. */
const bumped = fleets.chain((before) =>
  fc
    .record({ seed: fc.infiniteStream(fc.boolean()), besides: fc.constantFrom({}, { "README.md": "# Shop\n" }) })
    .map(({ seed, besides }) => {
      const after = Object.entries(before).map(([path, text]) => [path, movedText(path, text, seed)]);
      return { before, after: { ...Object.fromEntries(after), ...besides } as Files };
    }),
);

function movedText(path: string, text: string, seed: Iterator<boolean>): string {
  const spans = readImages({ path, text }, ALONE).sites.flatMap(({ spans: own }) => own);
  return spans
    .filter(({ holds }) => holds === "tag" || holds === "reference")
    .toSorted((a, b) => b.start - a.start)
    .reduce((now, { end }) => (seed.next().value === true ? `${now.slice(0, end)}-next${now.slice(end)}` : now), text);
}

/** Texts that say the same in other letters. */
const spellings = fc.constantFrom<(text: string) => string>(
  (text) => `# The shop's.\n${text}`,
  (text) => `${text}\n# The end.\n`,
  (text) => text.replaceAll("\n", "\r\n"),
  (text) => `---\n${text.replace(/^---\n/, "")}`,
);

function moves({ bumps, loose }: Delta): readonly string[] {
  return [...bumps, ...loose]
    .map(({ image, imageFrom, from, to }) => JSON.stringify([imageFrom, from, image, to]))
    .toSorted();
}

function backwards({ bumps, loose }: Delta): readonly string[] {
  return [...bumps, ...loose]
    .map(({ image, imageFrom, from, to }) => JSON.stringify([image, to, imageFrom, from]))
    .toSorted();
}

it("between a commit and itself lies nothing", () => {
  fc.assert(
    fc.property(fleets, (files) => {
      expect(deltaOf(files, { ...files })).toEqual({ kind: "none", bumps: [], loose: [], besides: [] });
    }),
    { numRuns: 30 },
  );
});

it("the order of files tells nothing", () => {
  fc.assert(
    fc.property(bumped, fc.infiniteStream(fc.nat()), ({ before, after }, dice) => {
      const shuffled = (files: Files): Files =>
        Object.fromEntries(
          Object.entries(files)
            .map((entry) => [dice.next().value ?? 0, entry] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, entry]) => entry),
        );
      expect(deltaOf(shuffled(before), shuffled(after))).toEqual(deltaOf(before, after));
    }),
    { numRuns: 60 },
  );
});

it("the way back is the way there, from the other side", () => {
  fc.assert(
    fc.property(bumped, ({ before, after }) => {
      const [there, back] = [deltaOf(before, after), deltaOf(after, before)];
      expect(backwards(back)).toEqual(moves(there));
      expect(back.kind).toBe(there.kind);
    }),
    { numRuns: 60 },
  );
});

it("every version that moves is told, and of nothing else is made a bump", () => {
  fc.assert(
    fc.property(bumped, ({ before, after }) => {
      const { kind, bumps, loose, besides } = deltaOf(before, after);
      const isMoved = Object.keys(before).some((path) => before[path] !== after[path]);
      const isMore = "README.md" in after;
      expect(kind).toBe(isMoved ? (isMore ? "mixed" : "bump") : "none");
      expect(bumps.length + loose.length > 0).toBe(isMoved);
      expect(besides.map(({ path }) => path)).toEqual(isMore ? ["README.md"] : []);
      expect(bumps.every(({ from, to }) => from !== to)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it("other letters for the same are never a bump", () => {
  fc.assert(
    fc.property(fleets, spellings, (before, spelling) => {
      const after = Object.fromEntries(Object.entries(before).map(([path, text]) => [path, spelling(text)]));
      const { kind, bumps, loose } = deltaOf(before, after);
      expect([kind, bumps, loose]).toEqual(["none", [], []]);
    }),
    { numRuns: 60 },
  );
});
