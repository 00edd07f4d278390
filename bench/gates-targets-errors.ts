import { SAME, UNEVEN, type Scenario } from "./gates-classes.ts";
import {
  atLeast,
  atMost,
  blockedIn,
  cellsOf,
  medianFigure,
  medianMinute,
  medianOf,
  ofKind,
  orNever,
  shareFigure,
  shareOf,
  sumOf,
  worstOf,
  type Bound,
  type Cell,
  type Figure,
} from "./gates-figures.ts";
import type { Played } from "./gates-job.ts";
import { KAYENTA, OURS_1, OURS_5 } from "./gates-methods.ts";
import { ORACLE_RATIO } from "./gates-plan.ts";

const ALPHAS = [
  { name: OURS_1, alpha: 0.01, mean: 0.002, worst: 0.01 },
  { name: OURS_5, alpha: 0.05, mean: 0.005, worst: 0.02 },
];

const DETECTED: readonly { readonly name: string; readonly least: number }[] = [
  { name: "x2", least: 0.35 },
  { name: "x5", least: 0.69 },
  { name: "x10", least: 0.78 },
  { name: "+5pp", least: 0.84 },
  { name: "all-fail", least: 0.995 },
];

/** Windows may be found in so few at so much traffic. */
const BUSY_RPM = 600;
const BUSY_WINDOWS = 2;

/** Full rollouts of the classes, those of the comparison with all methods. */
export function comparedCells(played: readonly Played[]): readonly Cell[] {
  return cellsOf(played).filter(({ job }) => job.methods === "all");
}

/** Target 1: identical releases that are blocked. The bounds are those of all classes together; one class by itself is held to alpha, which is the promise. */
export function falseBlocks(played: readonly Played[], isStandard: boolean): readonly Figure[] {
  const cells = comparedCells(played);
  return [SAME, UNEVEN].flatMap((scenario) =>
    ALPHAS.flatMap(({ name, alpha, mean, worst }) => {
      const counts = under(cells, scenario).map((cell) => [cell.job.service.name, blockedIn(cell, name)] as const);
      const [worstName, count] = worstOf(counts);
      const what = `${scenario.name}, ${name}`;
      return [
        shareFigure(sumOf(counts.map(([, one]) => one)), {
          target: 1,
          what: `${what}: mean of classes`,
          ...(isStandard && { bound: atMost(mean) }),
        }),
        shareFigure(count, {
          target: 1,
          what: `${what}: worst class (${worstName})`,
          bound: atMost(isStandard ? worst : alpha),
        }),
      ];
    }),
  );
}

/** Target 2: identical releases of the clustered class at 1 % that are blocked, by how many placebo releases there are. */
export function clusteredBlocks(played: readonly Played[]): readonly Figure[] {
  const groups = Map.groupBy(ofKind(played, "placebo"), ({ job }) => `${job.alpha} ${job.placebos}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { alpha, placebos } = first.job;
    const count = sumOf(group.map(({ job, hits }) => ({ hits, runs: job.to - job.from })));
    const what = `clustered at 1 %, alpha ${100 * alpha} %, ${placebos === 0 ? "no past" : `${placebos} placebo releases`}`;
    return [shareFigure(count, { target: 2, what, bound: atMost(placebos === 0 ? 0.04 : alpha) })];
  });
}

/** Target 3: regressions that are found in full rollouts of all classes. */
export function detections(played: readonly Played[], isStandard: boolean): readonly Figure[] {
  const cells = comparedCells(played);
  const bound = (one: Bound) => (isStandard ? one : undefined);
  return DETECTED.flatMap(({ name, least }) => {
    const found = cells.filter(({ job }) => job.scenario.name === name);
    const all = sumOf(found.map((cell) => blockedIn(cell, OURS_1)));
    const kayenta = shareOf(sumOf(found.map((cell) => blockedIn(cell, KAYENTA))));
    return [
      shareFigure(all, { target: 3, what: `${name} found, ${OURS_1}`, bound: bound(atLeast(least)) }),
      {
        target: 3,
        what: `${name} found, more than by the Kayenta-like judge`,
        unit: "share" as const,
        value: shareOf(all) - kayenta,
        // A dozen requests of which all fail are fewer than 1 % asks for and enough for a test that promises nothing over its looks.
        bound: bound(atLeast(name === "all-fail" ? least - 1 : 0)),
      },
      ...(name === "all-fail" ? [busiest(found, isStandard)] : []),
    ];
  });
}

/** The slowest median of classes with traffic enough. */
function busiest(cells: readonly Cell[], isStandard: boolean): Figure {
  const busy = cells.filter(({ job }) => job.service.rpm >= BUSY_RPM);
  const medianIn = (minutes: readonly number[]) => medianOf(minutes) ?? 0;
  const slowest = busy
    .map(({ blocked }) => orNever(blocked.get(OURS_1) ?? []))
    .toSorted((a, b) => medianIn(b) - medianIn(a));
  const what = `all-fail, slowest median of classes with ${BUSY_RPM} rpm and more`;
  const bound = isStandard ? atMost(BUSY_WINDOWS) : undefined;
  return medianFigure(slowest[0] ?? [], { target: 3, what, unit: "minutes", bound });
}

/** Target 4: one weight for an hour. */
export function singles(played: readonly Played[]): readonly Figure[] {
  const cells = cellsOf(played).filter(({ job }) => job.methods !== "all");
  const x2 = cells.filter(({ job }) => job.scenario.ratio === 2);
  const x5 = cells.filter(({ job }) => job.scenario.ratio === 5);
  const oracle = cells.filter(({ job }) => job.methods === "oracle");
  return [
    ...x2.map((cell) =>
      shareFigure(blockedIn(cell, OURS_5), {
        target: 4,
        what: "api-mid 5 %, alpha 5 %: x2 in 60 min",
        bound: atLeast(0.68),
      }),
    ),
    ...x5.map(({ blocked }) =>
      medianFigure(orNever(blocked.get(OURS_5) ?? []), {
        target: 4,
        what: "api-mid 5 %, alpha 5 %: x5, median",
        unit: "minutes",
        bound: atMost(4),
      }),
    ),
    ...oracle.map(({ job, blocked }) => ({
      target: 4,
      what: `api-mid ${100 * (job.weights[0] ?? 0)} %: x${ORACLE_RATIO}, median delay over the oracle's`,
      unit: "ratio" as const,
      value: gap(medianMinute(blocked.get(OURS_5) ?? []), medianMinute(blocked.get("oracle") ?? [])),
      bound: atMost(0.4),
    })),
  ];
}

function gap(ours: number | undefined, oracle: number | undefined): number | undefined {
  return ours === undefined || oracle === undefined ? undefined : (ours - oracle) / oracle;
}

function under(cells: readonly Cell[], { name }: Scenario): readonly Cell[] {
  return cells.filter(({ job }) => job.scenario.name === name);
}
