import type { Tally } from "../test/simulation/batch.ts";
import { PAIRS } from "../test/simulation/luck.ts";

export type Summary = {
  readonly seeds: number;
  readonly failed: number;
  readonly decisions: { readonly median: number; readonly least: number };
  readonly looksPerSeed: number;
  readonly cpuMsPerSeed: number;
  readonly pairs: readonly { readonly call: string; readonly trouble: string; readonly times: number }[];
  readonly seldom: readonly string[];
};

/** A pair that was met less often says little. */
const OFTEN = 100;

export function summaryOf({ seeds, decisions, looks, cpuMs, hits, failed }: Tally): Summary {
  const sorted = decisions.toSorted((a, b) => a - b);
  const met = new Map(hits);
  const pairs = PAIRS.map(([call, trouble]) => ({ call, trouble, times: met.get(`${call} × ${trouble}`) ?? 0 }));
  return {
    seeds,
    failed: failed.length,
    decisions: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, least: sorted[0] ?? 0 },
    looksPerSeed: rounded(looks / Math.max(1, seeds)),
    cpuMsPerSeed: rounded(cpuMs / Math.max(1, seeds)),
    pairs,
    seldom: pairs
      .filter(({ times }) => times < OFTEN)
      .map(({ call, trouble, times }) => `${call} × ${trouble}: ${times}`),
  };
}

export function summaryText(summary: Summary): string {
  const { seeds, failed, decisions, looksPerSeed, cpuMsPerSeed, seldom } = summary;
  return [
    tableText(summary),
    "",
    `${seeds} seeds, ${failed} of them broke a law`,
    `decisions a seed: median ${decisions.median}, least ${decisions.least}; looks ${looksPerSeed}; CPU ${cpuMsPerSeed} ms`,
    seldom.length === 0
      ? `every pair of a call and a fault was met at least ${OFTEN} times`
      : `met less than ${OFTEN} times:\n${seldom.map((pair) => `  ${pair}`).join("\n")}`,
    "",
  ].join("\n");
}

/** A row a fault, a column a call; a dot where the fault cannot meet the call. */
function tableText({ pairs }: Summary): string {
  const calls = [...new Set(pairs.map(({ call }) => call))];
  const troubles = [...new Set(pairs.map(({ trouble }) => trouble))];
  const times = new Map(pairs.map((pair) => [`${pair.call} ${pair.trouble}`, String(pair.times)]));
  const wide = Math.max(...troubles.map(({ length }) => length));
  const head = `${"".padEnd(wide)} ${calls.map((call) => short(call).padStart(7)).join("")}`;
  const rows = troubles.map((trouble) => {
    const cells = calls.map((call) => (times.get(`${call} ${trouble}`) ?? "·").padStart(7));
    return `${trouble.padEnd(wide)} ${cells.join("")}`;
  });
  return [head, ...rows].join("\n");
}

function short(call: string): string {
  return call.length <= 6 ? call : call.slice(0, 6);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
