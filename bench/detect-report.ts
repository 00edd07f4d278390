import type { Label, Move, Outcome } from "./detect-score.ts";

/** How many labelled moves were found. */
type Recall = { readonly expected: number; readonly found: number; readonly recall: number };
/** How many labelled moves were found, and how many reports no label knows. */
export type Score = {
  readonly expected: number;
  readonly found: number;
  readonly recall: number;
  readonly strays: number;
  readonly precision: number;
};
export type Negatives = { readonly cases: number; readonly falseCases: number; readonly share: number };
type Apart = { readonly cases: number; readonly expected: number; readonly found: number; readonly reports: number };

export type Report = {
  readonly recall: number;
  readonly precision: number;
  readonly falseOnNegatives: number;
  readonly cases: { readonly positive: number; readonly negative: number };
  /** The same with the image's name, without its folders, where the label knows it. */
  readonly byImageName: { readonly expected: number; readonly found: number; readonly recall: number };
  readonly macroRecall: { readonly byKind: number; readonly byRepo: number };
  readonly byKind: Readonly<Record<string, Recall>>;
  readonly byRepo: Readonly<Record<string, Score & { readonly negatives: Negatives }>>;
  readonly byCategory: Readonly<Record<string, Negatives>>;
  readonly apart: Readonly<Record<"ciLike" | "soft" | "remoteRef" | "sameVersion", Apart>>;
};

/** The figures of the outcomes; what the corpus says to report apart is in no other figure. */
export function reportOf(outcomes: readonly Outcome[]): Report {
  const positives = outcomes.filter(({ of }) => of.label === "positive" && of.ci_like !== true && of.soft !== true);
  const negatives = outcomes.filter(({ of }) => of.label === "negative" && of.category !== "neg-remote-ref");
  const all = scoreOf(positives);
  const named = positives.flatMap(({ expected }) =>
    expected.filter(({ image, isSameVersion }) => image !== undefined && !isSameVersion),
  );
  const foundNamed = sum(positives.map(({ foundByName }) => foundByName));
  const byKind = kinds(positives);
  const byRepo = repos(positives, negatives);
  return {
    recall: all.recall,
    precision: precisionOf(all.found, all.strays + sum(negatives.map(({ reported }) => reported.length))),
    falseOnNegatives: negativesOf(negatives).share,
    cases: { positive: positives.length, negative: negatives.length },
    byImageName: { expected: named.length, found: foundNamed, recall: ratio(foundNamed, named.length) },
    macroRecall: { byKind: mean(Object.values(byKind)), byRepo: mean(Object.values(byRepo)) },
    byKind,
    byRepo,
    byCategory: Object.fromEntries(
      [...Map.groupBy(negatives, ({ of }) => of.category ?? "none")].map(([name, own]) => [name, negativesOf(own)]),
    ),
    apart: {
      ciLike: apartOf(outcomes.filter(({ of }) => of.ci_like === true && of.label === "positive")),
      soft: apartOf(outcomes.filter(({ of }) => of.soft === true)),
      remoteRef: apartOf(outcomes.filter(({ of }) => of.category === "neg-remote-ref")),
      sameVersion: sameVersionOf(outcomes),
    },
  };
}

function counted(labels: readonly Label[]): readonly Label[] {
  return labels.filter(({ isSameVersion }) => !isSameVersion);
}

// A version that stays is told apart, whether a label knows it or not.
function straysOf({ strays }: Outcome): readonly Move[] {
  return strays.filter(({ from, to }) => from !== to);
}

function scoreOf(outcomes: readonly Outcome[]): Score {
  const expected = sum(outcomes.map((one) => counted(one.expected).length));
  const found = sum(outcomes.map((one) => counted(one.found).length));
  const strays = sum(outcomes.map((one) => straysOf(one).length));
  return { expected, found, recall: ratio(found, expected), strays, precision: precisionOf(found, strays) };
}

function kinds(outcomes: readonly Outcome[]): Readonly<Record<string, Recall>> {
  const expected = Map.groupBy(
    outcomes.flatMap((one) => counted(one.expected)),
    kindOf,
  );
  const found = Map.groupBy(
    outcomes.flatMap((one) => counted(one.found)),
    kindOf,
  );
  return Object.fromEntries(
    [...expected]
      .toSorted(([, a], [, b]) => b.length - a.length)
      .map(([kind, labels]) => {
        const count = found.get(kind)?.length ?? 0;
        return [kind, { expected: labels.length, found: count, recall: ratio(count, labels.length) }];
      }),
  );
}

function kindOf({ kind }: Label): string {
  return kind.startsWith("cr:") ? "custom" : kind;
}

function repos(positives: readonly Outcome[], negatives: readonly Outcome[]): Report["byRepo"] {
  const names = new Set([...positives, ...negatives].map(({ of }) => of.repo));
  return Object.fromEntries(
    [...names].toSorted().map((repo) => [
      repo,
      {
        ...scoreOf(positives.filter(({ of }) => of.repo === repo)),
        negatives: negativesOf(negatives.filter(({ of }) => of.repo === repo)),
      },
    ]),
  );
}

/** Any report on a negative case makes it false. */
function negativesOf(outcomes: readonly Outcome[]): Negatives {
  const falseCases = outcomes.filter(({ reported }) => reported.length > 0).length;
  return { cases: outcomes.length, falseCases, share: outcomes.length === 0 ? 0 : falseCases / outcomes.length };
}

function apartOf(outcomes: readonly Outcome[]): Apart {
  return {
    cases: outcomes.length,
    expected: sum(outcomes.map(({ expected }) => expected.length)),
    found: sum(outcomes.map(({ found }) => found.length)),
    reports: sum(outcomes.map(({ reported }) => reported.length)),
  };
}

function sameVersionOf(outcomes: readonly Outcome[]): Apart {
  const same = (labels: readonly Label[]): number => labels.filter(({ isSameVersion }) => isSameVersion).length;
  return {
    cases: outcomes.filter(({ expected }) => same(expected) > 0).length,
    expected: sum(outcomes.map(({ expected }) => same(expected))),
    found: sum(outcomes.map(({ found }) => same(found))),
    reports: sum(outcomes.map(({ reported }) => reported.filter(({ from, to }) => from === to).length)),
  };
}

function precisionOf(found: number, strays: number): number {
  return ratio(found, found + strays);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(scores: readonly Recall[]): number {
  const counting = scores.filter(({ expected }) => expected > 0);
  return ratio(sum(counting.map(({ recall }) => recall)), counting.length);
}
