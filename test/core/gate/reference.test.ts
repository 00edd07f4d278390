import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ratioInterval } from "../../../src/core/gate/interval.ts";
import { logMeanExp } from "../../../src/core/gate/mixture.ts";
import { logFactorial } from "../../../src/core/gate/poisson.ts";
import { BETS, betSums, exactSums, isInformative, logHybrid, RATIOS, type Tally } from "../../../src/core/gate/rate.ts";
import { reference, REFERENCE_FILE } from "./reference.ts";

const SHARED_FILE = new URL("../../../../shared/data/gates/reference.json", import.meta.url);

type Counted = { readonly k: readonly number[]; readonly m: readonly number[]; readonly rho: readonly number[] };

function tallies({ k, m, rho }: Counted): readonly Tally[] {
  return k
    .map((failed, window) => ({ failed, allFailed: m[window] ?? Number.NaN, share: rho[window] ?? Number.NaN }))
    .filter(isInformative);
}

function upTo({ k, m, rho }: Counted, window: number): readonly Tally[] {
  return tallies({ k: k.slice(0, window + 1), m: m.slice(0, window + 1), rho: rho.slice(0, window + 1) });
}

/** How far off a value is, relative to the expected one; absolute near 0. */
function error(value: number | undefined, expected: number): number {
  return Math.abs((value ?? Number.NaN) - expected) / Math.max(Math.abs(expected), 1e-3);
}

describe("to 1e-9 of the reference values", () => {
  it.each(reference.rate_grid_mixture.cases)("exact half: $name, tolerance $r0, dispersion $phi", (row) => {
    expect(RATIOS).toEqual(row.ratios);
    for (const [window, logE] of row.log_e.entries()) {
      const seen = row.log_e.length === row.k.length ? upTo(row, window) : tallies(row);
      expect(error(logMeanExp(exactSums(seen, RATIOS, row.r0), row.phi), logE)).toBeLessThanOrEqual(1e-9);
    }
  });

  it.each(reference.block_betting.cases)("betting half: $k of $m at $rho, tolerance $r0", (row) => {
    expect(BETS).toEqual(reference.block_betting.cs);
    expect(row.log_e).toHaveLength(row.k.length);
    for (const [window, logE] of row.log_e.entries()) {
      expect(error(logMeanExp(betSums(upTo(row, window), row.r0)), logE)).toBeLessThanOrEqual(1e-9);
    }
  });

  it.each(reference.hybrid.cases)("both halves: $k of $m at $rho, tolerance $r0, dispersion $phi", (row) => {
    const seen = tallies(row);
    const logE = logHybrid(logMeanExp(exactSums(seen, RATIOS, row.r0), row.phi), logMeanExp(betSums(seen, row.r0)));
    expect(error(logE, row.log_e_final)).toBeLessThanOrEqual(1e-9);
  });

  it.each(reference.ratio_confidence_sequence.cases)("interval of the ratio: $name", (row) => {
    const interval = ratioInterval(tallies(row), reference.ratio_confidence_sequence.alpha);
    expect(error(interval?.low, row.lo)).toBeLessThanOrEqual(1e-9);
    expect(error(interval?.high, row.hi)).toBeLessThanOrEqual(1e-9);
  });

  it.each(reference.min_canary_errors_when_stable_has_none)(
    "fewest canary errors that lift the exact half, at weight $weight",
    (row) => {
      const share = Number(row["weight"]);
      for (const tolerance of [1, 1.25]) {
        for (const bar of [20, 100]) {
          expect(fewestErrors(share, tolerance, bar)).toBe(row[`r0=${tolerance},E>=${bar}`]);
        }
      }
    },
  );

  it.each(reference.special.gammaln.filter(({ x }) => Number.isInteger(x)))("ln Γ($x)", ({ x, value }) => {
    expect(error(logFactorial(x - 1), value)).toBeLessThanOrEqual(1e-9);
  });
});

/** One failed canary request in each window, none of stable's, until the exact half reaches the bar. */
function fewestErrors(share: number, tolerance: number, bar: number): number {
  const reaches = (errors: number) => {
    const seen = Array.from({ length: errors }, () => ({ failed: 1, allFailed: 1, share }));
    return logMeanExp(exactSums(seen, RATIOS, tolerance)) >= Math.log(bar);
  };
  let errors = 1;
  while (!reaches(errors)) errors += 1;
  return errors;
}

describe("the copy of the reference values", () => {
  it.skipIf(!existsSync(SHARED_FILE))("is the shared one (skipped where ../shared is absent)", () => {
    expect(JSON.parse(readFileSync(REFERENCE_FILE, "utf8"))).toEqual(JSON.parse(readFileSync(SHARED_FILE, "utf8")));
  });
});
